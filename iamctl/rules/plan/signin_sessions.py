"""Sign-in sessions of users who lose every way in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from iamctl.comparison.leavers import leavers, live_name
from iamctl.kinds.signin_session import SessionRead, Unread
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

_WHY: Mapping[Unread, str] = {
    Unread.PARTITION: "AWS Sign-In lists none in this partition",
    Unread.BOTOCORE: "this version of botocore does not know them; install boto3 1.44.8 or later",
}
_NOT_INCLUDED = "the live state does not include them"


@rule(
    "IAM459",
    Severity.INFO,
    source="https://docs.aws.amazon.com/boto3/latest/reference/services/signin/client/list_sessions.html",
)
def sessions_of_leavers_are_known(review: Review) -> Iterator[Hit]:
    """The sign-in sessions of users who are deleted or lose their password are known."""
    unread: defaultdict[str, list[str]] = defaultdict(list)
    for user in leavers(review.scoped, review.changes, review.now):
        read = review.live.session_reads.get(live_name(user, review.scoped.desired, review.live.state))
        if read is None or read.unread is not None:
            unread[_why(read)].append(user.name)
    for why, names in sorted(unread.items()):
        message = f"the sign-in sessions of {counted(len(names), 'user')} were not looked at, so none is revoked"
        yield Hit(None, f"{message}: {some(sorted(names))}; {why}", facts=tuple(sorted(names)))


def _why(read: SessionRead | None) -> str:
    if read is None or read.unread is None:
        return _NOT_INCLUDED
    return _WHY.get(read.unread, read.text or "AWS did not answer")
