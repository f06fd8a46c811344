"""What every part of the lowering is handed: the plan, the workspace, and where findings go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from mlopsgen.diagnostics import Diagnostic, SpecPath
from mlopsgen.plan.graph import batches
from mlopsgen.plan.services import Batch, RealTime
from mlopsgen.plan.steps import AnyJob, Plan, Register, RunParameter, Source
from mlopsgen.plan.values import Flag, Setting
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml.image import image_version
from mlopsgen.targets.azureml.names import Home
from mlopsgen.targets.azureml.options import AzureMLOptions
from mlopsgen.targets.reporting import Reporting

WHERE: SpecPath = ("targets", "azureml")
PRODUCT = "mlopsgen-product"
"""The tag that says whose something is."""


@dataclass(frozen=True, slots=True)
class Context(Reporting):
    """The plan being lowered, its place in Azure, and the findings so far."""

    plan: Plan
    options: AzureMLOptions
    home: Home
    jobs: Mapping[str, AnyJob]
    """Steps and deployments that are one command."""
    batches: tuple[Batch, ...]
    """Deployments that are emitted: parts that the table of support refuses leave one out, if that is allowed."""
    lives: tuple[RealTime, ...]
    """The real-time ones, in the same way."""
    sources: Mapping[str, Source]
    parameters: Mapping[str, RunParameter]
    version: str
    """The version of the environment."""
    run_input: bool = False
    """Whether `run.id` is an input: the exit handler is a run of its own, and a scoring may go on with another one."""
    fixed: dict[str, str] = field(default_factory=dict)
    """Run parameters that Azure has no hole for → the setting of the pipeline job that holds their default."""
    findings: list[Diagnostic] = field(default_factory=list)

    @property
    def environment(self) -> str:
        """The product's environment, as components name it."""
        return f"azureml:{self.plan.name}:{self.version}"

    @property
    def tags(self) -> Mapping[str, str]:
        """The product's tags, on everything that is made."""
        owner = {"owner": self.plan.owner} if self.plan.owner else {}
        return {PRODUCT: self.plan.name, **owner, **dict(self.plan.tags)}

    @property
    def models(self) -> str:
        """The workspace's models, whose files lie in the datastore."""
        return f"{self.home.workspace_uri}/datastores/{self.home.datastore}/models"

    def registry(self, model: str) -> str:
        """A model of the workspace, as the runtime's adapter takes it."""
        return f"{self.models}/{model}"

    def state(self, path: str) -> str:
        """A place of the product that outlives its runs, as the runtime's adapter takes it."""
        return f"{self.home.workspace_uri}/datastores/{self.home.datastore}/paths/{self.plan.name}/state/{path}"

    @property
    def live(self) -> str:
        """What relative folders of deployments lie under."""
        return f"{self.home.workspace_uri}/datastores/{self.home.datastore}/paths/{self.plan.name}"


def context_of(plan: Plan, options: AzureMLOptions) -> Context:
    """The context of a plan."""
    home = Home(
        plan.name,
        options.subscription,
        options.resource_group,
        options.workspace,
        options.region,
        options.datastore,
    )
    scored = tuple(one for one in batches(plan) if _is_emitted(one))
    lives = tuple(one for one in plan.services if isinstance(one, RealTime) and _is_served(one))
    steps = (step for step in plan.steps if not isinstance(step, Register))
    jobs = {job.name: job for job in (*steps, *(one.job for one in scored))}
    return Context(
        plan,
        options,
        home,
        jobs,
        scored,
        lives,
        {source.name: source for source in plan.sources},
        {parameter.name: parameter for parameter in plan.parameters},
        image_version(plan),
    )


def _is_emitted(one: Batch) -> bool:
    job = one.job
    files = any(isinstance(one, Flag) and one.name == "format" and one.value == Setting("files") for one in job.argv)
    return job.image is None and not files


def _is_served(one: RealTime) -> bool:
    return one.job.image is None and one.answers is None and one.low > 0 and one.auth != "none"


def fixed_number(context: Context, value: int | Ref, where: SpecPath, address: str) -> int:
    """The number itself; a run parameter's default, with a word on how a run says another one."""
    if not isinstance(value, Ref):
        return value
    declared = context.parameters[value.name]
    if not isinstance(declared.default, int | float):
        message = f"Azure ML takes a number here and no run parameter, and `{value.name}` has no default"
        context.error("MG301", message, where, hint=f"give `{value.name}` a `default`, or write a number here")
        return 1
    if value.name not in context.fixed:
        message = f"Azure ML takes a number here and no run parameter: `{value.name}` is its default in the job"
        context.note(message, where, hint=f"a run changes it with `az ml job create --set {address}=…`")
    context.fixed.setdefault(value.name, address)
    return int(declared.default)
