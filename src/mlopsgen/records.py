"""`dataclass` as the standard library has it, made ten times as fast: a compile declares 160 and uses half.

The standard one compiles six methods for every class. Here the fields, the slots and what reads them (`replace`,
`fields`, `asdict`, `match`) are the standard library's own, the methods are plain functions, and `__init__` alone is
compiled, for a class that gets more than a few instances. What that buys and how to do without is in docs/adr/0022.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from inspect import Parameter, Signature, signature
from operator import attrgetter, ge, gt, le, lt
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform

__all__ = ["dataclass"]

T = TypeVar("T")

_FEW = 8
"""So many instances cost less than compiling what makes them."""

_MARKS = re.compile("ClassVar|InitVar|KW_ONLY")
"""What makes an annotation more than the type of a field."""


@dataclass_transform(field_specifiers=(dataclasses.field,))
def dataclass(
    *, slots: bool, frozen: bool = False, kw_only: bool = False, order: bool = False
) -> Callable[[type[T]], type[T]]:
    """A class of these fields; what it has written itself stays."""

    def decorate(written: type[T]) -> type[T]:
        own, documented = set(vars(written)), bool(written.__doc__)
        # A class without a docstring gets one from its `__init__`, which is not there until it is declared.
        written.__doc__ = written.__doc__ or written.__name__
        cls = _declared(written, slots=slots, kw_only=kw_only)
        for name, method in _methods(cls, frozen=frozen, order=order).items():
            if name not in own:
                setattr(cls, name, method)
        if own.isdisjoint({"__init__", "__signature__"}):
            cls.__signature__ = _Parameters()  # type: ignore[attr-defined]
        if not documented:
            cls.__doc__ = f"{cls.__name__}{signature(cls)}".removesuffix(" -> None")
        return cls

    return decorate


def _declared(written: type[T], *, slots: bool, kw_only: bool) -> type[T]:
    """The class with its fields and slots, and no method yet."""
    declare: Callable[[type[T]], type[T]] = dataclasses.dataclass(
        init=False, repr=False, eq=False, slots=slots, kw_only=kw_only
    )
    types = written.__annotations__
    if _MARKS.search("\n".join(map(str, types.values()))):
        return declare(written)
    # The standard library searches the text of each type for marks; in `object` there is nothing to search.
    written.__annotations__ = dict.fromkeys(types, object)
    cls = declare(written)
    cls.__annotations__ = types
    fields: dict[str, dataclasses.Field[Any]] = vars(cls)["__dataclass_fields__"]
    for name, annotation in types.items():
        fields[name].type = annotation
    return cls


class _Parameters:
    """What `inspect.signature` and `help` say of a record, read from its fields when somebody asks."""

    def __get__(self, _: object, cls: type) -> Signature:
        maker = next(base for base in cls.__mro__ if "__init__" in vars(base))
        if vars(maker).get("__signature__") is not self:
            raise AttributeError("__signature__")  # a subclass that is no record, with an `__init__` of its own
        fields = sorted(dataclasses.fields(maker), key=lambda field: bool(field.kw_only))
        return Signature([_parameter(field) for field in fields], return_annotation=None)


def _parameter(field: dataclasses.Field[Any]) -> Parameter:
    kind = Parameter.KEYWORD_ONLY if field.kw_only else Parameter.POSITIONAL_OR_KEYWORD
    default = Parameter.empty if field.default is dataclasses.MISSING else field.default
    if field.default_factory is not dataclasses.MISSING:
        default = _FreshDefault()
    return Parameter(field.name, kind, default=default, annotation=field.type)


class _FreshDefault:
    """Stands for a default that is made anew for each instance."""

    def __repr__(self) -> str:
        return "<factory>"


def _methods(cls: type, *, frozen: bool, order: bool) -> dict[str, Any]:
    """What a class gets, by name."""
    fields = dataclasses.fields(cls)
    compared = _values([field.name for field in fields if field.compare])
    ordered = {f"__{how.__name__}__": _ordered(how, compared) for how in (lt, le, gt, ge)} if order else {}
    change = _FROZEN if frozen else {"__hash__": None}
    shown = [field.name for field in fields if field.repr]
    return (
        {"__init__": _first_init(cls, fields), "__repr__": _printing(shown)} | _comparing(compared) | ordered | change
    )


def _comparing(compared: Callable[[Any], Any]) -> dict[str, Any]:
    def equal(self: Any, other: Any) -> Any:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(compared(self))

    return {"__eq__": equal, "__hash__": hashed}


def _ordered(how: Callable[[Any, Any], Any], compared: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def holds(self: Any, other: Any) -> Any:
        return how(compared(self), compared(other)) if other.__class__ is self.__class__ else NotImplemented

    return holds


def _printing(shown: list[str]) -> Callable[[Any], str]:
    # Two records may hold each other: the second time around says so instead of going on for ever.
    @recursive_repr()
    def printed(self: Any) -> str:
        text = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{self.__class__.__qualname__}({text})"

    return printed


def _values(names: list[str]) -> Callable[[Any], Any]:
    if len(names) == 1:
        one = attrgetter(names[0])
        return lambda self: (one(self),)
    return attrgetter(*names) if names else lambda _: ()


def _set(_: Any, name: str, __: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(_: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_FROZEN = {"__setattr__": _set, "__delattr__": _delete, "__getstate__": _state, "__setstate__": _restore}


def _first_init(cls: type, fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
    """An `__init__` for a few instances, which then puts one that is compiled in its place."""
    ordered = [field.name for field in fields if not field.kw_only]
    instances = 0

    def init(self: Any, /, *args: Any, **kwargs: Any) -> None:
        nonlocal instances
        instances += 1
        by_name = dict(zip(ordered, args, strict=False))
        fits = len(by_name) == len(args) and by_name.keys().isdisjoint(kwargs)
        if instances > _FEW or not fits or not _filled(self, fields, by_name | kwargs):
            cls.__init__ = _init(cls)  # type: ignore[misc]
            cls.__init__(self, *args, **kwargs)  # type: ignore[misc]
        elif hasattr(self, "__post_init__"):
            self.__post_init__()

    return init


def _filled(self: Any, fields: tuple[dataclasses.Field[Any], ...], values: dict[str, Any]) -> bool:
    """Give every field its value; False when these are not the fields: the compiled one says what is wrong."""
    for field in fields:
        if field.name in values:
            value = values.pop(field.name)
        elif field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        else:
            return False
        object.__setattr__(self, field.name, value)
    return not values


def _init(cls: type) -> Callable[..., None]:
    """The method that takes every field, in the order and with the defaults they were declared with."""
    known: dict[str, Any] = {"SET": object.__setattr__, "UNSET": dataclasses.MISSING}
    positional: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for field in dataclasses.fields(cls):
        name, value = field.name, field.name
        parameter = name
        if field.default is not dataclasses.MISSING:
            known[f"DEFAULT_{name}"] = field.default
            parameter = f"{name}=DEFAULT_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            known[f"MAKE_{name}"] = field.default_factory
            parameter, value = f"{name}=UNSET", f"MAKE_{name}() if {name} is UNSET else {name}"
        (named if field.kw_only else positional).append(parameter)
        body.append(f"  SET(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("  self.__post_init__()")
    parameters = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    text = f"def making({', '.join(known)}):\n def __init__({parameters}):\n" + "\n".join(body or ["  return"])
    text += "\n return __init__"
    namespace: dict[str, Any] = {}
    exec(text, {}, namespace)  # noqa: S102  (the names of our own fields, as the standard library does it)
    init: Callable[..., None] = namespace["making"](**known)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init
