"""Rules for requests that make recurring runs, as Kubeflow Pipelines' own API takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.spec.cron import cron_problem
from mlopsgen.targets.documents import Document, dig
from mlopsgen.targets.ir.judge.folder import mapping, repeated
from mlopsgen.targets.ir.judge.kinds import fits
from mlopsgen.targets.ir.judge.program import Program
from mlopsgen.targets.ir.judge.shape import Table, matching
from mlopsgen.targets.ir.scoring import FOLDER
from mlopsgen.targets.kubeflow.judge.cluster import Cluster
from mlopsgen.targets.kubeflow.judge.rights import unknown_account
from mlopsgen.targets.kubeflow.judge.scalars import SCALARS
from mlopsgen.targets.rules import rule

API = "kfp-server-api, V2beta1RecurringRun"
TABLE = Table(
    {
        "RecurringRun": {
            **dict.fromkeys(("display_name!", "description", "experiment_id", "pipeline_version_id"), "text"),
            "trigger!": "Trigger",
            "max_concurrency!": "number-of-runs",
            "mode": "=ENABLE DISABLE",
            "no_catchup": "bool",
            "namespace": "dns-label",
            "service_account": "name",
            "runtime_config": "RuntimeConfig",
            "pipeline_version_reference": "Version",
            "pipeline_spec": "object",
            "plugins_input": "object",
        },
        "Trigger": {"cron_schedule": "CronSchedule", "periodic_schedule": "PeriodicSchedule"},
        "CronSchedule": {"cron!": "text", "start_time": "text", "end_time": "text"},
        "PeriodicSchedule": {"interval_second!": "int", "start_time": "text", "end_time": "text"},
        "RuntimeConfig": {"parameters": "object", "pipeline_root": "text"},
        "Version": {"pipeline_id!": "text", "pipeline_version_id": "text"},
    },
    {"Trigger": ((("cron_schedule", "periodic_schedule"), True),)},
    {**SCALARS, "number-of-runs": matching("a number of runs in quotes, from 1 to 10", r"[1-9]|10")},
)
_KEYS = {key.removesuffix("!") for key in TABLE.messages["RecurringRun"]}


def _requests(c: Cluster) -> Iterator[tuple[Document, dict[str, Any]]]:
    for document in c.folder.rest:
        keys = set(mapping(document.data))
        if keys & {"trigger", "display_name", "max_concurrency"} and 2 * len(keys & _KEYS) >= len(keys):
            yield document, document.data


@rule("runs-shape", API)
def shape(c: Cluster) -> Iterator[Diagnostic]:
    """Every key is one of the request."""
    for document, data in _requests(c):
        yield from repeated(document)
        yield from TABLE.check(document, "RecurringRun", data)


@rule("runs-clocks", "Kubeflow Pipelines, recurring runs: cron of six fields, seconds first")
def clocks(c: Cluster) -> Iterator[Diagnostic]:
    """A clock has six fields, of which the first is the second."""
    for document, data in _requests(c):
        path = ("trigger", "cron_schedule", "cron")
        line = dig(data, path)
        if not isinstance(line, str):
            continue
        seconds, _, rest = line.partition(" ")
        if len(line.split()) != 6 or not seconds.isdecimal() or int(seconds) > 59:
            message = f"`{line}` has not six fields (second minute hour day month weekday)"
            yield document.finding("MG439", message, path)
        elif problem := cron_problem(rest):
            yield document.finding("MG439", problem, path)


@rule("runs-references", "a recurring run is of this bundle's pipeline, account and namespace")
def references(c: Cluster) -> Iterator[Diagnostic]:
    """Parameters are the pipeline's, the account and the namespace the bundle's."""
    spaces = Counter(item.namespace for item in c.objects if item.namespace)
    for document, data in _requests(c):
        if unknown_account(c, data.get("service_account")):
            message = f"no manifest makes the account `{data['service_account']}`"
            yield document.finding("MG434", message, ("service_account",))
        space = data.get("namespace")
        if isinstance(space, str) and spaces and space not in spaces:
            message = f"everything else is in the namespace `{spaces.most_common(1)[0][0]}`"
            yield document.finding("MG433", message, ("namespace",))
        yield from _parameters(c, document, mapping(dig(data, ("runtime_config", "parameters"))))


def _program(c: Cluster, document: Document) -> Program | None:
    """The pipeline that a request starts: the deployment's that it is called after, or the only other one."""
    stem = PurePosixPath(document.file).stem
    scoring = [p for p in c.programs if PurePosixPath(p.document.file).parent.name == FOLDER]
    named = [p for p in scoring if PurePosixPath(p.document.file).stem == stem]
    others = named or [p for p in c.programs if p not in scoring]
    return others[0] if len(others) == 1 else None


def _parameters(c: Cluster, document: Document, values: dict[str, Any]) -> Iterator[Diagnostic]:
    program = _program(c, document)
    if program is None:
        return
    declared = program.root.inputs("parameters")
    for name, value in values.items():
        path = ("runtime_config", "parameters", name)
        kind = mapping(declared.get(name)).get("parameterType")
        if name not in declared:
            near = nearest(name, declared)
            hint = f"did you mean `{near}`?" if near else None
            yield document.finding("MG434", f"the pipeline has no parameter `{name}`", path, hint)
        elif not fits(kind, value):
            yield document.finding("MG431", f"`{name}` is {kind}, which this is not", path)
