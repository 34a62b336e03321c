"""A dataclass that compiles its methods late is like one of ``dataclasses``, at each first use of a method."""

import copy
import dataclasses
import inspect
import pickle
from dataclasses import MISSING, FrozenInstanceError, field
from typing import ClassVar

import pytest

from iamctl.text import late_dataclass
from iamctl.text.late_dataclass import dataclass

OPTIONS = [
    {"frozen": True},
    {"frozen": True, "order": True},
    {"frozen": True, "eq": False},
    {"frozen": True, "kw_only": True},
    {},
    {"eq": False},
    {"order": True},
    {"slots": True},
]
VALUES = [{"b": 2, "a": 1}, {"b": 2, "a": 3}, {"b": 2, "a": 1, "c": "x", "d": [1], "e": 5, "self": 7}]


def of(made, **options):
    """Return a class with each sort of field, below another, as a decorator makes them."""

    @made(**options)
    class Base:
        a: int
        c: str = "c"

    @made(**options)
    class Sub(Base):
        """With its own docstring."""

        b: int = 0
        d: list = field(default_factory=list)
        e: int = field(default=3, compare=False, repr=False)
        f: int = field(default=4, init=False)
        g: list = field(default_factory=list, init=False)
        h: int = field(default=8, kw_only=True)
        self: int = 0
        _into_self: int = 1

        def __post_init__(this):  # noqa: N805 - a field has that name
            object.__setattr__(this, "f", this.a + this.b)

    return Base, Sub


def outcome(do):
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - the same of both
        return type(error), str(error).partition(" of ")[0]


def observed(sub):
    """Return what a class does at the use of each of its methods."""
    one, same, other, full = (sub(**values) for values in [VALUES[0], *VALUES])
    seen = [repr(one), repr(full), one == same, one == other, one != other, one == 1]
    seen += [outcome(lambda a=a, b=b: a < b) for a in (one, other) for b in (same, other)]
    seen += [outcome(lambda: hash(one) == hash(same)), outcome(lambda: len({one, same, other}))]
    seen += [outcome(lambda: setattr(one, "a", 5)), outcome(lambda: delattr(one, "b")), outcome(lambda: one.a)]
    seen += [outcome(lambda: dataclasses.replace(same, c="new").c), dataclasses.asdict(other), sub.__match_args__]
    seen += [outcome(sub), outcome(lambda: sub(1, 2, 3, 4, 5, 6, 7, 8)), copy.copy(full).d is full.d]
    signature = str(inspect.signature(sub)).replace(repr(dataclasses.MISSING), "<factory>")
    seen += [] if hasattr(sub, "__slots__") else [list(vars(one).items()), list(vars(full).items())]
    return [*seen, signature, sub.__doc__, [one.name for one in dataclasses.fields(sub)]]


@pytest.mark.parametrize("few", [0, 3, 1_000])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_class_does_as_one_of_dataclasses(options, few, monkeypatch):
    monkeypatch.setattr(late_dataclass, "_FEW", few)
    _, here = of(dataclass, **options)
    _, there = of(dataclasses.dataclass, **options)

    first, again = observed(here), observed(here)
    assert first == again == observed(there)


@pytest.mark.parametrize("few", [0, 1_000])
def test_fields_of_several_bases_are_in_the_order_of_dataclasses(few, monkeypatch):
    def made(dataclass):
        @dataclass
        class Top:
            a: int = field(default=1, kw_only=True)
            b: list = field(default_factory=list)

        @dataclass(kw_only=True)
        class Left(Top):
            c: ClassVar[int] = 5
            d: int = field(default=2, repr=False)

        @dataclass
        class Right(Top):
            b: int = 7
            e: int = field(default=3, init=False)

        class Between:
            f = 4

        @dataclass
        class Bottom(Left, Between, Right):
            f: int
            g: str = field(default="g", kw_only=False)

        return Bottom

    monkeypatch.setattr(late_dataclass, "_FEW", few)
    here, there = made(dataclass), made(dataclasses.dataclass)

    for how in [{}, {"a": 5, "g": "x"}, {"b": 8, "d": 9}]:
        assert list(vars(here(**how)).items()) == list(vars(there(**how)).items())
    assert [outcome(lambda cls=cls: vars(cls(1, 2, 3))) for cls in (here, there)] == [vars(there(1, 2, 3))] * 2

    def told(cls):
        return [(one.name, one.type, one.default, one.init, one.repr, one.kw_only) for one in dataclasses.fields(cls)]

    assert told(here) == told(there)


@dataclass(frozen=True, order=True)
class Kept:
    """Found by pickle."""

    a: int


def test_a_class_whose_init_never_ran_has_its_other_methods():
    made = [object.__new__(Kept), object.__new__(Kept)]
    for one in made:
        one.__dict__["a"] = 1

    assert made[0] == made[1]
    assert len({*made}) == 1
    assert not made[0] < made[1]
    with pytest.raises(FrozenInstanceError):
        made[0].a = 2
    assert pickle.loads(pickle.dumps(made[0])) == made[1]


def test_asking_whether_a_default_can_be_hashed_compiles_nothing(monkeypatch):
    made = []
    compiled = late_dataclass._compiled
    monkeypatch.setattr(late_dataclass, "_compiled", lambda *how: made.append(how[1]) or compiled(*how))

    @dataclass(frozen=True)
    class Value:
        a: int

    @dataclass(frozen=True)
    class Holder:
        value: Value = Value(1)

    class Counted(Value):
        def __hash__(self):
            return Value.__hash__(self) + 1

    assert dataclasses.replace(Holder(), value=Value(2)).value.a == 2
    assert made == []
    assert hash(Counted(1)) == hash(Value(1)) + 1
    assert made == ["__hash__(self)"]


def test_what_a_class_writes_itself_stays():
    @dataclass(frozen=True)
    class Own:
        a: int

        def __repr__(self):
            return "own"

        def __eq__(self, other):
            return True

        def __hash__(self):
            return 7

    assert (repr(Own(1)), Own(1) == Own(2), hash(Own(1))) == ("own", True, 7)


def test_a_class_without_special_fields_is_matched_and_told_of_like_one_of_dataclasses():
    def made(dataclass):
        @dataclass(frozen=True)
        class Base:
            a: int

        @dataclass(frozen=True)
        class Sub(Base):
            b: str = "b"

        return Sub

    here, there = made(dataclass), made(dataclasses.dataclass)

    def matched(cls):
        value = object.__new__(cls)
        value.__dict__.update(a=1, b="c")
        match value:
            case cls(a, b):
                return a, b

    assert matched(here) == matched(there) == (1, "c")
    assert dataclasses.is_dataclass(here)
    assert [(one.name, one.type) for one in dataclasses.fields(here)] == [("a", int), ("b", str)]
    assert dataclasses.fields(here)[1].default == "b"


def test_the_first_values_of_a_class_are_made_without_compiling(monkeypatch):
    def refuse(*_, **__):
        pytest.fail("compiled")

    def made(dataclass):
        @dataclass
        class Base:
            kind: ClassVar[str] = "base"
            noun: "ClassVar[str]" = "base"
            a: int
            b: str = "b"

        @dataclass
        class Sub(Base):
            b: str = "sub"
            c: int = 3

            def __post_init__(self):
                self.total = self.a + self.c

        return Sub

    here, there = made(dataclass), made(dataclasses.dataclass)
    monkeypatch.setattr(late_dataclass, "_compiled", refuse)

    for given in [{"a": 1}, {"a": 1, "c": 5}, {"c": 5, "b": "x", "a": 1}]:
        assert vars(here(**given)) == vars(there(**given))
    assert vars(here(1, "y", 2)) == vars(there(1, "y", 2))


@pytest.mark.parametrize(
    ("args", "given"),
    [
        ((), {}),
        ((1, 2, 3, 4), {}),
        ((1,), {"a": 2}),
        ((1,), {"z": 2}),
        ((), {"b": 2}),
        ((1, 2), {"b": MISSING}),
        ((1, 2), {"d": 4}),
        ((), {"c": 1}),
    ],
)
def test_wrong_arguments_are_refused_as_by_dataclasses(args, given):
    def made(dataclass):
        @dataclass(frozen=True)
        class Pair:
            a: int
            b: int
            c: int = 5
            d: list = field(default_factory=list, init=False)

        return Pair

    messages = []
    for cls in (made(dataclass), made(dataclasses.dataclass)):
        with pytest.raises(TypeError) as caught:
            cls(*args, **given)
        messages.append(str(caught.value).partition("__init__")[2])
    assert messages[0] == messages[1]


def test_importing_a_class_finds_no_fields_and_compiles_nothing(monkeypatch):
    def refuse(*_, **__):
        pytest.fail("too early")

    monkeypatch.setattr("iamctl.text.late_dataclass._find_fields", refuse)
    monkeypatch.setattr("iamctl.text.late_dataclass._compiled", refuse)

    @dataclass(frozen=True, order=True)
    class Made:
        a: int
        b: str = "b"
        c: int = field(default=3, compare=False)
        d: list = field(default_factory=list)

    one = Made(1)
    assert (Made.b, Made.c, hasattr(Made, "d")) == ("b", 3, False)
    assert vars(one) == {"a": 1, "b": "b", "c": 3, "d": []}
    assert Made(1).d is not one.d


def test_importing_a_class_with_defaults_that_are_made_compiles_nothing(monkeypatch):
    def refuse(*_):
        pytest.fail("compiled")

    monkeypatch.setattr(dataclasses, "_create_fn", refuse, raising=False)
    monkeypatch.setattr("iamctl.text.late_dataclass._compiled", refuse)

    of(dataclass, frozen=True, order=True)


def test_a_method_is_compiled_once(monkeypatch):
    made = []
    compiled = late_dataclass._compiled
    monkeypatch.setattr(late_dataclass, "_compiled", lambda *how: made.append(how[1]) or compiled(*how))

    @dataclass(frozen=True)
    class One:
        a: int

    assert len({One(1), One(2)} & {One(1), One(3)}) == 1
    assert made == ["__hash__(self)", "__eq__(self, other)"]
    assert [One(number).a for number in range(100)] == [*range(100)]
    assert made == ["__hash__(self)", "__eq__(self, other)", "__init__(self, a)"]


def test_making_a_frozen_value_calls_nothing():
    @dataclass(frozen=True)
    class Made:
        a: int
        b: str = "b"

    made = [Made(number) for number in range(100)]
    assert vars(made[2]) == vars(made[99]) | {"a": 2} == {"a": 2, "b": "b"}
    assert Made.__init__.__code__.co_names == ("__dict__",)
