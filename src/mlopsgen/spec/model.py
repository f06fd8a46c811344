"""The base of every section of a spec, and how short forms and lazy models are declared.

A short form is declared once, on the model it belongs to; resolve.py moves it, schema.py
offers it to editors, and nothing else knows that it exists.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, TypeVar, cast, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    Tag,
    TypeAdapter,
    ValidationInfo,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from mlopsgen.records import dataclass

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
    counted: ClassVar[tuple[str, ...]] = ()
    """The same for a bare whole number, where it means another key."""

    @classmethod
    def unwritten(cls) -> Self:
        """What the map is when it is not written: every key at its default."""
        # Calling the class would build its validator; that of the whole spec, built once, covers it.
        return cast("Self", cls.model_construct())


Many: TypeAlias = Annotated[tuple[T, ...], Strict(False)]
"""A YAML list; strict models would take tuples alone."""


@dataclass(frozen=True, slots=True)
class FromList:
    """A map that may be written as a list of its keys; each value is then null, or the key itself."""

    value: Literal["null", "key"]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        names = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
        return {"anyOf": [handler(schema), names]}


_UNSPELLABLE = "\x00"
"""No YAML text of ours can hold it, so that a union's tag is never taken for a key of the spec."""


def tag(name: str) -> Tag:
    """Names one alternative of a union."""
    return Tag(_UNSPELLABLE + name)


def is_tag(part: str | int) -> bool:
    """Whether a part of a pydantic location is the name of a union's alternative."""
    return isinstance(part, str) and part.startswith(_UNSPELLABLE)


def untagged(tag_of_union: str) -> str:
    """The plain name of an alternative."""
    return tag_of_union.removeprefix(_UNSPELLABLE)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Decides which alternative of a union a map is, from its plain keys and values."""

    choose: Callable[[Mapping[str, Any]], str | None]
    words: str
    """What a finding calls any of them: "a deployment"."""
    key: str | None = None
    """The key whose value names the alternative, if it is one key."""
    keys: tuple[str, ...] = ()
    """The keys that each mean an alternative by being there."""
    __name__: ClassVar[str] = "choose"
    """pydantic asks every discriminator for its name."""

    def __call__(self, value: Any) -> str | None:
        if isinstance(value, BaseModel):
            value = value.model_dump(by_alias=True, exclude_unset=True)
        if not isinstance(value, Mapping):
            return None
        chosen = self.choose(value)
        return None if chosen is None else _UNSPELLABLE + chosen


def by_value(key: str, words: str) -> Discriminator:
    """The alternative that the value of `key` names."""

    def choose(value: Mapping[str, Any]) -> str | None:
        name = value.get(key)
        return name if isinstance(name, str) else None

    return Discriminator(Chooser(choose, words, key))


def by_presence(*keys: str, words: str, otherwise: str | None = None) -> Discriminator:
    """The alternative whose key is there; the first one named wins."""

    def choose(value: Mapping[str, Any]) -> str | None:
        return next((key for key in keys if value.get(key) is not None), otherwise)

    return Discriminator(Chooser(choose, words, None, keys))


class Either:
    """One of several kinds of value, told apart by what they are: a known word, a list, a map, anything else."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        arms = {_kind_of(arm): handler.generate_schema(arm) for arm in get_args(source)}
        words = next((get_args(arm) for arm in get_args(source) if get_origin(arm) is Literal), ())

        def choose(value: Any) -> str:
            kind = (
                "map"
                if isinstance(value, Mapping | BaseModel)
                else "list"
                if isinstance(value, list | tuple)
                else "other"
            )
            if value in words if isinstance(value, str) else False:
                kind = "word"
            return _UNSPELLABLE + (kind if kind in arms else "other" if "other" in arms else "word")

        return core_schema.tagged_union_schema({_UNSPELLABLE + kind: arm for kind, arm in arms.items()}, choose)


def _kind_of(arm: Any) -> str:
    if get_origin(arm) is Annotated:
        return _kind_of(get_args(arm)[0])
    if get_origin(arm) is Literal:
        return "word"
    if get_origin(arm) is tuple:
        return "list"
    return "map" if isinstance(arm, type) and issubclass(arm, BaseModel) else "other"


@cache
def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys a map of this model may have, as a spec spells them."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def keys_of(model: type[Model]) -> tuple[str, ...]:
    """Every key a map of this model may have, short forms too."""
    return (*fields(model), *model.short)


@dataclass(frozen=True, slots=True)
class LazyModel:
    """A type that another module holds, imported and built when a spec has its section.

    Building a hundred models takes longer than all else that a compile does; a spec that only trains needs thirty.
    """

    module: str
    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(_adapter(self).core_schema)

    def _validate(self, value: Any, info: ValidationInfo) -> Any:
        return _adapter(self).validate_python(value, context=info.context)

    def type(self) -> Any:
        """The type itself, as its module has it."""
        return getattr(import_module(self.module), self.name)


@cache
def _adapter(lazy: LazyModel) -> TypeAdapter[Any]:
    return TypeAdapter(lazy.type())


def lazy_model(module: str, name: str) -> Any:
    """An annotation that stands for a type of another module."""
    return Annotated[Any, LazyModel(f"{__package__}.{module}", name)]
