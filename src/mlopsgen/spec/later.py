"""Sections that most specs do not have: their models are imported and built when one is read, and not before.

Building a hundred models takes longer than all else that a compile does; a spec that only trains needs thirty.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class Later:
    """A type that another module holds."""

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
def _adapter(later: Later) -> TypeAdapter[Any]:
    return TypeAdapter(later.type())


def later(module: str, name: str) -> Any:
    """What stands in an annotation for a type of another module."""
    return Annotated[Any, Later(f"{__package__}.{module}", name)]
