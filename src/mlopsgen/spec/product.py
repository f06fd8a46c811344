"""The whole spec: one model product."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlopsgen.spec.code import Code
from mlopsgen.spec.data import Data
from mlopsgen.spec.governance import Governance
from mlopsgen.spec.later import later
from mlopsgen.spec.model import Model
from mlopsgen.spec.parameters import Parameter, Variable
from mlopsgen.spec.registry import Registry, Tracking
from mlopsgen.spec.steps import Step
from mlopsgen.spec.training import Training
from mlopsgen.spec.units import MetricName, Name, RunParameterName, Shaped, StepName

if TYPE_CHECKING:
    from mlopsgen.spec.ci import Ci
    from mlopsgen.spec.deployments import Deployment
    from mlopsgen.spec.evaluation import Evaluation
    from mlopsgen.spec.monitoring import Monitoring
    from mlopsgen.spec.triggers import Trigger
else:
    Ci = later("ci", "Ci")
    Deployment = later("deployments", "Deployment")
    Evaluation = later("evaluation", "Evaluation")
    Monitoring = later("monitoring", "Monitoring")
    Trigger = later("triggers", "Trigger")

ProductName = Annotated[
    str,
    Shaped(
        "a name",
        r"[a-z](?:[a-z0-9-]*[a-z0-9])?",
        ("churn", "schedule-adherence"),
        longest=48,
        rule="small letters, digits and hyphens",
    ),
]


class Spec(Model):
    """One model product: its data, training, evaluation, registry, deployments and monitors."""

    words: ClassVar[str] = "a spec"
    short: ClassVar = {"deployment": ("deployments", "deployment")}

    apiVersion: Literal["mlopsgen/v1"] = Field(description="The language's version: mlopsgen/v1.")  # noqa: N815 - the spec's own spelling
    name: ProductName = Field(description="The product's name; every name in the cloud derives from it.")
    description: str = Field(default="", description="What the product does.")
    owner: str | None = Field(default=None, min_length=1, description="Who answers for it: a team or a person.")
    tags: dict[Annotated[str, Field(min_length=1, max_length=128)], Annotated[str, Field(max_length=256)]] = Field(
        default={},
        description="Put on everything that is made. Values are strings: quote numbers.",
        examples=[{"domain": "construction", "cost-center": "4711"}],
    )
    metrics: dict[MetricName, Literal["maximize", "minimize"]] = Field(
        default={},
        description="Which way your own metrics are better; scikit-learn's metric names know theirs.",
        examples=[{"cost_of_delay": "minimize"}],
    )
    parameters: dict[RunParameterName, Parameter] = Field(
        default={},
        description="What one run may change; read as `${parameters.<name>}`.",
        examples=[{"min_accuracy": {"type": "number", "default": 0.8}}],
    )
    variables: dict[RunParameterName, Variable] = Field(
        default={},
        description="What one compile may change, by `--var`; read as `${var.<name>}`.",
        examples=[{"lake": {"default": "s3://acme"}}],
    )
    code: Code = Field(default=Code.unwritten(), description="Your code and the image that every step runs in.")
    data: Data | None = Field(
        default=None, description="Where the data comes from, what it must look like, how it is split."
    )
    steps: dict[StepName, Step] = Field(
        default={},
        description="Further steps, anywhere in the graph; edges come from `inputs`.",
        examples=[{"zone-table": {"run": "zones.py", "outputs": ["table"]}}],
    )
    training: Training | None = Field(
        default=None, description="The training step: `run` for your own script, `framework` for the built-in trainer."
    )
    evaluation: Evaluation | None = Field(
        default=None, description="Metrics of the model, and gates that must hold before it is registered."
    )
    tracking: Tracking = Field(
        default=Tracking.unwritten(), description="Where params, metrics and pictures of each run are recorded."
    )
    registry: Registry = Field(default=Registry.unwritten(), description="Where the trained model becomes a version.")
    deployments: dict[Name, Deployment] = Field(
        default={},
        description="Where the model answers, by name. One: `deployment`.",
        examples=[{"live": {"mode": "real-time"}}],
    )
    monitoring: Monitoring | None = Field(
        default=None, description="What is recorded of the deployments, what is watched, and who hears of it."
    )
    triggers: dict[Name, Trigger] = Field(
        default={},
        description="What starts what, by name.",
        examples=[{"weekly": {"start": "training", "schedule": "0 2 * * 1"}}],
    )
    governance: Governance = Field(
        default=Governance.unwritten(), description="Encryption, network, access, retention, lineage and audit."
    )
    ci: Ci | None = Field(default=None, description="Checks, builds and delivers changes. Default: none.")
    targets: dict[str, Any] = Field(default={}, description="Account facts and native settings, by target.")
