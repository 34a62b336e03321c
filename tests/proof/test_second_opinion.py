"""z3, with an encoding of its own, finds a gain in random worlds exactly where the engine does."""

from fractions import Fraction

import pytest
from hypothesis import Phase, given, settings
from proof.worlds import ACTIONS, engine_for, sides

from iamctl.proof.encoding import Reading

WORLDS = 200
MOST_UNKNOWN = 20
"""So many of about 2,500 questions z3 may leave open."""
EFFORT = 3_000_000
"""z3's own units of work for one question: no clock, so that a busy machine changes nothing."""
SHAPE = ("arn", "*", "*", "*", "*")
"""The first parts of every ARN that a request can be about; the last one may have colons."""


class Opinion:
    """Policies as formulas over one request: a text for the resource, and for each key whether it is there."""

    def __init__(self):
        z3 = pytest.importorskip("z3", reason="z3-solver is not installed; make test-all installs it")
        self.z3 = z3
        self.anything = z3.AllChar(z3.ReSort(z3.StringSort()))
        self.inner = z3.Diff(self.anything, z3.Re(":"))
        self.resource, self.k = z3.String("resource"), z3.String("k")
        self.mfa, self.n = z3.Bool("mfa"), z3.Real("n")
        self.present = {key: z3.Bool(f"{key} is there") for key in ("k", "aws:multifactorauthpresent", "n")}

    def of(self, old, new, action, reading):
        """Return True if some request is allowed by ``new`` and not by ``old``, False if none, None if unknown."""
        solver = self.z3.Solver()
        solver.set("rlimit", EFFORT)
        solver.add(
            self.is_request(), self.allowed(new, action, reading), self.z3.Not(self.allowed(old, action, reading))
        )
        return {"sat": True, "unsat": False}.get(str(solver.check()))

    def is_request(self):
        parts = [self.glob(part, self.inner) for part in SHAPE]
        arn = self.joined([*parts, self.z3.Star(self.anything)])
        return self.z3.Or(self.resource == "*", self.z3.InRe(self.resource, arn))

    def allowed(self, held, action, reading):
        z3, groups = self.z3, [held.policies, *held.ceilings]
        sets = [[one for document in group for one in document.statements] for group in groups]
        some = [z3.Or([self.matches(one, action, reading) for one in found if one.effect == "Allow"]) for found in sets]
        denies = [self.matches(one, action, reading) for found in sets for one in found if one.effect == "Deny"]
        return z3.And(*some, z3.Not(z3.Or(denies)))

    def matches(self, statement, action, reading):
        z3 = self.z3
        named = [z3.InRe(z3.StringVal(action.lower()), self.glob(one, self.anything)) for one in statement.actions]
        reached = [self.reaches(pattern, reading) for pattern in statement.resources]
        about = z3.Not(z3.Or(named)) if statement.negated_action else z3.Or(named)
        where = z3.Not(z3.Or(reached)) if statement.negated_resource else z3.Or(reached)
        return z3.And(about, where, *(self.holds(*part) for part in statement.condition))

    def reaches(self, pattern, reading):
        """Return whether a pattern matches the resource; the readings are those of the page on access."""
        z3, (*front, last) = self.z3, pattern.split(":", 5)
        if reading is Reading.GLOB or set(pattern) == {"*"}:
            return z3.InRe(self.resource, self.glob(pattern, self.anything))
        if len(front) < 5:
            front, last = [*front, last], None
        if reading is Reading.PARTS:
            whole = [self.glob(part, self.inner) for part in (*front, *["*"] * (5 - len(front)))]
            return z3.InRe(
                self.resource, self.joined([*whole, self.glob("*" if last is None else last, self.anything)])
            )
        whole = [self.reaching(part) for part in front]
        return z3.InRe(self.resource, self.joined(whole if last is None else [*whole, self.glob(last, self.anything)]))

    def reaching(self, part):
        """Return a part whose star at its end reaches over colons."""
        if not part.endswith("*"):
            return self.glob(part, self.inner)
        return self.sequence([self.glob(part[:-1], self.inner), self.z3.Star(self.anything)])

    def glob(self, pattern, character):
        z3 = self.z3
        signs = {"*": z3.Star(character), "?": character}
        return self.sequence([signs.get(sign, z3.Re(sign)) for sign in pattern])

    def joined(self, parts):
        return self.sequence([piece for part in parts for piece in (self.z3.Re(":"), part)][1:])

    def sequence(self, parts):
        return self.z3.Concat(*parts) if len(parts) > 1 else parts[0] if parts else self.z3.Re("")

    def holds(self, operator, key, values):
        z3, key = self.z3, key.lower()
        there = self.present[key]
        if operator == "Null":
            return z3.Or([z3.Not(there) if value == "true" else there for value in values])
        plain = operator.removesuffix("IfExists")
        positive = plain.replace("Not", "")
        met = z3.Or([self.compared(positive, value) for value in values])
        if plain != positive:
            return z3.Or(z3.Not(there), z3.Not(met))
        return z3.Or(z3.Not(there), met) if operator != plain else z3.And(there, met)

    def compared(self, operator, value):
        z3 = self.z3
        match operator:
            case "StringEquals":
                return self.k == value
            case "StringLike":
                return z3.InRe(self.k, self.glob(value, self.anything))
            case "Bool":
                return self.mfa == (value == "true")
            case "NumericEquals":
                return self.n == z3.Q(*Fraction(value).as_integer_ratio())
            case "NumericLessThan":
                return self.n < z3.Q(*Fraction(value).as_integer_ratio())
        raise AssertionError(operator)


@pytest.mark.exhaustive
def test_z3_finds_a_gain_exactly_where_the_engine_does():
    opinion, unknown, gains_seen = Opinion(), [], set()

    @settings(max_examples=WORLDS, database=None, phases=[Phase.generate])
    @given(sides(), sides())
    def agree(old, new):
        engine, before, after = engine_for(old, new)
        gains = engine.gains(before, after)
        for action in ACTIONS:
            bit = 1 << engine.universe.number(action)
            found = any(gain.actions & bit for gain in gains)
            said = []
            for reading in Reading:
                said.append(opinion.of(old, new, action, reading))
                if said[-1]:
                    break  # one reading is enough
            unknown.extend(one for one in said if one is None)
            gains_seen.add(found)
            if found and any(gain.exact for gain in gains if gain.actions & bit):
                assert not all(one is False for one in said), action
            elif any(said):
                assert found or any(gain.up_to & bit for gain in gains), action

    agree()
    assert gains_seen == {True, False}
    assert len(unknown) <= MOST_UNKNOWN
