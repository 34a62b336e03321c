"""Operations on MFA devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.iam.exceptions import DeleteConflictException, EntityAlreadyExists, LimitExceededException, NoSuchEntity
from moto.iam.models import MFADevice

from iamctl.sandbox import shapes
from iamctl.sandbox.account import SandboxUser, now
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEVICES = 8
"""MFA devices of one user. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html"""


class DeviceOperations(Operations):
    """What a user confirms a sign-in with."""

    named_user: Callable[[], SandboxUser]

    def holder(self, serial: str) -> SandboxUser | None:
        """Return the user that has a device enabled, or None."""
        return next((user for user in self.account.users.values() if serial in user.mfa_devices), None)

    def enable_mfa_device(self) -> None:
        """EnableMFADevice: assign a device to a user."""
        user, serial = self.named_user(), self.param("SerialNumber")
        if self.holder(serial) is not None:
            raise EntityAlreadyExists(f"MFA Device {serial} is already in use.")
        if ":mfa/" in serial and serial not in self.account.virtual_mfa_devices:
            raise NoSuchEntity(f"VirtualMFADevice with serial number {serial} doesn't exist.")
        if len(user.mfa_devices) >= MAX_DEVICES:
            raise LimitExceededException(f"Cannot exceed quota for MFADevicesPerUser: {MAX_DEVICES}")
        user.mfa_devices[serial] = device = MFADevice(serial, "", "")
        device.enable_date = now()

    def deactivate_mfa_device(self) -> None:
        """DeactivateMFADevice: take a device from a user; a virtual one stays in the account."""
        user, serial = self.named_user(), self.param("SerialNumber")
        if user.mfa_devices.pop(serial, None) is None:
            raise NoSuchEntity(f"MFA Device {serial} is not associated with user {user.name}.")

    def list_mfa_devices(self) -> dict[str, Any]:
        """ListMFADevices: return a page of the devices of a user."""
        user = self.named_user()
        devices, marks = page(self, user.mfa_devices.values())
        shown = [
            {"UserName": user.name, "SerialNumber": device.serial_number, "EnableDate": device.enable_date}
            for device in devices
        ]
        return {"MFADevices": shown} | marks

    def create_virtual_mfa_device(self) -> dict[str, Any]:
        """CreateVirtualMFADevice: return a new device, which is assigned to nobody."""
        account = self.account
        device = account.create_virtual_mfa_device(self.param("VirtualMFADeviceName"), self.param("Path") or "/")
        shown = {
            "SerialNumber": device.serial_number,
            "Base32StringSeed": device.base32_string_seed.encode(),
            "QRCodePNG": device.qr_code_png,
        }
        return {"VirtualMFADevice": shown}

    def delete_virtual_mfa_device(self) -> None:
        """DeleteVirtualMFADevice: remove a virtual device that is assigned to nobody."""
        serial = self.param("SerialNumber")
        if serial not in self.account.virtual_mfa_devices:
            raise NoSuchEntity(f"VirtualMFADevice with serial number {serial} doesn't exist.")
        if self.holder(serial) is not None:
            raise DeleteConflictException("Cannot delete a virtual MFA device that is assigned; deactivate it first.")
        del self.account.virtual_mfa_devices[serial]

    def list_virtual_mfa_devices(self) -> dict[str, Any]:
        """ListVirtualMFADevices: return a page of the virtual devices, all or by ``AssignmentStatus``."""
        status = self.param("AssignmentStatus") or "Any"
        holders = {serial: user for user in self.account.users.values() for serial in user.mfa_devices}
        of_root = frozenset(self.account.audit.get("RootVirtualMFADevices") or ())
        found = [
            serial
            for serial in sorted({*self.account.virtual_mfa_devices, *of_root})
            if status in {"Any", "Assigned" if serial in of_root or serial in holders else "Unassigned"}
        ]
        serials, marks = page(self, found)
        shown = []
        for serial in serials:
            device: dict[str, Any] = {"SerialNumber": serial}
            if serial in of_root:
                device["User"] = {"Arn": f"arn:{self.account.partition}:iam::{self.account.account_id}:root"}
            elif serial in holders:
                device["User"] = shapes.full_user(holders[serial])
                device["EnableDate"] = holders[serial].mfa_devices[serial].enable_date
            shown.append(device)
        return {"VirtualMFADevices": shown} | marks
