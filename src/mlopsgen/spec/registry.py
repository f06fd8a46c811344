"""Where runs are recorded, and where the model becomes a version."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mlopsgen.spec.model import Either, Model
from mlopsgen.spec.units import Name, Place, Shaped
from mlopsgen.spec.values import OrRef, Ref, Templated


class MlflowBackend(Model):
    """An MLflow server of your own."""

    words: ClassVar[str] = "a tracking backend"

    mlflow: Templated = Field(description="The tracking URI.", examples=["https://mlflow.acme.example"])


class Tracking(Model):
    """Where params, metrics and pictures of each run are recorded."""

    words: ClassVar[str] = "`tracking`"

    experiment: Name | None = Field(default=None, description="The experiment's name. Default: the spec's name.")
    backend: Annotated[Literal["native"] | MlflowBackend, Either()] = Field(
        default="native", description="native: the target's own tracking, or `{mlflow: URI}`. Default: native."
    )


class Registry(Model):
    """Training registers a version; approval makes it the one that deployments roll out."""

    words: ClassVar[str] = "`registry`"

    model: (
        Annotated[
            str,
            Shaped(
                "a model's name",
                r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?",
                ("churn", "schedule-adherence"),
                longest=63,
            ),
        ]
        | None
    ) = Field(default=None, description="The name of the model in the registry. Default: the spec's name.")
    approval: OrRef[Literal["automatic", "manual"]] = Field(
        default="automatic",
        description=(
            "automatic: a version whose gates held is approved; manual: a person does it, in the platform's own "
            "way. Default: automatic."
        ),
    )
    card: dict[Annotated[str, Field(min_length=1)], str] = Field(
        default={},
        description="The model card, section by section.",
        examples=[{"intended_use": "Planning meetings", "limits": "Sites in Europe only"}],
    )
    when: Ref | None = Field(
        default=None, description="A boolean run parameter, `${parameters.<name>}`: false registers nothing."
    )
    from_: Place | None = Field(
        default=None,
        alias="from",
        description=(
            "A model that exists, where there is no `training`: a path, a URI, `name:version` or `name@champion`. "
            "Default: the trained one."
        ),
        examples=["s3://acme/model/", "churn@champion"],
    )
