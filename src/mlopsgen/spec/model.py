"""The base of every section of a spec, and how short forms are declared.

A short form is declared once, on the model it belongs to; resolve.py moves it, schema.py
offers it to editors, and nothing else knows that it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Strict, Tag
from pydantic.fields import FieldInfo

T = TypeVar("T")


class Model(BaseModel):
    """A map of known keys: an unknown one is an error, and nothing changes once it is read."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        defer_build=True,
        serialize_by_alias=True,
        protected_namespaces=(),
        allow_inf_nan=False,
    )

    words: ClassVar[str] = ""
    """What a finding calls this map: "a real-time deployment"."""
    short: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Short key → the long path it stands for."""
    spread: ClassVar[tuple[str, ...]] = ()
    """A bare value in place of this map is the value of each of these keys."""


Many: TypeAlias = Annotated[tuple[T, ...], Strict(False)]
"""A YAML list; strict models would take tuples alone."""


@dataclass(frozen=True, slots=True)
class FromList:
    """A map that may be written as a list of its keys; each value is then null, or the key itself."""

    value: Literal["null", "key"]


_UNSPELLABLE = "\x00"
"""No YAML text of ours can hold it, so that a union's tag is never taken for a key of the spec."""


def tag(name: str) -> Tag:
    """Names one alternative of a union."""
    return Tag(_UNSPELLABLE + name)


def is_tag(part: str | int) -> bool:
    """Whether a part of a pydantic location is the name of a union's alternative."""
    return isinstance(part, str) and part.startswith(_UNSPELLABLE)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Decides which alternative of a union a map is, from its plain keys and values."""

    choose: Callable[[Mapping[str, Any]], str | None]
    key: str | None = None
    """The key whose value names the alternative, if it is one key."""
    __name__: ClassVar[str] = "choose"
    """pydantic asks every discriminator for its name."""

    def __call__(self, value: Any) -> str | None:
        if isinstance(value, BaseModel):
            value = value.model_dump(by_alias=True, exclude_unset=True)
        if not isinstance(value, Mapping):
            return None
        chosen = self.choose(value)
        return None if chosen is None else _UNSPELLABLE + chosen


def by_value(key: str) -> Discriminator:
    """The alternative that the value of `key` names."""

    def choose(value: Mapping[str, Any]) -> str | None:
        said = value.get(key)
        return said if isinstance(said, str) else None

    return Discriminator(Chooser(choose, key))


def by_presence(*keys: str, otherwise: str | None = None) -> Discriminator:
    """The alternative whose key is there; the first one named wins."""

    def choose(value: Mapping[str, Any]) -> str | None:
        return next((key for key in keys if value.get(key) is not None), otherwise)

    return Discriminator(Chooser(choose))


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys a map of this model may have, as a spec spells them."""
    return {info.alias or name: info for name, info in model.model_fields.items()}
