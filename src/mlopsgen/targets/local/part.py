"""What every piece of plan.json is like: its keys are known, and an object's kind hangs on its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import Discriminator, Field

from mlopsgen.spec.model import tag

Scalar: TypeAlias = None | bool | int | float | str
Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A word that is safe as a folder's name."""
Seconds: TypeAlias = Annotated[int, Field(ge=1)]


def by_key(*keys: str) -> Discriminator:
    """Which alternative an object is: the one whose key it has; what is no object is plain."""

    def choose(value: Any) -> str | None:
        if value is None or isinstance(value, bool | int | float | str | list | tuple):
            return _PLAIN
        there = value if isinstance(value, Mapping) else value.__dataclass_fields__
        return next((_TAG + key for key in keys if key in there), None)

    words = f"one of {', '.join(keys)} must be a key here"
    return Discriminator(choose, custom_error_type="union_key", custom_error_message=words)


_TAG = tag("").tag
_PLAIN = tag("plain").tag


class Part:
    """A piece of the file: unknown keys are errors, and a value is never bent into another type."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "use_attribute_docstrings": True,
        "allow_inf_nan": False,
    }
