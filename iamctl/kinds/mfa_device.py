"""An MFA device of a user: enrolled by the user, taken away only with the user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.credentials import held_credentials
from iamctl.model import Address, Operations, Phase, Resource, State, Step
from iamctl.model.access_change import DeviceChange
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.settings import Settings
    from iamctl.model.snapshot import Snapshot


def unassigned_devices(snapshot: Snapshot) -> frozenset[str] | None:
    """Return the serial numbers of the virtual devices that belong to nobody, None where nobody asked for them."""
    if "virtual_mfa_devices" not in snapshot:
        return None
    held = {
        device["SerialNumber"]
        for facts in snapshot.get("credentials", {}).values()
        for device in facts.get("MFADevices", ())
    }
    devices = snapshot["virtual_mfa_devices"]
    return frozenset(device["SerialNumber"] for device in devices if not device.get("UserName")) - held


@dataclass(frozen=True, kw_only=True)
class MfaDevice(Resource):
    """A virtual device, a passkey, a security key or a hardware token.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html
    """

    kind: ClassVar[str] = "mfa-device"
    title: ClassVar[str] = "MFA devices"
    noun: ClassVar[str] = "MFA device"
    operations: ClassVar[Operations] = Operations(
        delete=("DeactivateMFADevice", "DeleteVirtualMFADevice"), is_deleted_alone=False
    )
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"

    user: str
    serial: str
    is_active: bool = True
    """Whether the user signs in with it; a virtual device that is not active belongs to nobody and has their name."""

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.user, self.serial)

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for name, held in held_credentials(snapshot):
            for serial in held.mfa_devices or ():
                yield cls(user=name, serial=serial)
        names = {user["UserName"].lower(): user["UserName"] for user in snapshot.get("UserDetailList", ())}
        for serial in sorted(unassigned_devices(snapshot) or ()):
            if owner := names.get(serial.rsplit("/", 1)[-1].lower()):
                yield cls(user=owner, serial=serial, is_active=False)

    @classmethod
    def resolved_against_live(cls, desired: State, live: State, _now: datetime, _settings: Settings) -> Iterator[Self]:
        """Yield all devices of the users that stay: nobody but their owner takes them away."""
        return (device for device in live.of_kind(cls) if Address.of("user", device.user) in desired)

    def to_json(self) -> dict[str, Any]:
        return {"user": self.user, "serial": self.serial}

    def delete_steps(self) -> Iterator[Step]:
        if self.is_active:
            params = {"UserName": self.user, "SerialNumber": self.serial}
            effects = (DeviceChange(self.user, self.serial, after=False),)
            yield Step("DeactivateMFADevice", params, Phase.DELETE, uses=self.references, effects=effects)
        if ":mfa/" in self.serial:  # hardware tokens and security keys have no object of their own
            yield Step("DeleteVirtualMFADevice", {"SerialNumber": self.serial}, Phase.DELETE, uses=self.references)
