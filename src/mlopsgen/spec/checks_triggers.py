"""Findings about triggers that start nothing, or wait for what never happens."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.checks_shared import conflict, unknown
from mlopsgen.spec.product import Spec
from mlopsgen.spec.triggers import After, OnAll, OnAny, OnInvoke, OnMessage, OnNewData, Trigger


def check_triggers(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about `triggers`."""
    for name, trigger in spec.triggers.items():
        spec_path = ("triggers", name)
        yield from _started(spec, trigger, spec_path)
        yield from _parameters(spec, trigger, spec_path)
        match trigger:
            case OnNewData():
                yield from _new_data(spec, trigger, spec_path)
            case OnAny():
                yield from _monitors(spec, trigger.any_of, (*spec_path, "any_of"))
            case OnAll():
                yield from _monitors(spec, trigger.all_of, (*spec_path, "all_of"))
            case After() if trigger.start == "training":
                message = "training would start itself again, for ever"
                yield conflict(
                    message, (*spec_path, "after"), "start a deployment: `start: deployments.<name>`", code="MG127"
                )
            case After() if spec.training is None:
                yield conflict("there is no `training` to wait for", (*spec_path, "after"), code="MG127")
            case _:
                continue


def _started(spec: Spec, trigger: Trigger, spec_path: SpecPath) -> Iterator[Diagnostic]:
    start_path = (*spec_path, "start")
    if trigger.start == "training":
        if spec.training is None:
            yield conflict("there is no `training` to start", start_path, "add `training`", code="MG127")
        return
    name = trigger.start.removeprefix("deployments.")
    known = tuple(f"deployments.{deployment}" for deployment in spec.deployments)
    if name not in spec.deployments:
        yield unknown("MG127", "deployment", trigger.start, known, start_path)
    elif (mode := spec.deployments[name].mode) != "batch":
        message = f"deployment `{name}` is {mode} and runs all the time: there is nothing to start"
        yield conflict(message, start_path, "start `training`, or a batch deployment", code="MG127")


def _parameters(spec: Spec, trigger: Trigger, spec_path: SpecPath) -> Iterator[Diagnostic]:
    """Only a person, a call or a message can give a parameter that has no default."""
    if isinstance(trigger, OnInvoke | OnMessage) or trigger.start != "training":
        return
    for name, parameter in spec.parameters.items():
        if parameter.required:
            message = f"this starts training by itself, and nobody gives parameter `{name}` its value"
            yield Diagnostic("MG127", message, spec_path, f"give `parameters.{name}` a `default`", on=On.KEY)


def _new_data(spec: Spec, trigger: OnNewData, spec_path: SpecPath) -> Iterator[Diagnostic]:
    sources = spec.data.sources if spec.data else {}
    name, data_path = trigger.new_data.removeprefix("data."), (*spec_path, "new_data")
    if name not in sources:
        yield unknown("MG127", "source", trigger.new_data, [f"data.{known}" for known in sources], data_path)
        return
    uri = sources[name].uri
    if isinstance(uri, str) and "://" not in uri:
        message = f"new data cannot arrive in `{uri}`: it lies beside the spec and is uploaded by `submit`"
        yield conflict(message, data_path, "name a place in the cloud, such as `s3://acme/trips/`", code="MG127")


def _monitors(spec: Spec, names: tuple[str, ...], spec_path: SpecPath) -> Iterator[Diagnostic]:
    monitors = spec.monitoring.monitors if spec.monitoring else {}
    for index, name in enumerate(names):
        if name not in monitors:
            yield unknown("MG127", "monitor", name, monitors, (*spec_path, index))
        elif name in names[:index]:
            yield conflict(f"`{name}` stands in this list twice", (*spec_path, index), "write it once")
