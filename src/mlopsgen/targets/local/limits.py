"""What this machine does not do, or does in its own way, said before anything is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from mlopsgen.diagnostics import Diagnostic, On, Severity, SpecPath
from mlopsgen.plan import steps as plan
from mlopsgen.plan.values import Flag, LiveUri
from mlopsgen.spec.data import TABLES
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.addresses import Live, by_default
from mlopsgen.targets.local.options import LocalOptions

Findings: TypeAlias = Iterator[Diagnostic]
LONGEST_WAIT = 600
"""Seconds between two tries of a step: somebody sits before this machine."""


def limits(the_plan: plan.Plan, options: LocalOptions) -> Findings:
    """Findings about a plan and the block `targets.local`."""
    for step in the_plan.steps:
        if not isinstance(step, plan.Register):
            yield from _job(the_plan, step)
    for source in the_plan.sources:
        yield from _source(the_plan, source)
    for service in the_plan.services:
        yield from _service(the_plan, service)
    if the_plan.image.prebuilt is not None:
        yield _refused(
            f"this machine runs no containers, so `{the_plan.image.prebuilt}` cannot be used here",
            ("code", "image"),
            "keep the code beside the spec, and set `code.image` in the environments that need it",
        )
    yield from _triggers(the_plan)
    yield from _governance(the_plan.governance)
    yield from _options(options)


def _job(the_plan: plan.Plan, job: plan.AnyJob) -> Findings:
    if job.image is not None:
        yield _refused(
            f"this machine runs no containers, so `{job.name}` cannot use the image `{job.image}`",
            (*job.origin, "image"),
            "give the step a command that runs here, in an environment of its own",
        )
    if job.retries is not None and job.retries.attempts and job.retries.backoff > LONGEST_WAIT:
        message = f"`{job.name}` waits {LONGEST_WAIT} seconds here before it is tried again, and no longer"
        yield _emulated(message, (*job.origin, "retries", "backoff"))
    yield from _machine(the_plan, job)
    if isinstance(job, plan.Tune):
        yield from _search(job)


def _machine(the_plan: plan.Plan, job: plan.AnyJob) -> Findings:
    resources = job.resources
    where = resources.origin or job.origin
    nodes = _by_default(the_plan, resources.nodes)
    several = isinstance(nodes, Ref) or nodes > 1
    launcher = job.distributed if isinstance(job, plan.Train | plan.Tune) else None
    if isinstance(resources.nodes, Ref) and not several and launcher != "torchrun":
        message = f"this machine is one node, whatever a run says for `{resources.nodes.name}`"
        yield _emulated(message, (*where, "nodes"))
    elif (several or isinstance(resources.nodes, Ref)) and launcher == "torchrun":
        yield _emulated("the nodes of the training are processes of this machine", (*where, "nodes"))
    elif several:
        yield _refused(
            f"this machine is one node, and `{job.name}` asks for several",
            (*where, "nodes"),
            "set `nodes: 1` in an environment for runs here",
        )
    if resources.cpu or resources.memory or resources.disk:
        yield _emulated(f"`{job.name}` gets what this machine has, whatever it asks for", where)
    if resources.gpu is not None:
        yield _emulated(f"`{job.name}` gets the accelerators that this machine has, if it has any", (*where, "gpu"))
    if resources.spot:
        yield _emulated("this machine is not taken away: `spot` changes nothing here", (*where, "spot"))


def _by_default(the_plan: plan.Plan, nodes: int | Ref) -> int | Ref:
    """The number of nodes when a run says nothing."""
    if not isinstance(nodes, Ref):
        return nodes
    default = next((p.default for p in the_plan.parameters if p.name == nodes.name), None)
    return default if isinstance(default, int) else nodes


def _search(job: plan.Tune) -> Findings:
    where = (*job.origin, "tuning")
    if job.strategy == "hyperband":
        yield _emulated("hyperband is a random search here: every trial runs to its end", (*where, "strategy"))
    if job.keep > 1:
        yield _emulated("the files of every trial stay in the run's folder, those of the best too", (*where, "keep"))
    if job.refit and not {"train", "validation"} <= {item.port for item in job.inputs}:
        message = "there are no validation rows to add here: the model of the best trial is taken as it is"
        yield _emulated(message, (*where, "refit"))
    if job.early_stopping:
        yield _emulated("no trial is stopped early here: every one runs to its end", (*where, "early_stopping"))


def _source(the_plan: plan.Plan, source: plan.Source) -> Findings:
    if source.distribution == "sharded":
        where = (*source.origin[:-1], "distribution")
        yield _emulated(f"one process reads all of `{source.name}` here", where)
    scheme = _scheme(by_default(the_plan, source.uri))
    if scheme not in (None, "file"):
        how = " (`source: data/rows.parquet`, `format: parquet`)" if scheme in TABLES else ""
        yield Diagnostic(
            "MG313",
            f"`{source.name}` is at `{scheme}://`, which this machine does not read: `mlopsgen run` will say so",
            source.origin,
            hint=f"name a copy beside the spec in an environment{how}, and run that: `mlopsgen run --env …`",
            # A bundle of this machine comes with every other one: it must not keep them from being made.
            severity=Severity.WARNING,
        )


def _service(the_plan: plan.Plan, service: plan.Service) -> Findings:
    yield from _job(the_plan, service.job)
    if isinstance(service, plan.RealTime):
        yield from _served(service)
    elif service.cron is not None:
        message = f"nothing waits on this machine: `mlopsgen score --deployment {service.name}` scores once"
        yield _emulated(message, (*service.origin, "schedule"))
    for flag in service.job.argv:
        if isinstance(flag, Flag) and isinstance(flag.value, LiveUri):
            scheme = _scheme(by_default(the_plan, flag.value.uri))
            if scheme not in (None, "file"):
                yield Diagnostic(
                    "MG313",
                    f"`{service.name}` has its {flag.name} at `{scheme}://`, which this machine does not reach",
                    (*service.origin, flag.name, "uri"),
                    hint="name a folder beside the spec in an environment, and score that: `mlopsgen score --env …`",
                    severity=Severity.WARNING,
                )


def _served(service: plan.RealTime) -> Findings:
    """A router answers here, in front of one process for each version."""
    if service.high > 1 or service.scaling or service.hours:
        fields = {"replicas": service.high > 1, "scale_on": bool(service.scaling), "profiles": bool(service.hours)}
        first = next(name for name, used in fields.items() if used)
        message = "one process of each version answers here, however many requests there are"
        yield _emulated(message, (*service.origin, first))
    for alarm in service.rollout.abort_on:
        if alarm.figure == "saturation":
            yield Diagnostic(
                "MG315",
                f"what is in use of this machine is not measured: `{alarm.name}` takes no rollout back here",
                alarm.origin,
                hint="let `abort_on` name errors or latency, too",
                severity=Severity.WARNING,
            )
    if service.public or service.auth == "key":
        field = "expose" if service.public else "auth"
        yield _emulated("this machine alone can reach it, and nobody has to say who they are", (*service.origin, field))
    if service.answers is not None:
        yield _emulated("callers wait for their answers here", (*service.origin, "async"))


def _scheme(uri: Live) -> str | None:
    """What stands before `://`, where that is known before the run."""
    start = uri.parts[0] if isinstance(uri, Text) else uri
    return start.partition("://")[0] if isinstance(start, str) and "://" in start else None


def _triggers(the_plan: plan.Plan) -> Findings:
    for trigger in the_plan.triggers:
        if not isinstance(trigger, plan.OnInvoke):
            yield _emulated("nothing waits on this machine: `mlopsgen run` starts the training", trigger.origin)


def _governance(governance: plan.Governance) -> Findings:
    where: SpecPath = ("governance",)
    if governance.encryption_key is not None:
        yield _emulated("the key encrypts nothing here: files lie on your disk as it is", (*where, "encryption"))
    if governance.private_network:
        yield _emulated("steps run in this machine's own network", (*where, "network"))
    if governance.deploy or governance.invoke:
        yield _emulated("who may do what is up to this machine's file permissions", (*where, "access"))
    if governance.retention is not None:
        yield _emulated("files of runs here stay until you delete them", (*where, "retention"))
    if governance.lineage:
        message = "version.json names the data, code and run of a version; no OpenLineage events are written here"
        yield _emulated(message, (*where, "lineage"))
    if governance.audit:
        yield _emulated("the journal that every run has here is all that is logged", (*where, "audit"))


def _options(options: LocalOptions) -> Findings:
    for field in ("machines", "names", "steps"):
        for name in getattr(options, field):
            yield Diagnostic(
                "MG309",
                f"`{field}.{name}` means nothing on this machine",
                ("targets", "local", field, name),
                hint="take it out: steps run as processes here",
                on=On.KEY,
            )


def _refused(message: str, where: SpecPath, hint: str) -> Diagnostic:
    return Diagnostic("MG301", message, where, hint=hint)


def _emulated(message: str, where: SpecPath) -> Diagnostic:
    return Diagnostic("MG315", message, where, severity=Severity.NOTE)
