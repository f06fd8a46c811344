"""Rules for the frame of an IR document: its keys and types, its names, what nobody uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.documents import dig, maps
from mlopsgen.targets.ir.judge.folder import mapping, repeated
from mlopsgen.targets.ir.judge.messages import TABLE
from mlopsgen.targets.ir.judge.program import Program
from mlopsgen.targets.ir.judge.shape import DURATION, is_number
from mlopsgen.targets.rules import rule

PROTO = "pipeline_spec.proto of kfp"
PORT = re.compile(r"[A-Za-z0-9_.-]+")
_UNITS = {"": 1, "m": 0.001, **{u: 1000 ** (i + 1) for i, u in enumerate("KMGTPE")}}
_UNITS |= {f"{u}i": 1024 ** (i + 1) for i, u in enumerate("KMGTPE")}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]*)")


@rule("ir-shape", PROTO)
def shape(p: Program) -> Iterator[Diagnostic]:
    """Every key is one of PipelineSpec, and stands once."""
    yield from TABLE.check(p.document, "PipelineSpec", p.document.data)
    yield from repeated(p.document)


@rule("ir-names", "kfp, compiler: names of pipelines, ports and tasks")
def names(p: Program) -> Iterator[Diagnostic]:
    """Ports and tasks have names that placeholders and expressions can say."""
    for component in (p.root, *p.components.values()):
        for side, ports in (("inputDefinitions", component.inputs), ("outputDefinitions", component.outputs)):
            for kind in ("parameters", "artifacts"):
                for name in ports(kind):
                    if not PORT.fullmatch(name):
                        message = f"`{name}` is no name: letters, digits, `_`, `-` and `.`"
                        yield p.document.finding("MG433", message, (*component.path, side, kind, name))
    for task in p.tasks:
        if not PORT.fullmatch(task.name):
            yield p.document.finding("MG433", f"`{task.name}` is no name of a task", task.path)


@rule("ir-unused", "what nobody runs is a reference that went wrong")
def unused(p: Program) -> Iterator[Diagnostic]:
    """Every component is run by a task, every executor by a component."""
    named = {str(dig(task.data, ("componentRef", "name"))) for task in p.tasks}
    for name, component in p.components.items():
        if name not in named:
            message = f"no task runs the component `{name}`"
            yield p.document.finding("MG434", message, component.path, severity=Severity.WARNING)
    labels = {component.executor for component in p.components.values()}
    for label in p.executors:
        if label not in labels:
            path = ("deploymentSpec", "executors", label)
            message = f"no component names the executor `{label}`"
            yield p.document.finding("MG434", message, path, severity=Severity.WARNING)


@rule("ir-retries", PROTO + ", RetryPolicy")
def retries(p: Program) -> Iterator[Diagnostic]:
    """The longest wait is not shorter than the first one."""
    for task in p.tasks:
        retry = mapping(task.data.get("retryPolicy"))
        first, longest = (DURATION.fullmatch(str(retry.get(k))) for k in ("backoffDuration", "backoffMaxDuration"))
        if first and longest and int(first[1]) > int(longest[1]):
            message = f"the longest wait, {longest[0]}, is shorter than the first one, {first[0]}"
            yield p.document.finding("MG433", message, task.where("retryPolicy", "backoffMaxDuration"))
        if "iteratorPolicy" in task.data and not task.iterator:
            message = "a limit on how many run at once, of a task that runs once"
            yield p.document.finding("MG433", message, task.where("iteratorPolicy"))


@rule("ir-resources", PROTO + ", ResourceSpec; Kubernetes, resource quantities")
def resources(p: Program) -> Iterator[Diagnostic]:
    """Nobody asks for more than its limit; a number of devices has a kind."""
    for _, path, container in p.containers():
        requested = mapping(container.get("resources"))
        for request, limit in (
            ("resourceCpuRequest", "resourceCpuLimit"),
            ("resourceMemoryRequest", "resourceMemoryLimit"),
            ("cpuRequest", "cpuLimit"),
            ("memoryRequest", "memoryLimit"),
        ):
            least, most = amount(requested.get(request)), amount(requested.get(limit))
            if least is not None and most is not None and least > most:
                message = f"`{request}` {requested[request]} is more than `{limit}` {requested[limit]}"
                yield p.document.finding("MG433", message, (*path, "resources", request))
        device = mapping(requested.get("accelerator"))
        for key, needed in (("resourceCount", "resourceType"), ("count", "type")):
            if key in device and needed not in device:
                message = f"`{key}` needs `{needed}`"
                yield p.document.finding("MG432", message, (*path, "resources", "accelerator"))


def amount(value: object) -> float | None:
    """An amount as Kubernetes writes it, in cores or bytes; None when it is none."""
    if is_number(value):
        return float(value)  # type: ignore[arg-type]
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * _UNITS[match[2]] if match and match[2] in _UNITS else None


@rule("ir-containers", PROTO + ", PipelineContainerSpec; Kubernetes API, EnvVar")
def containers(p: Program) -> Iterator[Diagnostic]:
    """A container sets each variable once, and says no list that is empty."""
    for _, path, container in p.containers():
        seen: set[object] = set()
        for i, variable in maps(container.get("env")):
            name = variable.get("name")
            if isinstance(name, str) and name in seen:
                message = f"the variable `{name}` is set twice"
                yield p.document.finding("MG436", message, (*path, "env", i, "name"))
            seen.add(name if isinstance(name, str) else i)
        if container.get("command") == []:
            message = "an empty command: leave it out, or say it"
            yield p.document.finding("MG433", message, (*path, "command"), severity=Severity.WARNING)
