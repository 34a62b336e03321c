"""A plan with calls, a membership and risks, and its JSON."""

from datetime import UTC, datetime

from iamctl.account.live import Live
from iamctl.kinds import Group, Membership, User
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WANTED = (User(name="alice"), Group(name="dev"), Membership(group="dev", user="alice"))
PLAN = make_plan(
    Desired(Settings("prod", "123456789012"), "aws", State.of(WANTED)),
    Live("123456789012", "aws", State.of([Group(name="dev", group_id="AGPA1")])),
    now=NOW,
)
DATA = plan_json(PLAN, "1.2.3")
