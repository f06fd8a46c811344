"""Placeholders: values that a run fills in, written `${parameters.x}` and `${run.id}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, ValidationError, core_schema

from mlopsgen.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ref:
    """The value of a run parameter, written `${parameters.<name>}`."""

    name: str

    def __str__(self) -> str:
        return f"${{parameters.{self.name}}}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.is_instance_schema(cls, serialization=core_schema.to_string_ser_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(REF_SCHEMA)


@dataclass(frozen=True, slots=True)
class RunFact:
    """What only the run knows: `run.id` or `run.scheduled_at`."""

    name: str

    def __str__(self) -> str:
        return f"${{{self.name}}}"


@dataclass(frozen=True, slots=True)
class Text:
    """A string with placeholders in it, in order: `s3://lake/${parameters.day}/`."""

    parts: tuple[str | Ref | RunFact, ...]

    def __str__(self) -> str:
        return "".join(escape(part) if isinstance(part, str) else str(part) for part in self.parts)


Placeholder: TypeAlias = Ref | RunFact | Text

RUN_FACTS = ("run.id", "run.scheduled_at")
REF_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "pattern": r"^\$\{parameters\.[a-z][a-z0-9_]*\}$",
    "title": "run parameter",
    "description": "The value of a run parameter: `${parameters.<name>}`.",
    "examples": ["${parameters.min_accuracy}"],
}
_PLACEHOLDER = re.compile(r"(\$\$\{)|\$\{([^{}]*)\}|(\$\{)")
_PARAMETER = re.compile(r"parameters\.([a-z][a-z0-9_]*)")


class UnknownPlaceholder(ValueError):
    """A `${…}` that means nothing here; `written` is its text."""

    def __init__(self, written: str) -> None:
        self.written = written
        super().__init__(written)


def escape(text: str) -> str:
    """Writes literal text so that no `${` in it is read as a placeholder."""
    return text.replace("${", "$${")


def parse_text(text: str) -> str | Placeholder:
    """Finds the placeholders of a string; `$${` stands for a literal `${`."""
    if "${" not in text:
        return text
    parts: list[str | Ref | RunFact] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        _append(parts, text[end : match.start()])
        _append(parts, _meaning(match))
        end = match.end()
    _append(parts, text[end:])
    if len(parts) == 1:
        return parts[0]
    return Text(tuple(parts))


def _meaning(match: re.Match[str]) -> str | Ref | RunFact:
    if match[1]:
        return "${"
    inner = match[2] or ""
    if parameter := _PARAMETER.fullmatch(inner):
        return Ref(parameter[1])
    if inner in RUN_FACTS:
        return RunFact(inner)
    raise UnknownPlaceholder(match[0])


def _append(parts: list[str | Ref | RunFact], part: str | Ref | RunFact) -> None:
    if isinstance(part, str) and parts and isinstance(parts[-1], str):
        parts[-1] += part
    elif part != "":
        parts.append(part)


def refs(value: Any) -> tuple[Ref, ...]:
    """The run parameters that a value reads."""
    if isinstance(value, Ref):
        return (value,)
    if isinstance(value, Text):
        return tuple(part for part in value.parts if isinstance(part, Ref))
    if isinstance(value, tuple | list):
        return tuple(ref for item in value for ref in refs(item))
    return ()


class _OrRef:
    """Accepts a run parameter where a value of the field's own type may stand."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (own,) = (arg for arg in get_args(source) if arg is not Ref)
        return core_schema.with_info_wrap_validator_function(
            _accept,
            handler.generate_schema(own),
            serialization=core_schema.plain_serializer_function_ser_schema(_plain),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema["schema"]), dict(REF_SCHEMA)]}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Placeholder) else value


def _accept(value: Any, handler: core_schema.ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    if not isinstance(value, Ref):
        return handler(value)
    declared = (info.context or {}).get("parameters", {}).get(value.name)
    if isinstance(declared, Mapping):
        _must_fit(value.name, declared, handler)
    return value


_SAMPLES: Mapping[str, Any] = {"string": "x", "integer": 1, "number": 0.5, "boolean": True, "list": []}
_ABOUT_TYPE = ("int_type", "float_type", "bool_type", "string_type", "int_from_float", "MG106")


def _must_fit(name: str, declared: Mapping[str, Any], handler: core_schema.ValidatorFunctionWrapHandler) -> None:
    """Tries what the parameter may be on the field: its type, its default, its values and its bounds."""
    kind = str(declared.get("type"))
    for role in ("default", "minimum", "maximum"):
        if (value := _as(kind, declared.get(role))) is not None:
            _try(name, f"{role} {value}", value, handler)
    for value in declared.get("values") or ():
        _try(name, f"value {value}", value, handler)
    if kind in _SAMPLES and not declared.get("values"):
        _try_type(name, kind, handler)


def _as(kind: str, value: Any) -> Any:
    """The bound of an integer may be written as 3 or as 3.0."""
    return int(value) if kind == "integer" and isinstance(value, float) and value.is_integer() else value


def _try(name: str, part: str, value: Any, handler: core_schema.ValidatorFunctionWrapHandler) -> None:
    try:
        handler(value)
    except ValidationError as error:
        reason = str(error.errors(include_url=False)[0]["msg"]).replace("Input should", "it should")
        raise PydanticCustomError(
            "MG124",
            "parameter `{name}` does not fit here: its {part} is not allowed ({reason})",
            {"name": name, "part": part, "reason": reason[0].lower() + reason[1:]},
        ) from None


def _try_type(name: str, kind: str, handler: core_schema.ValidatorFunctionWrapHandler) -> None:
    try:
        handler(_SAMPLES[kind])
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] in _ABOUT_TYPE:
            raise PydanticCustomError(
                "MG124", "parameter `{name}` is of type {kind}, which does not fit here", {"name": name, "kind": kind}
            ) from None


OrRef: TypeAlias = Annotated[T | Ref, _OrRef()]
"""`OrRef[int]`: an int, or a run parameter that gives one."""


class _Templated:
    """A string in which placeholders may stand."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _string, serialization=core_schema.plain_serializer_function_ser_schema(_plain)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string"}


def _string(value: Any) -> Any:
    if isinstance(value, str | Placeholder):
        return value
    raise PydanticCustomError("string_type", "Input should be a valid string")


Templated: TypeAlias = Annotated[str | Ref | RunFact | Text, _Templated()]
"""A string, with `${parameters.x}` and `${run.…}` anywhere in it."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """Scalars, and what else is asked for: null, lists of scalars, placeholders."""

    null: bool = False
    lists: bool = False
    placeholders: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._check, serialization=core_schema.plain_serializer_function_ser_schema(_plain)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        scalar = ["string", "number", "boolean", *(["null"] if self.null else [])]
        if not self.lists:
            return {"type": scalar}
        return {"anyOf": [{"type": scalar}, {"type": "array", "items": {"type": scalar}}]}

    def _check(self, value: Any) -> Any:
        if self._scalar(value) or (self.placeholders and isinstance(value, Placeholder)):
            return value
        if self.lists and isinstance(value, list | tuple) and all(self._scalar(item) for item in value):
            return tuple(value)
        kinds = "a string, a number, true" + (", false or null" if self.null else " or false")
        more = ", or a list of those," if self.lists else ""
        raise PydanticCustomError("MG106", "{kinds} belongs here", {"kinds": kinds + more})

    def _scalar(self, value: Any) -> bool:
        return isinstance(value, str | bool | int | float) or (self.null and value is None)


NonNullScalar: TypeAlias = Annotated[str | bool | int | float, _Plain()]
"""A scalar that is there."""
Scalar: TypeAlias = None | bool | int | float | str
DefaultValue: TypeAlias = Annotated[Scalar | tuple[Scalar, ...], _Plain(null=True, lists=True)]
ScalarValue: TypeAlias = Annotated[Scalar, _Plain(null=True)]
ParamValue: TypeAlias = Annotated[
    Scalar | Ref | RunFact | Text | tuple[Scalar, ...], _Plain(null=True, lists=True, placeholders=True)
]
"""What a step's param may be; a list is handed on as JSON, null leaves the flag out."""
