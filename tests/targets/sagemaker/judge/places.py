"""Where things stand in a parsed bundle: the first of its kind, or Absent."""

from __future__ import annotations

from collections.abc import Iterator

from .seed import Absent, Doc, Seeded

SCHEDULE = "AWS::Scheduler::Schedule"
RULE = "AWS::Events::Rule"
PIPELINE = "AWS::SageMaker::Pipeline"
ROLE = "AWS::IAM::Role"
SCALABLE = "AWS::ApplicationAutoScaling::ScalableTarget"
ENDPOINT = "AWS::SageMaker::Endpoint"


def first_processing(b: Seeded) -> Doc:
    return b.steps("Processing")[0]


def comparison(b: Seeded) -> Doc:
    for condition in b.arguments("Condition", "Conditions"):
        if "LeftValue" in condition:
            found: Doc = condition
            return found
    raise Absent


def retry_policy(b: Seeded) -> Doc:
    for step in b.steps():
        if "RetryPolicies" in step:
            found: Doc = step["RetryPolicies"][0]
            return found
    raise Absent


def cache_config(b: Seeded) -> Doc:
    for step in b.steps():
        if "CacheConfig" in step:
            found: Doc = step["CacheConfig"]
            return found
    raise Absent


def property_file(b: Seeded) -> Doc:
    for step in b.steps("Processing"):
        if step.get("PropertyFiles"):
            found: Doc = step["PropertyFiles"][0]
            return found
    raise Absent


def training_job(b: Seeded) -> Doc:
    """Arguments that start a training container: of a training step or inside a tuning one."""
    for path in (("Training",), ("Tuning", "TrainingJobDefinition")):
        try:
            found: Doc = b.arguments(*path)
        except Absent:
            continue
        return found
    raise Absent


def hyperparameters(b: Seeded) -> Doc:
    for kind, *path in (("Training", "HyperParameters"), ("Tuning", "TrainingJobDefinition", "StaticHyperParameters")):
        try:
            found: Doc = b.arguments(kind, *path)
        except Absent:
            continue
        return found
    raise Absent


def tuning_config(b: Seeded) -> Doc:
    found: Doc = b.arguments("Tuning", "HyperParameterTuningJobConfig")
    return found


def default_of(b: Seeded, value: int | Doc) -> int:
    """A number, or the default of the parameter that gives it."""
    if isinstance(value, int):
        return value
    named = value["Get"].removeprefix("Parameters.")
    return next(int(p["DefaultValue"]) for p in b.definition["Parameters"] if p["Name"] == named)


def search_ranges(b: Seeded) -> Doc:
    config = tuning_config(b)
    if "ParameterRanges" in config:
        found: Doc = config["ParameterRanges"]
        return found
    return b.arguments("Tuning", "TrainingJobDefinition", "HyperParameterRanges")  # type: ignore[no-any-return]


def number_range(b: Seeded) -> Doc:
    for kind in ("IntegerParameterRanges", "ContinuousParameterRanges"):
        if search_ranges(b).get(kind):
            found: Doc = search_ranges(b)[kind][0]
            return found
    raise Absent


def metrics_of(b: Seeded) -> list[Doc]:
    found: list[Doc] = b.arguments("Tuning", "TrainingJobDefinition", "AlgorithmSpecification", "MetricDefinitions")
    return found


def package_container(b: Seeded) -> Doc:
    found: Doc = b.arguments("RegisterModel", "InferenceSpecification", "Containers", 0)
    return found


def output_of(b: Seeded) -> Doc:
    found: Doc = b.arguments("Processing", "ProcessingOutputConfig", "Outputs", 0)
    return found


def input_of(b: Seeded) -> Doc:
    found: Doc = b.arguments("Processing", "ProcessingInputs", 0)
    return found


def spot_job(b: Seeded) -> Doc:
    for path in (("Training",), ("Tuning", "TrainingJobDefinition")):
        try:
            found: Doc = b.arguments(*path)
        except Absent:
            continue
        if found.get("EnableManagedSpotTraining"):
            return found
    raise Absent


def statements(b: Seeded) -> Iterator[Doc]:
    for resource in b.template.get("Resources", {}).values():
        if resource.get("Type") != ROLE:
            continue
        for policy in resource["Properties"].get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]


def statement_of(b: Seeded, action: str) -> Doc:
    """The first statement that allows such an action."""
    for found in statements(b):
        actions = found["Action"] if isinstance(found["Action"], list) else [found["Action"]]
        if any(a.startswith(action) for a in actions):
            return found
    raise Absent(action)


def trust_of(b: Seeded, service: str) -> Doc:
    for resource in b.template.get("Resources", {}).values():
        document = resource.get("Properties", {}).get("AssumeRolePolicyDocument")
        for found in document["Statement"] if document else ():
            if service in str(found["Principal"]):
                trust: Doc = found
                return trust
    raise Absent(service)


def pipeline_parameters(b: Seeded) -> list[Doc]:
    for path in (
        (SCHEDULE, "Properties", "Target", "SageMakerPipelineParameters", "PipelineParameterList"),
        (RULE, "Properties", "Targets", 0, "SageMakerPipelineParameters", "PipelineParameterList"),
    ):
        try:
            found: list[Doc] = b.resource(*path)
        except Absent:
            continue
        if found:
            return found
    raise Absent


def canary_of(b: Seeded) -> Doc:
    path = ("Properties", "DeploymentConfig", "BlueGreenUpdatePolicy", "TrafficRoutingConfiguration")
    found: Doc = b.resource(ENDPOINT, *path)
    return found


def set_base(b: Seeded, base: str) -> None:
    lines = b.files.get("image/Dockerfile", "").splitlines()
    if not any(line.startswith("FROM") for line in lines):
        raise Absent
    b.files["image/Dockerfile"] = "\n".join(f"FROM {base}" if x.startswith("FROM") else x for x in lines) + "\n"
