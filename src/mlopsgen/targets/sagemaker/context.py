"""What every part of the lowering is handed: the plan, the account, and where findings go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from mlopsgen.diagnostics import Diagnostic, SpecPath
from mlopsgen.plan.graph import all_jobs
from mlopsgen.plan.steps import AnyJob, FromStep, Plan, Register, Source
from mlopsgen.plan.values import Flag, Setting
from mlopsgen.records import dataclass
from mlopsgen.spec.values import refs
from mlopsgen.targets.reporting import Reporting
from mlopsgen.targets.sagemaker.expressions import MAIN, Facts, Word, execution_id, join
from mlopsgen.targets.sagemaker.image import image_uri
from mlopsgen.targets.sagemaker.names import Home, as_tag
from mlopsgen.targets.sagemaker.native import Network
from mlopsgen.targets.sagemaker.options import SageMakerOptions
from mlopsgen.targets.sagemaker.resources import Tags

WHERE: SpecPath = ("targets", "sagemaker")
PRODUCT_TAG = "mlopsgen:product"
"""The tag by which all that a product made is found."""


@dataclass(frozen=True, slots=True)
class Context(Reporting):
    """The plan being lowered, its place in AWS, and the findings so far."""

    plan: Plan
    options: SageMakerOptions
    home: Home
    jobs: Mapping[str, AnyJob]
    sources: Mapping[str, Source]
    image: str
    facts: Facts = MAIN
    written: frozenset[str] = frozenset()
    """Run parameters that are written into commands and addresses, not compared alone."""
    kept: frozenset[tuple[str, str]] = frozenset()
    """Steps and their outputs that a registered version names."""
    findings: list[Diagnostic] = field(default_factory=list)

    @property
    def job_role(self) -> str:
        """The role that jobs run with."""
        return self.options.role or self.home.role_arn(f"{self.role_path[1:]}{self.home.role('jobs')}")

    @property
    def role_path(self) -> str:
        """The path of roles that are made; IAM has a slash at both of its ends."""
        return f"{self.options.role_path.rstrip('/')}/"

    @property
    def network(self) -> Network | None:
        """The VPC that jobs run in."""
        if not self.options.subnets:
            return None
        return Network(subnets=tuple(self.options.subnets), security_groups=tuple(self.options.security_groups))

    @property
    def tags(self) -> Tags:
        """The product's tags, as requests take them."""
        named = self.plan.owner if "owner" not in dict(self.plan.tags) else None
        owner = (("owner", as_tag(named)),) if named else ()
        product = (PRODUCT_TAG, self.plan.name)
        return tuple({"Key": key, "Value": value} for key, value in (product, *owner, *self.plan.tags))

    def run_path(self, *parts: str, kept: bool = False) -> Word:
        """A place under this run's own prefix; what a version names lies apart, so that runs may expire."""
        return join(f"{self.home.prefix}/{'models' if kept else 'runs'}", execution_id(), *parts, on="/")

    @property
    def results(self) -> tuple[str, ...]:
        """The prefixes of the bucket that runs write under."""
        return tuple(f"{self.home.product}/{name}/" for name in (("models", "runs") if self.kept else ("runs",)))

    def repository(self) -> str:
        """The image's repository."""
        return self.options.repository or self.plan.name


def context_of(plan: Plan, options: SageMakerOptions) -> Context:
    """The context of a plan."""
    home = Home(plan.name, options.region, options.account, options.bucket)
    jobs = {job.name: job for job in all_jobs(plan)}
    sources = {source.name: source for source in plan.sources}
    image = image_uri(plan, home, options)
    written = _written(plan, tuple(jobs.values()))
    return Context(plan, options, home, jobs, sources, image, written=written, kept=frozenset(_kept(plan)))


def _kept(plan: Plan) -> Iterator[tuple[str, str]]:
    for step in plan.steps:
        if isinstance(step, Register):
            for item in (step.model, step.metrics, step.gate, *step.figures):
                if item is not None and isinstance(item.source, FromStep):
                    yield item.source.step, item.source.port


def _written(plan: Plan, jobs: tuple[AnyJob, ...]) -> frozenset[str]:
    flags = (a.value.value for job in jobs for a in job.argv if isinstance(a, Flag) and isinstance(a.value, Setting))
    values = (*(p.value for job in jobs for p in job.params), *flags, *(source.uri for source in plan.sources))
    return frozenset(ref.name for value in values for ref in refs(value))
