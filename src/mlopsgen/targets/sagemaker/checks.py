"""What can be known wrong about a whole plan before any of it is lowered."""

from __future__ import annotations

import re

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.steps import OnSchedule, Register
from mlopsgen.spec.values import RunFact, Text
from mlopsgen.targets.caching import doubt, report_uncached
from mlopsgen.targets.listed import AWS_REGIONS, check_listed, listed, machine_names
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import PRODUCT_TAG, WHERE, Context
from mlopsgen.targets.sagemaker.data import known_start, placed_by_run, prefix_of
from mlopsgen.targets.sagemaker.machines import MACHINE_TYPES


def check_plan(context: Context) -> None:
    """Reports everything that belongs to no single step."""
    check_listed(context, "region of AWS", context.home.region, (*WHERE, "region"), listed(AWS_REGIONS))
    _check_names(context)
    _check_tags(context)
    _check_network(context)
    _check_image(context)
    _check_readable(context)
    _check_stack_text(context)
    _check_machines(context)
    _check_caches(context)
    context.check_endpoints(context.options.names, (*WHERE, "names"))
    _check_records(context)
    _check_key(context)
    _check_versions(context)
    _check_clock(context)


def _check_names(context: Context) -> None:
    experiment = context.plan.tracking.experiment
    if len(experiment) > names.EXPERIMENT_NAME or not names.ENTITY.fullmatch(experiment):
        most = names.EXPERIMENT_NAME
        message = f"`{experiment}` is no name of an experiment: letters, digits and hyphens, {most} at most"
        context.error("MG305", message, ("tracking", "experiment"), "another name of the experiment")
    if len(context.repository()) < names.REPOSITORY and context.plan.image.prebuilt is None:
        message = (
            f"the image's repository would be `{context.repository()}`, and ECR asks for {names.REPOSITORY} characters"
        )
        context.error("MG305", message, ("name",), "a longer name, or `targets.sagemaker.repository`")
    for step in context.plan.steps:
        if len(step.name) > names.STEP_NAME:
            message = f"a step of SageMaker has a name of at most {names.STEP_NAME} characters"
            context.error("MG305", message, step.origin, "a shorter name", on=On.KEY)


def _check_tags(context: Context) -> None:
    if len(context.tags) > names.TAGS:
        message = f"there are {len(context.tags)} tags; AWS takes {names.TAGS}"
        context.error("MG306", message, ("tags",), "keep those that somebody reads", on=On.KEY)
    for key, value in context.plan.tags:
        _check_tag(context, key, value)
    owner = context.plan.owner
    if owner and "owner" not in dict(context.plan.tags) and names.as_tag(owner) != owner:
        message = f"`{owner}` cannot be a tag's value in AWS, so the tag `owner` is `{names.as_tag(owner)}`"
        hint = "letters, digits, spaces and `_ . : / = + - @`; or a word of its own for the tag: `tags: {owner: …}`"
        context.note(message, ("owner",), hint)


def _check_tag(context: Context, key: str, value: str) -> None:
    where: SpecPath = ("tags", key)
    if key == PRODUCT_TAG:
        message = f"`{key}` is the tag that says what belongs to this product"
        context.error("MG305", message, where, "another key", on=On.KEY)
    for on, text, longest in ((On.KEY, key, names.TAG_KEY), (On.VALUE, value, names.TAG_VALUE)):
        if not names.TAG_TEXT.fullmatch(text) or len(text) > longest:
            message = f"the {on} `{text}` cannot be a tag's in AWS"
            hint = f"letters, digits, spaces and `_ . : / = + - @`, {longest} characters at most"
            context.error("MG305", message, where, hint, on=on)
    if key.lower().startswith("aws:"):
        message = f"AWS keeps tags that start with `aws:` for itself, such as `{key}`"
        context.error("MG305", message, where, f"call it `{key[4:]}`", on=On.KEY)


def _check_network(context: Context) -> None:
    options = context.options
    if context.plan.governance.private_network and not options.subnets:
        context.error(
            "MG301",
            "a private network needs subnets and security groups of a VPC",
            ("governance", "network", "private"),
            hint="`targets.sagemaker.subnets: [subnet-…]` and `security_groups: [sg-…]`",
        )
    if bool(options.subnets) != bool(options.security_groups):
        key, other = ("subnets", "security_groups")[:: 1 if options.subnets else -1]
        hint = f"write `{other}` too, or take `{key}` away"
        context.error("MG301", "`subnets` and `security_groups` go together", (*WHERE, key), hint, on=On.KEY)


def _check_image(context: Context) -> None:
    prebuilt = context.plan.image.prebuilt
    if prebuilt is not None and ".dkr.ecr." not in prebuilt:
        context.error(
            "MG301",
            f"`{prebuilt}` is not in Amazon ECR: SageMaker takes images from nowhere else",
            ("code", "image"),
            hint=f"push it to {context.home.registry}",
        )


def _check_readable(context: Context) -> None:
    """The jobs' role reads what is known when the stack is made, and places that a run may name."""
    readable = context.options.readable
    if context.options.role is not None:
        if readable:
            message = "`readable` changes nothing: the rights of a `role` that exists already are its own"
            context.note(message, (*WHERE, "readable"), hint="allow that role to read these places", on=On.KEY)
        return
    hint = "`targets.sagemaker.readable: [s3://bucket/prefix/]` names the places that runs may give"
    for source in context.plan.sources if not readable else ():
        if not placed_by_run(source):
            continue
        start = known_start(context, source.uri)
        if not start:
            message = f"only a run knows where `{source.name}` lies, so its jobs would be denied to read it"
            context.error("MG301", message, source.origin, hint)
        elif prefix_of(start):
            message = f"a run that names another place for `{source.name}` is denied: its jobs may read the default"
            context.note(message, source.origin, hint)


def _check_stack_text(context: Context) -> None:
    """CloudFormation looks for `{{resolve:…}}` in every string of a template, and has no escape for it."""
    plan = context.plan
    texts: list[tuple[str, SpecPath]] = [(plan.description, ("description",)), (plan.owner or "", ("owner",))]
    texts += [(f"{key}\n{value}", ("tags", key)) for key, value in plan.tags]
    texts += [(source.uri, source.origin) for source in plan.sources if isinstance(source.uri, str)]
    texts += [(place, (*WHERE, "readable", i)) for i, place in enumerate(context.options.readable)]
    for text, where in texts:
        if "{{resolve:" in text:
            message = "CloudFormation would read `{{resolve:` as a reference to a secret or a parameter"
            context.error("MG308", message, where, hint="write it without the braces")
        if re.search(r"[\x00-\x08\x0b-\x1f]", text):
            context.error("MG308", "control characters cannot be written in a template", where, "take them out")


def _check_records(context: Context) -> None:
    if context.plan.governance.lineage:
        context.error(
            "MG302",
            "OpenLineage events are not emitted yet; SageMaker keeps a lineage of its own of every run",
            ("governance", "lineage"),
            hint="`lineage: false`",
        )
    if context.plan.governance.audit:
        context.note(
            "CloudTrail records every call to SageMaker for 90 days without being asked",
            ("governance", "audit"),
            hint="a trail that keeps them longer is the account's: a product does not switch one on",
        )


def _check_key(context: Context) -> None:
    key = context.plan.governance.encryption_key
    if key is not None and not names.KEY.fullmatch(key):
        message = f"`{key}` is no key of KMS"
        context.error("MG305", message, ("governance", "encryption", "key"), "its ARN: `arn:aws:kms:…:key/…`")
    elif key is not None and context.plan.image.prebuilt is None and context.options.repository is None:
        context.note(
            "the image repository keeps the key that it was made with: a stack that exists cannot change it",
            ("governance", "encryption", "key"),
            hint=f"where it exists already: `targets.sagemaker.repository: {context.plan.name}`",
        )


def _check_versions(context: Context) -> None:
    for source in context.plan.sources:
        if source.local is None and source.version is not None and isinstance(source.uri, str):
            context.note(
                f"jobs of SageMaker read what lies at `{source.uri}` when they start: "
                f"`{source.version}` is only written down with the model",
                (*source.origin[:-1], "version"),
                hint="a place that nobody writes to again, such as a folder for each version",
            )


def _check_clock(context: Context) -> None:
    """A schedule's own time is told to its target, and a pipeline's parameters cannot ask for it."""
    if not any(isinstance(trigger, OnSchedule) for trigger in context.plan.triggers):
        return
    jobs = [step for step in context.plan.steps if not isinstance(step, Register)]
    for param in (param for job in jobs for param in job.params):
        parts = param.value.parts if isinstance(param.value, Text) else (param.value,)
        if any(isinstance(part, RunFact) and part.name == "run.scheduled_at" for part in parts):
            message = "`run.scheduled_at` is when a run has started on SageMaker: seconds after its schedule's time"
            context.note(message, param.origin)


def _check_caches(context: Context) -> None:
    """A result is taken over where every argument is the same, and a checkpoint's place is another one in each run."""
    report_uncached(context, context.jobs.values(), context.sources)
    for job in context.jobs.values():
        if job.cache_asked and job.resources.spot and doubt(job, context.sources) is None:
            message = f"`{job.name}` runs each time, in spite of its `cache: true`: on spot machines it has checkpoints"
            context.note(message, (*job.origin, "cache"), hint="`spot: false`, or take `cache` out")


def _check_machines(context: Context) -> None:
    known = {*context.jobs, *(service.name for service in context.plan.services), "default"}
    machines, where = context.options.machines, (*WHERE, "machines")
    for name in machines:
        if name not in known:
            context.unknown(name, (*where, name), sorted(known))
    for machine, place in machine_names(machines, context.plan.parameters, where):
        check_listed(context, "machine of SageMaker", machine, place, listed(MACHINE_TYPES))
