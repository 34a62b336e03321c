"""Dataclasses whose methods are compiled when they are first called.

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
from typing import TYPE_CHECKING, Any

_FIELDS, _MATCH_ARGS = "__dataclass_fields__", "__match_args__"
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
    find = partial(_find_fields, kw_only=kw_only)
    if any(isinstance(value, Field) for value in vars(cls).values()):
        find(cls)  # it replaces them by their defaults, which threads at once must not do twice
    else:
        setattr(cls, _FIELDS, _Late(cls, _FIELDS, find))
        setattr(cls, _MATCH_ARGS, _Late(cls, _MATCH_ARGS, _match_args))
    compiled = {"__init__": partial(_init, frozen=frozen)} | ({"__eq__": _eq} if eq else {})
    compiled |= {"__hash__": _hash} if eq and frozen else {}
    compiled |= {name: _comparison(name, _ORDER[name]) for name in _ORDER if order}
    methods: dict[str, Any] = {name: _Late(cls, name, compile_) for name, compile_ in compiled.items()}
    methods["__repr__"] = _repr
    if frozen:
        methods |= {"__setattr__": _setattr(cls), "__delattr__": _delattr(cls)}
    elif eq:
        methods["__hash__"] = None
    for name, method in methods.items():
        if name not in own:
            setattr(cls, name, method)
    return cls


class _Late:
    """What replaces itself in its class when it is first looked up; threads at once make the same."""

    def __init__(self, cls: type, name: str, make: Callable[[type], Any]) -> None:
        self._cls, self._name, self._make = cls, name, make

    def __get__(self, instance: Any, owner: type) -> Any:
        made = self._make(self._cls)
        setattr(self._cls, self._name, made)
        return made.__get__(instance, owner) if isinstance(made, FunctionType) else made


def _find_fields(cls: type, *, kw_only: bool) -> Any:
    """Let ``dataclasses`` find the fields; without a docstring, it would write one with the class's signature."""
    has_docstring = cls.__doc__ is not None
    if not has_docstring:
        cls.__doc__ = cls.__name__
    dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
    if not has_docstring:
        cls.__doc__ = None
    return vars(cls)[_FIELDS]


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
    parameters, names, seen = [self], {"_set": object.__setattr__, "_missing": MISSING}, False
    for one in found:
        if one.kw_only and not seen:
            parameters, seen = [*parameters, "*"], True
        parameters.append(f"{one.name}{_default(one, names)}")
    given = {one.name: _value(one, names) for one in fields(cls) if one.init or _is_made(one)}
    setting = "_set({0}, {1!r}, {2})" if frozen else "{0}.{1} = {2}"
    body = [setting.format(self, name, value) for name, value in given.items()]
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
