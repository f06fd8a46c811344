"""The whole spec, one model product, and its small sections: code, governance, parameters and variables."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlopsgen.spec.data import Data
from mlopsgen.spec.model import Either, Many, Model, lazy_model
from mlopsgen.spec.registry import Registry, Tracking
from mlopsgen.spec.steps import Step
from mlopsgen.spec.training import Training
from mlopsgen.spec.units import Duration, ImageName, MetricName, Name, RelativePath, RunParameterName, Shaped, StepName
from mlopsgen.spec.values import DefaultValue, NonNullScalar, ScalarValue

if TYPE_CHECKING:
    from mlopsgen.spec.ci import Ci
    from mlopsgen.spec.deployments import Deployment
    from mlopsgen.spec.evaluation import Evaluation
    from mlopsgen.spec.monitoring import Monitoring
    from mlopsgen.spec.triggers import Trigger
else:
    Ci = lazy_model("ci", "Ci")
    Deployment = lazy_model("deployments", "Deployment")
    Evaluation = lazy_model("evaluation", "Evaluation")
    Monitoring = lazy_model("monitoring", "Monitoring")
    Trigger = lazy_model("triggers", "Trigger")


class Code(Model):
    """The image that every step, the server, the scorer and the monitors run in."""

    words: ClassVar[str] = "`code`"

    path: RelativePath | None = Field(
        default=None,
        description=(
            "The folder with your code, relative to the spec; its content lies in the image. Default: `src` if it "
            "is there, else the spec's folder."
        ),
    )
    python: Annotated[str, Shaped("a Python version in quotes", r"3\.[0-9]{1,2}", ("3.11", "3.12"))] = Field(
        default="3.11", description='The Python version of the image, in quotes: `"3.11"`. Default: 3.11.'
    )
    requirements: RelativePath | None = Field(
        default=None,
        description=(
            "What pip installs in the image: a requirements file or a conda.yml. Default: `<path>/requirements.txt`"
            " if it is there."
        ),
    )
    ignore: Many[str] = Field(
        default=(),
        description=(
            "Further files that stay out of the image, as .gitignore writes them. The output folder, hidden files, "
            "caches, data and what .gitignore names never enter it."
        ),
        examples=[["notebooks/", "*.md"]],
    )
    base: ImageName | None = Field(
        default=None,
        description="The image to build on. Default: python's own slim image of `python`, pinned by mlopsgen.lock.",
    )
    image: ImageName | None = Field(
        default=None,
        description=(
            "An image that already holds code and runtime (built from an earlier bundle): nothing is built then. "
            "Default: none."
        ),
    )


class Encryption(Model):
    """A customer key instead of the platform's own."""

    words: ClassVar[str] = "`encryption`"
    spread: ClassVar[tuple[str, ...]] = ("key",)

    key: str = Field(min_length=1, description="The key, in the target's own naming.", examples=["alias/ml"])


class Network(Model):
    """Where the containers can reach."""

    words: ClassVar[str] = "`network`"

    private: bool = Field(
        default=False,
        description="Whether containers run in your own network, cut off from the internet. Default: false.",
    )


class Access(Model):
    """Who may do what, in the target's own naming of people and roles."""

    words: ClassVar[str] = "`access`"

    deploy: Many[str] = Field(
        default=(), description="Who may approve and deploy. Default: nobody is added.", examples=[["release-managers"]]
    )
    invoke: Many[str] = Field(
        default=(), description="Who may call the deployments. Default: nobody is added.", examples=[["planning-app"]]
    )


class Governance(Model):
    """Encryption, network, access, retention, lineage and audit."""

    words: ClassVar[str] = "`governance`"

    encryption: Encryption | None = Field(
        default=None, description="A customer key: `{key: alias/ml}`. Default: the platform's own key."
    )
    network: Network = Field(default=Network.unwritten(), description="Where the containers can reach.")
    access: Access = Field(default=Access.unwritten(), description="Who may do what.")
    retention: Duration | None = Field(
        default=None, description="How long what runs write is kept. Default: for ever.", examples=["365d"]
    )
    lineage: bool = Field(
        default=False,
        description="Whether OpenLineage events are written beside the target's own lineage. Default: false.",
    )
    audit: bool = Field(default=False, description="Whether every change and access is logged. Default: false.")


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
    values: Many[NonNullScalar] = Field(
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
    registry: Annotated[Registry | Literal["none"], Either()] = Field(
        default=Registry.unwritten(),
        description="Where the trained model becomes a version; `none`: no version is made of it.",
    )
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

    @property
    def registration(self) -> Registry:
        """How versions are registered; nothing said where none is."""
        return Registry.unwritten() if self.registry == "none" else self.registry
