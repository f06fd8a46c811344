"""Judging the model: metrics, and gates that must hold before it is registered."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import Model, by_presence, tag
from mlopsgen.spec.steps import Command, Count, Resources, StepParts
from mlopsgen.spec.units import Column, Duration, GateName, MetricName
from mlopsgen.spec.values import OrRef, Ref

Measure: TypeAlias = Literal[
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "equal_opportunity_difference",
    "equal_opportunity_ratio",
]
"""fairlearn's names."""


class Group(Model):
    """A column whose values, or whose two sides of a bound, are compared."""

    words: ClassVar[str] = "`group`"
    spread: ClassVar[tuple[str, ...]] = ("column",)

    column: Column = Field(description="The column that says which group a row belongs to.")
    at_least: float | None = Field(
        default=None, description="Two groups: rows from this value on, and the rest. Default: one group per value."
    )
    min_rows: Count | None = Field(
        default=None,
        description="Groups of fewer test rows are left out, and the reason names them. Default: all count.",
        examples=[30],
    )


class Gate(Model):
    """One condition on the model; without a bound it only reports."""

    words: ClassVar[str] = "a gate"

    metric: MetricName | None = Field(
        default=None, description="The metric it judges, also by a short name (`rmse`). Default: the gate's own name."
    )
    at_least: OrRef[float] | None = Field(
        default=None, description="The metric must be this or more.", examples=[0.8, "${parameters.min_accuracy}"]
    )
    at_most: OrRef[float] | None = Field(default=None, description="The metric must be this or less.")
    better_than: Literal["champion", "best"] | None = Field(
        default=None,
        description=(
            "Must beat the champion on the same rows, or the best registered version by its stored metrics. None "
            "yet: passes."
        ),
    )
    by: OrRef[float] = Field(
        default=0.0, description="By more than this; -0.01 means no worse than by 0.01. With `better_than`. Default: 0."
    )
    confidence: Annotated[float, Field(ge=0.5, lt=1)] | None = Field(
        default=None,
        description=(
            "How sure the improvement must be, from 0.5 on, by a paired test over the predictions. With "
            "`better_than`. Default: a plain comparison."
        ),
        examples=[0.95],
    )
    group: Group | None = Field(
        default=None,
        description="A column, or `{column: age, at_least: 40}`: compares groups of rows by `measure`.",
        examples=["contractor_type"],
    )
    measure: Measure | None = Field(
        default=None, description="How groups are compared, in fairlearn's names. With `group`."
    )
    when: Ref | None = Field(
        default=None, description="A boolean run parameter, `${parameters.<name>}`: false leaves the gate out."
    )


class TestSet(Model):
    """Protects the test rows from being looked at too often."""

    words: ClassVar[str] = "`test_set`"

    reuse_budget: Count = Field(
        description=(
            "How many evaluations may use the same test rows, in the mean over the rows, before a fresh split is "
            "asked for."
        ),
        examples=[30],
    )


class Explain(Model):
    """Says which features the predictions rest on."""

    words: ClassVar[str] = "`explain`"
    spread: ClassVar[tuple[str, ...]] = ("method",)

    method: Literal["shap", "permutation"] = Field(
        default="shap",
        description="shap, or permutation, which is the picture `importance` and replaces it. Default: shap.",
    )
    sample: Count = Field(default=500, description="How many rows are explained. Default: 500.")


class Gates(Model):
    """The conditions of an evaluation and what happens when one does not hold."""

    words: ClassVar[str] = "`evaluation`"

    gates: dict[GateName, Gate] = Field(
        default={},
        description="Conditions that must all hold, by name; the name is the metric unless `metric` says otherwise.",
        examples=[{"accuracy": {"at_least": 0.8}, "better": {"metric": "accuracy", "better_than": "champion"}}],
    )
    on_gate_failure: Literal["stop", "fail", "register", "report"] = Field(
        default="stop",
        description=(
            "stop: the run ends well and nothing is registered · fail: the run fails · register: registered, never "
            "approved · report: says it and goes on. Default: stop."
        ),
    )


class EvaluationParts(StepParts, Gates):
    """What an evaluation has beside what every step has."""

    test_set: TestSet | None = Field(default=None, description="A budget for using the same test rows. Default: none.")
    explain: Explain | None = Field(
        default=None,
        description=(
            "Which features the predictions rest on: `shap`, or `{method: shap, sample: 500}`; beside a script of your "
            "own it asks the model in `model` about rows of `test`, after the script. Default: not asked."
        ),
    )


class ScriptEvaluation(EvaluationParts):
    """Evaluation by your own script; it writes port `metrics`, and `predictions` when listed.

    With `explain` the runtime loads the model after it, as the built-in evaluator does, and writes `explanation`.
    """

    words: ClassVar[str] = "an evaluation with a script"

    run: Command = Field(
        description="What it runs: a script of `code.path` such as `evaluate.py`, or a whole command as a list."
    )


class TaskEvaluation(EvaluationParts):
    """Evaluation by the built-in evaluator; it writes metrics, predictions and pictures.

    It loads the model of the built-in trainer, and those that a script saved as skops, joblib, a pickle, ONNX,
    XGBoost's or LightGBM's own file, or MLflow's folder.
    """

    words: ClassVar[str] = "a built-in evaluation"

    task: Literal["classification", "regression", "ranking", "forecasting"] = Field(
        description="What kind of prediction is judged: classification, regression, ranking or forecasting."
    )


class GatesOnly(Gates):
    """No evaluator: the gates read the metrics that training wrote."""

    words: ClassVar[str] = "an evaluation without `run` or `task`"

    resources: Resources = Field(default=Resources.unwritten(), description="What the machine that judges must have.")
    timeout: Duration | None = Field(default=None, description="How long judging may take. Default: the target's.")


Evaluation: TypeAlias = Annotated[
    Annotated[ScriptEvaluation, tag("run")]
    | Annotated[TaskEvaluation, tag("task")]
    | Annotated[GatesOnly, tag("gates")],
    by_presence("run", "task", words="an evaluation", otherwise="gates"),
]
