"""Dataclasses whose methods are compiled when they are first called; ``__init__`` once a class has many values.

``dataclasses.dataclass`` looks at the fields of each class and compiles six methods while its module is imported, which
takes a millisecond. A command imports two hundred classes, makes values of half of them, and compares or shows few.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from functools import partial
from reprlib import recursive_repr
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

_FIELDS, _MATCH_ARGS = "__dataclass_fields__", "__match_args__"
_FEW = 40
"""So many values are made before the method that makes them is compiled, which takes as long as about a hundred."""
_MADE = object()
"""Stands for a value that a default factory makes."""
_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - it is imported from here
else:

    def dataclass(
        cls: type | None = None,
        /,
        *,
        frozen: bool = False,
        eq: bool = True,
        order: bool = False,
        kw_only: bool = False,
        slots: bool = False,
    ) -> Any:
        """Return a class with the methods of a dataclass, or the decorator that returns it.

        The classes differ from those of ``dataclasses`` only in the time they take. All dataclasses among the bases of
        one must be made here, and none may have an ``InitVar``.
        """
        how = {"eq": eq, "order": order, "kw_only": kw_only}
        if slots:  # such a class is made anew
            return dataclasses.dataclass(cls, frozen=frozen, slots=True, **how)
        return partial(_decorated, frozen=frozen, **how) if cls is None else _decorated(cls, frozen=frozen, **how)


def _decorated(cls: type, *, frozen: bool, eq: bool, order: bool, kw_only: bool) -> type:
    own = {name for name, value in vars(cls).items() if (name, value) != ("__hash__", None)}
    setattr(cls, _FIELDS, _LateFields(cls, _without_special(cls), kw_only=kw_only))
    setattr(cls, _MATCH_ARGS, _Late(cls, _MATCH_ARGS, _match_args))
    compiled = ({"__eq__": _eq} if eq else {}) | ({"__hash__": _hash} if eq and frozen else {})
    compiled |= {name: _comparison(name, _ORDER[name]) for name in _ORDER if order}
    methods: dict[str, Any] = {name: _Late(cls, name, compile_) for name, compile_ in compiled.items()}
    methods["__init__"] = _LateInit(cls, frozen=frozen)
    methods["__repr__"] = _repr
    if frozen:
        methods |= {"__setattr__": _setattr(cls), "__delattr__": _delattr(cls)}
    elif eq:
        methods["__hash__"] = None
    for name, method in methods.items():
        if name not in own:
            setattr(cls, name, method)
    return cls


def _without_special(cls: type) -> dict[str, Field[Any]]:
    """Return the values of a class that ``field`` made, and replace them in the class by their defaults."""
    special = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
    for name, value in special.items():
        if value.default is MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, value.default)
    return special


class _Late:
    """What replaces itself in its class when it is first looked up; threads at once make the same."""

    def __init__(self, cls: type, name: str, make: Callable[[type], Any]) -> None:
        self._cls, self._name, self._make = cls, name, make

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None and self._name == "__hash__":
            return lambda one: self.__get__(one, owner)()  # dataclasses only asks whether a default has one
        made = self._make(self._cls)
        setattr(self._cls, self._name, made)
        return made.__get__(instance, owner) if isinstance(made, FunctionType) else made


class _LateFields(_Late):
    """The fields of a class, which ``dataclasses`` finds; most classes of a command are never asked for them."""

    def __init__(self, cls: type, special: dict[str, Field[Any]], *, kw_only: bool) -> None:
        super().__init__(cls, _FIELDS, partial(_find_fields, special=special, kw_only=kw_only))
        self.special, self.kw_only = special, kw_only


class _LateInit(_Late):
    """Makes the first few values of a class without compiled code: most classes of a command have no more of them."""

    def __init__(self, cls: type, *, frozen: bool) -> None:
        super().__init__(cls, "__init__", partial(_init, frozen=frozen))
        self._frozen = frozen
        self._left = _FEW
        self._blank: dict[str, Any] = {}
        """All values in their order, before any is given."""
        self._positional: tuple[str, ...] = ()
        self._makes: tuple[tuple[str, Callable[[], Any]], ...] = ()
        self._never_given: frozenset[str] = frozenset()

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None or self._left <= 0:
            return super().__get__(instance, owner)
        if not self._blank:
            self._look(_slots(self._cls))
        self._left -= 1
        return partial(self._fill, instance) if self._blank else super().__get__(instance, owner)

    def _look(self, slots: tuple[_Slot, ...]) -> None:
        self._positional = tuple(slot.name for slot in slots if slot.init and not slot.kw_only)
        self._never_given = frozenset(slot.name for slot in slots if not slot.init)
        self._makes = tuple((slot.name, slot.make) for slot in slots if slot.make is not MISSING)
        blank = {slot.name: slot.default for slot in slots if slot.init or slot.make is not MISSING}
        self._blank = blank | {name: _MADE for name, _ in self._makes}

    def _fill(self, instance: Any, /, *args: Any, **given: Any) -> Any:
        placed = dict(zip(self._positional, args, strict=False))
        values = self._blank | placed | given
        is_wrong = len(values) > len(self._blank) or len(placed) < len(args)
        if given:
            is_wrong = is_wrong or not (placed.keys().isdisjoint(given) and self._never_given.isdisjoint(given))
        if is_wrong or any(value is MISSING for value in values.values()):
            return super().__get__(instance, self._cls)(*args, **given)  # raises what is wrong
        for name, make in self._makes:
            if values[name] is _MADE:
                values[name] = make()
        if self._frozen:
            instance.__dict__.update(values)
        else:
            for name, value in values.items():
                setattr(instance, name, value)
        if hasattr(instance, "__post_init__"):
            instance.__post_init__()
        return None


class _Slot(NamedTuple):
    """A field: whether a value may be given for it, and how, and its default or what makes that."""

    name: str
    init: bool
    kw_only: bool
    default: Any
    make: Any


def _slots(cls: type) -> tuple[_Slot, ...]:
    """Return the fields of a class in their order, found without ``dataclasses`` where it was not asked for them yet."""
    annotations, late = vars(cls).get("__annotations__", {}), vars(cls)[_FIELDS]
    if not isinstance(late, _LateFields) or any("KW_ONLY" in str(kind) for kind in annotations.values()):
        return tuple(map(_slot, fields(cls)))
    found: dict[str, _Slot] = {}
    for base in reversed(cls.__mro__[1:]):
        if _FIELDS in vars(base):
            found |= {one.name: one for one in _slots(base)}
    for name, kind in annotations.items():
        if name in late.special:
            one = late.special[name]
            is_kw_only = late.kw_only if one.kw_only is MISSING else one.kw_only
            found[name] = _Slot(name, one.init, is_kw_only, one.default, one.default_factory)
        elif not str(kind).startswith(("ClassVar", "typing.ClassVar")):
            found[name] = _Slot(name, True, late.kw_only, getattr(cls, name, MISSING), MISSING)
    return tuple(found.values())


def _slot(one: Field[Any]) -> _Slot:
    return _Slot(one.name, one.init, bool(one.kw_only), one.default, one.default_factory)


def _find_fields(cls: Any, *, special: dict[str, Field[Any]], kw_only: bool) -> dict[str, Field[Any]]:
    """Return the fields of a class and its bases. ``dataclasses`` finds its own ones in a class of nothing else."""
    annotations = vars(cls).get("__annotations__", {})
    values = {name: getattr(cls, name) for name in annotations if hasattr(cls, name)} | special
    about = {"__annotations__": annotations, "__module__": cls.__module__, "__doc__": "Needs none of a signature."}
    alone: Any = type(cls.__name__, (), values | about)
    dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(alone)
    cls.__dataclass_params__ = alone.__dataclass_params__
    bases = (getattr(base, _FIELDS, {}) for base in reversed(cls.__mro__[1:]))
    found: dict[str, Field[Any]] = {}
    for one in (*bases, vars(alone)[_FIELDS]):
        found |= one
    return found


def _match_args(cls: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(cls) if one.init and not one.kw_only)


def _compiled(cls: type, signature: str, body: list[str], names: dict[str, Any]) -> Any:
    """Return a function of the class's module; ``names`` are what its body refers to besides."""
    lines = [f"def make({', '.join(names)}):", f" def {signature}:", *(f"  {line}" for line in body)]
    made: dict[str, Any] = {}
    exec("\n".join([*lines, f" return {signature.partition('(')[0]}"]), vars(sys.modules[cls.__module__]), made)  # noqa: S102 - names of fields alone
    method = made["make"](**names)
    method.__qualname__ = f"{cls.__qualname__}.{method.__name__}"
    return method


def _init(cls: type, *, frozen: bool) -> Any:
    self = "self" if all(one.name != "self" for one in fields(cls)) else "_self"
    found = sorted((one for one in fields(cls) if one.init), key=lambda one: bool(one.kw_only))
    parameters, names, seen = [self], {"_missing": MISSING}, False
    for one in found:
        if one.kw_only and not seen:
            parameters, seen = [*parameters, "*"], True
        parameters.append(f"{one.name}{_default(one, names)}")
    given = {one.name: _value(one, names) for one in fields(cls) if one.init or _is_made(one)}
    if frozen and given:  # past __setattr__, which refuses; object.__setattr__ takes twice as long
        into = f"_into_{max(given, key=len)}"  # like no field
        body = [f"{into} = {self}.__dict__", *(f"{into}[{name!r}] = {value}" for name, value in given.items())]
    else:
        body = [f"{self}.{name} = {value}" for name, value in given.items()]
    if hasattr(cls, "__post_init__"):
        body.append(f"{self}.__post_init__()")
    init = _compiled(cls, f"__init__({', '.join(parameters)})", body or ["pass"], names)
    init.__annotations__ = {one.name: one.type for one in found} | {"return": None}
    return init


def _default(one: Field[Any], names: dict[str, Any]) -> str:
    if _is_made(one):
        return "=_missing"
    if one.default is MISSING:
        return ""
    names[f"_default_{one.name}"] = one.default
    return f"=_default_{one.name}"


def _value(one: Field[Any], names: dict[str, Any]) -> str:
    if not _is_made(one):
        return one.name
    names[f"_make_{one.name}"] = one.default_factory
    made = f"_make_{one.name}()"
    return f"{made} if {one.name} is _missing else {one.name}" if one.init else made


def _is_made(one: Field[Any]) -> bool:
    return one.default_factory is not MISSING


def _values(of: str, found: list[Field[Any]]) -> str:
    return f"({''.join(f'{of}.{one.name}, ' for one in found)})"


def _compared(cls: type) -> list[Field[Any]]:
    return [one for one in fields(cls) if one.compare]


def _comparison(name: str, operator: str) -> Callable[[type], Any]:
    def compile_(cls: type) -> Any:
        found = _compared(cls)
        both = f"{_values('self', found)} {operator} {_values('other', found)}"
        body = ["if other.__class__ is self.__class__:", f" return {both}", "return NotImplemented"]
        return _compiled(cls, f"{name}(self, other)", body, {})

    return compile_


_eq = _comparison("__eq__", "==")


def _hash(cls: type) -> Any:
    found = [one for one in fields(cls) if (one.compare if one.hash is None else one.hash)]
    return _compiled(cls, "__hash__(self)", [f"return hash({_values('self', found)})"], {})


@recursive_repr()
def _repr(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({shown})"


def _setattr(cls: Any) -> Any:
    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 - it becomes that of a class
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    return __setattr__


def _delattr(cls: Any) -> Any:
    def __delattr__(self: Any, name: str) -> None:  # noqa: N807 - it becomes that of a class
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __delattr__
