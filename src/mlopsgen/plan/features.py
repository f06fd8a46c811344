"""Features that a spec can ask for: the rows of `mlopsgen targets`.

A row is a place in the language that some target may not be able to do. Every target answers
every row (a contract test holds it to that), so that what is native, emulated or refused is
read from code and never from a page.
"""

from __future__ import annotations

from mlopsgen.diagnostics import SpecPath
from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing a spec can ask for: the field (`=value` for one value of it) and words for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Use:
    """One feature that a spec uses, and the place that asks for it."""

    feature: str
    origin: SpecPath
    words: str = ""
    """The name of a feature that no target has yet ("a batch deployment"): the compiler itself refuses it (MG302)."""


FEATURES: tuple[Feature, ...] = (
    Feature("parameters", "parameters of a run, typed, with defaults"),
    Feature("parameters.values", "a run parameter limited to values or bounds"),
    Feature("parameters.list", "a run parameter that is a list"),
    Feature("code", "an image built from your code"),
    Feature("code.image", "an image that exists already"),
    Feature("data.sources.local", "data beside the spec, uploaded under its digest"),
    Feature("data.sources.remote", "data in the platform's own object store"),
    Feature("data.sources.several", "several data sources"),
    Feature("data.sources.sharded", "a source split over the nodes of a step"),
    Feature("data.sources.table", "a table of a warehouse as source"),
    Feature("data.checks", "the data contract, checked before training"),
    Feature("data.split", "the built-in split"),
    Feature("data.prepare", "your own preparation"),
    Feature("data.residency", "data that must stay in a region"),
    Feature("data.feature_store", "a feature store"),
    Feature("steps", "custom steps anywhere in the graph"),
    Feature("steps.when", "steps that a run parameter skips"),
    Feature("steps.after", "edges without data"),
    Feature("steps.always", "a step that runs however the rest ended"),
    Feature("steps.retries", "retries of failed steps"),
    Feature("steps.timeout", "time limits of steps"),
    Feature("steps.cache", "results of unchanged steps used again"),
    Feature("steps.env", "environment variables of a step"),
    Feature("steps.secrets", "secrets, by name"),
    Feature("steps.image", "a foreign image for one step"),
    Feature("steps.resources", "machines chosen from cpu, memory, disk"),
    Feature("steps.resources.gpu", "accelerators"),
    Feature("training.run", "your own training script"),
    Feature("training.framework", "the built-in trainer"),
    Feature("training.distributed", "training over several nodes"),
    Feature("training.spot", "training on spot capacity"),
    Feature("training.start_from", "training that starts from the champion"),
    Feature("tuning.grid", "grid search"),
    Feature("tuning.random", "random search"),
    Feature("tuning.bayesian", "bayesian search"),
    Feature("tuning.hyperband", "hyperband search"),
    Feature("tuning.early_stopping", "trials stopped early"),
    Feature("tuning.stop_at", "a search that ends at a goal"),
    Feature("tuning.max_failures", "a search that ends after failed trials"),
    Feature("tuning.timeout", "a time limit of the whole search"),
    Feature("tuning.keep", "several best trials kept"),
    Feature("tuning.refit", "the best trial trained again on all rows"),
    Feature("evaluation.run", "your own evaluation"),
    Feature("evaluation.task", "the built-in evaluator"),
    Feature("evaluation.explain", "explanations of the model"),
    Feature("evaluation.test_set", "a budget for reuse of the test set"),
    Feature("gates.threshold", "gates with bounds"),
    Feature("gates.champion", "gates against the champion, with confidence"),
    Feature("gates.group", "gates on bias between groups"),
    Feature("gates.on_gate_failure", "what a gate that says no leads to"),
    Feature("tracking.native", "runs recorded by the platform"),
    Feature("tracking.mlflow", "runs recorded in MLflow"),
    Feature("registry", "versions with metrics, data version and model card"),
    Feature("registry.approval", "approval by a person"),
    Feature("registry.from", "a model that exists already"),
    Feature("deployment.batch", "batch scoring"),
    Feature("deployment.batch.schedule", "scoring by the clock"),
    Feature("deployment.batch.nodes", "scoring on several machines"),
    Feature("deployment.batch.files", "scoring of opaque files"),
    Feature("deployment.batch.image", "scoring in somebody else's image"),
    Feature("deployment.real-time", "a real-time endpoint"),
    Feature("deployment.real-time.scale_on", "replicas that come and go"),
    Feature("deployment.real-time.profiles", "other bounds on the replicas at certain times"),
    Feature("deployment.real-time.zero", "no replica while nobody asks"),
    Feature("deployment.real-time.async", "requests that are queued"),
    Feature("deployment.real-time.public", "an endpoint that the internet reaches"),
    Feature("deployment.real-time.key", "callers with a key"),
    Feature("deployment.real-time.open", "callers who need not say who they are"),
    Feature("deployment.real-time.image", "a server in somebody else's image"),
    Feature("deployment.real-time.canary", "a new version by growing shares of the requests"),
    Feature("deployment.real-time.linear", "a new version by equal shares of the requests"),
    Feature("deployment.real-time.blue-green", "a new version beside the old one, switched at once"),
    Feature("deployment.real-time.shadow", "a new version that sees copies of the requests first"),
    Feature("deployment.real-time.abort_on", "a rollout that monitors take back"),
    Feature("deployment.real-time.steps", "steps before and after a rollout"),
    Feature("deployment.streaming", "scoring of a stream"),
    Feature("deployment.edge", "deployment to the edge"),
    Feature("monitoring", "monitors and alerts"),
    Feature("triggers.schedule", "training by the clock"),
    Feature("triggers.new_data", "training when data arrives"),
    Feature("triggers.invoke", "training that another system starts"),
    Feature("triggers.monitors", "training when a monitor fires"),
    Feature("triggers.after", "scoring after training"),
    Feature("triggers.message", "training when a message arrives"),
    Feature("triggers.deployments", "a deployment started by the clock, by data or by a call"),
    Feature("triggers.cooldown", "a trigger that keeps quiet for a time"),
    Feature("triggers.limit", "a trigger that fires so often at most"),
    Feature("triggers.approval", "a run that a person lets start"),
    Feature("governance.encryption", "your own encryption key"),
    Feature("governance.network", "a private network"),
    Feature("governance.access", "roles for those who deploy and invoke"),
    Feature("governance.retention", "what is made is kept for a time"),
    Feature("governance.lineage", "lineage events"),
    Feature("governance.audit", "an audit trail"),
    Feature("ci", "continuous integration"),
    Feature("targets.steps", "native settings of a step passed through"),
    Feature("targets.patches", "patches of the emitted files"),
)
