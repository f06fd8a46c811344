"""The training step: your own script, or the built-in trainer of a framework."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import by_presence, lazy_model, tag
from mlopsgen.spec.steps import Command, StepParts
from mlopsgen.spec.units import ModelVersion, Shaped

if TYPE_CHECKING:
    from mlopsgen.spec.tuning import Tuning
else:
    Tuning = lazy_model("tuning", "Tuning")


class TrainingParts(StepParts):
    """What training has beside what every step has."""

    distributed: Literal["torchrun", "mpi", "tensorflow"] | None = Field(
        default=None, description="How several `nodes` find each other: torchrun, mpi or tensorflow. Default: one node."
    )
    start_from: ModelVersion | None = Field(
        default=None,
        description=(
            "The model to go on from: `champion` or `<name>:<version>`; its files arrive in port `previous`. "
            "Default: none."
        ),
    )
    tuning: Tuning | None = Field(
        default=None, description="A search for the best params. Default: one training with `params`."
    )


class ScriptTraining(TrainingParts):
    """Training by your own script; it writes ports `model` and `metrics`."""

    words: ClassVar[str] = "training with a script"

    run: Command = Field(
        description="What it runs: a script of `code.path` such as `train.py`, or a whole command as a list."
    )


class FrameworkTraining(TrainingParts):
    """Training by the built-in trainer: categories one-hot, nulls imputed, both written in the model."""

    words: ClassVar[str] = "training with the built-in trainer"

    framework: Annotated[
        str,
        Shaped(
            "a framework",
            r"xgboost|lightgbm|sklearn\.[A-Z][A-Za-z0-9]+",
            ("xgboost", "lightgbm", "sklearn.RandomForestClassifier"),
        ),
    ] = Field(
        description=(
            "xgboost, lightgbm, or a scikit-learn estimator such as `sklearn.RandomForestClassifier`; `params` go "
            "to it, under any name that the library has for them (`eta`, `num_round`). `early_stopping_rounds` "
            "looks at the validation rows."
        )
    )


Training: TypeAlias = Annotated[
    Annotated[ScriptTraining, tag("run")] | Annotated[FrameworkTraining, tag("framework")],
    by_presence("run", "framework", words="training", otherwise="run"),
]
