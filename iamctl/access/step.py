"""One step to more access."""

from __future__ import annotations

from iamctl.access.held import HeldPolicy
from iamctl.access.ways import On, Way
from iamctl.model import Address
from iamctl.text.late_dataclass import dataclass

_OWN = (On.SELF, On.SELF_ROLE)


@dataclass(frozen=True)
class Step:
    """A way that somebody can go."""

    way: Way
    actions: tuple[str, ...]
    """The actions that are allowed, one for each need."""
    target: Address | None
    """What they are on; None for something that the account does not have or that is not one thing."""
    by: HeldPolicy | None
    """The policy that allows the first action; None where a role's trust is enough."""
    is_certain: bool = True
    """Whether it goes whatever is not known."""
    is_proved: bool = True
    """Whether it goes in some context; if not, it depends on what nobody knows."""
    others: tuple[HeldPolicy | None, ...] = ()
    """The policies that allow the further actions, one for each; empty where ``by`` allows all of them."""
    through: tuple[Address, ...] = ()
    """Roles that the service of the way may use, where something with such a role must exist."""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells a step from others, however it is allowed."""
        return (*self.kind, "" if self.way.needs[0][0] in _OWN else str(self.target or ""))

    @property
    def kind(self) -> tuple[str, ...]:
        """What tells it from others on whatever target."""
        return (self.way.gives.name, *self.actions)
