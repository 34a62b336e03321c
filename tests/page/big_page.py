"""The facts of a page for an account of any size, without an account."""

from datetime import UTC, datetime, timedelta

from iamctl.access.row import Level
from iamctl.access.shares import Share
from iamctl.report.access_words import LEVELS
from iamctl.report.blocks import Line, Report, Section, Span
from iamctl.report.page import (
    Card,
    Edge,
    Page,
    PageCredentials,
    PageGroup,
    PageKey,
    PagePerson,
    PagePolicy,
    PageServices,
    Place,
    Sign,
    Tile,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def big_report(people, groups, changes, *, credentials=False):
    """Return a report with so many users with two groups each, of whom some change one of them."""
    title = Section("Plan for big (123456789012, aws)", ())
    calls = Section(
        "Calls", tuple(_line(f"{number} AddUserToGroup(UserName={_name(number)})") for number in range(changes))
    )
    changed = {number * (people // changes) for number in range(changes)} if changes else set()
    page = Page(
        created_at=NOW,
        tiles=(Tile("people", f"{people:,}", Place.MATRIX), Tile("groups", f"{groups:,}", Place.GROUPS)),
        rest=(title, calls),
        people=tuple(_person(number, groups, number in changed, credentials) for number in range(people)),
        groups=tuple(_group(number, people, groups) for number in range(groups)),
        policies=tuple(_policy(number, groups) for number in range(2 * groups)),
        services=_services(people, groups),
        cards=tuple(_card(number, position) for position, number in enumerate(sorted(changed))),
        access=tuple((_access(number, 1), _access(number, 3)) for number in range(changes)),
    )
    return Report({}, (title, calls), page=page)


def _name(number):
    return f"user-{number:05}"


def _line(text, style="", indent=1):
    return Line((Span(text, style),), indent)


def _person(number, groups, is_changed, credentials):
    kept, old, new = number % groups, (number + 7) % groups, (number + 11) % groups
    moved = (Edge(old, Sign.REMOVED), Edge(new, Sign.ADDED)) if is_changed else (Edge(old),)
    made = NOW - timedelta(days=number % 900)
    keys = (PageKey(True, made, made, True),) * (number % 2)
    held = PageCredentials(True, made, made, True, number % 3 > 0, keys) if credentials else PageCredentials()
    tags = {"team": f"team-{number % 40}", "email": f"{_name(number)}@example.com"}
    return PagePerson(_name(number), Sign.KEPT, "", "/people/", tags, (Edge(kept), *moved), (), (), held, is_changed)


def _group(number, people, groups):
    size = 2 * people // groups
    held = (Edge(number), Edge(groups + number))
    joining, leaving = (tuple(Edge(one.target, sign) for one in held) for sign in (Sign.ADDED, Sign.REMOVED))
    return PageGroup(f"group-{number:04}", Sign.KEPT, "", (size, size), held, joining, leaving)


def _policy(number, groups):
    if number < groups:
        return PagePolicy(f"policy-{number:04}", grants=_grants("s3", number))
    return PagePolicy("own (inline)", grants=_grants("sqs", number))


def _services(people, groups):
    """Return the services of all policies; every third person is limited, and one policy allows all services."""
    every = {word: tuple(f"service-{number:03}" for number in range(450)) for word in LEVELS.values()}
    one = Share(((Level.WRITE, ("service-007",)), (Level.READ, ("service-007",))))
    wide = Share(tuple((level, every[word]) for level, word in LEVELS.items()))
    return PageServices(
        levels=every,
        after=tuple(wide if number == 1 else one for number in range(2 * groups)),
        limited=({}, {1: one}),
        of_people=tuple((number % 3 == 0, number % 3 == 0) for number in range(people)),
    )


def _grants(service, number):
    return tuple(f"{service} {level}: an action on arn:aws:{service}:::thing-{number}/*" for level in ("write", "read"))


def _card(number, position):
    lines = (_line(f"+ joins group-{number % 300:04}", "create", 3), _line("- leaves group-0001", "delete", 3))
    return Card(_name(number), "~", "", "", lines, position)


def _access(number, times):
    """Return rows as a plan has them: every other one is about a policy that many people gain."""
    own = [_line(f"+ s3 write: PutObject on arn:aws:s3:::bucket-{number}/*", "create", 3)]
    shared = [_line(f"+ ec2 read: DescribeInstances and {one} more on every resource", "create", 3) for one in range(3)]
    return tuple([*own, *shared] * times)
