"""What one run may change (`parameters`) and what one compile may change (`variables`)."""

from typing import ClassVar, Literal

from pydantic import Field

from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.values import DefaultValue, Given, ScalarValue


class Parameter(Model):
    """A run parameter: native on every target, read as `${parameters.<name>}`."""

    words: ClassVar[str] = "a run parameter"

    type: Literal["string", "integer", "number", "boolean", "list"] = Field(
        description="What kind of value a run may give: string, integer, number, boolean or list (of scalars)."
    )
    default: DefaultValue = Field(
        default=None,
        description=(
            "The value when a run gives none. Left out: every start must give one. `null`: optional, and its flag "
            "is left out."
        ),
    )
    values: Many[Given] = Field(
        default=(), description="The only values allowed. Default: any of the type.", examples=[["eu", "us"]]
    )
    minimum: float | None = Field(
        default=None, description="The smallest value allowed, itself included. For integer and number."
    )
    maximum: float | None = Field(
        default=None, description="The largest value allowed, itself included. For integer and number."
    )
    description: str = Field(default="", description="What the parameter means, shown where a run is started.")

    @property
    def required(self) -> bool:
        """Whether every start must give a value."""
        return "default" not in self.model_fields_set


class Variable(Model):
    """A compile-time variable: set by `--var <name>=<value>`, read as `${var.<name>}`."""

    words: ClassVar[str] = "a variable"

    default: ScalarValue = Field(
        default=None, description="The value when `--var` gives none. Left out: `--var` must give one."
    )
    description: str = Field(default="", description="What the variable means.")
