"""A version in the Model Registry.

No launcher makes it: that of UploadModel knows no modelId, and whether there is a model to add a version to is
known to the run alone. So the runtime does it, by the same REST requests, and the files move out of the run's
own folder, which is kept for a time only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from mlopsgen.plan.steps import Register
from mlopsgen.runtime import endpoint
from mlopsgen.targets.ir.api import Verdict
from mlopsgen.targets.ir.commands import ENTRY, RUNTIME
from mlopsgen.targets.ir.context import Context, card, harmless
from mlopsgen.targets.ir.parameters import Taken
from mlopsgen.targets.ir.parts import Command, Hole, Known, Part, Takes, Where, Word, flag
from mlopsgen.targets.vertex import names
from mlopsgen.targets.vertex.account import Account

NAME = "record-run"
RUN = "run"
RUN_NAME = "{{$.pipeline_job_name}}"
"""A run's id, which is also the name of its context in ML Metadata."""


def recording(account: Account) -> Sequence[Part]:
    """The task; none where runs are recorded elsewhere."""
    if account.plan.tracking.mlflow is not None:
        return ()
    home = account.home
    uri = f"vertex://{home.region}/{home.project}/{account.plan.tracking.experiment}?run="
    command = Command(
        image=account.image,
        words=(*RUNTIME, ("record",), ("--experiment=" + uri, Hole(Where.PARAMETER, RUN))),
        entry=ENTRY,
    )
    takes = {RUN: Takes(source=Known(RUN_NAME))}
    return (Part(name=NAME, step=NAME, runs=command, parameters=takes, cache=False, origin=("tracking",)),)


MODEL, METRICS, GATE = "model", "metrics", "gate"
FIGURE = "figure-"


def registering(context: Context, account: Account, step: Register, verdict: Verdict, name: str) -> Part:
    """The task that adds the version; what only a run knows of its data is filled in."""
    _check(context, step)
    read = {MODEL: context.product(step.model)}
    for port, item in ((METRICS, step.metrics), (GATE, step.gate)):
        if item is not None:
            read[port] = context.product(item)
    read |= {f"{FIGURE}{figure.port}": context.product(figure) for figure in step.figures}
    taken = Taken(context, frozenset(read))
    known = _known(context, account, step, verdict)
    folders = (_folder(port) for port in read)
    data = [flag("version-of-data", *_data(context, step, taken))] if step.data_versions else []
    words = (*RUNTIME, ("register",), *known, *folders, *data, flag("run", Hole(Where.PARAMETER, RUN)))
    return Part(
        name=name,
        step=step.name,
        runs=Command(image=account.image, words=words, entry=ENTRY),
        artifacts=read,
        parameters={**taken.parameters, RUN: Takes(source=Known(RUN_NAME))},
        cache=False,
        origin=step.origin,
    )


def _folder(port: str) -> Word:
    """Every figure comes under the same flag."""
    return flag("figure" if port.startswith(FIGURE) else port, Hole(Where.INPUT_PATH, port))


def _known(context: Context, account: Account, step: Register, verdict: Verdict) -> Iterator[Word]:
    home = account.home
    store = quote(f"{home.prefix}/models", safe=":/")
    yield flag("registry", f"vertex://{home.region}/{home.project}?store={store}")
    yield flag("name", step.group)
    yield flag("approval", "manual" if verdict == "pending" else "automatic")
    harmless(context, account.plan.description, ("description",))
    yield flag("settings", json.dumps(_settings(account), ensure_ascii=False))
    if step.card is not None or context.plan.owner:
        yield flag("card", card(context, step))


def _data(context: Context, step: Register, taken: Taken) -> Iterator[str | Hole]:
    """`name=version, …`; where the address holds what only the run knows, the address itself."""
    for number, (name, version) in enumerate(step.data_versions):
        yield f"{', ' if number else ''}{name}="
        source = context.sources.get(name)
        if source is not None and not isinstance(source.uri, str) and version == str(source.uri):
            yield from taken.text(source.uri, source.origin)
        else:
            yield harmless(context, version, ("data", "sources", name))


def _settings(account: Account) -> dict[str, Any]:
    """What the registry itself keeps: fields of Model, as the API spells them."""
    model: dict[str, Any] = {
        "displayName": account.registered.group if account.registered else account.plan.name,
        "description": names.one_line(account.plan.description, 1000),
        "labels": dict(account.labels),
        "containerSpec": _served(account),
    }
    if account.key:
        model["encryptionSpec"] = {"kmsKeyName": account.key}
    return {"model": {key: value for key, value in model.items() if value}}


def _served(account: Account) -> dict[str, Any]:
    """How its container serves a version, which no later request can change (ModelContainerSpec: immutable)."""
    return {
        "imageUri": account.image,
        "args": [endpoint.SERVE],
        "ports": [{"containerPort": endpoint.PORT}],
        "predictRoute": endpoint.PREDICT,
        "healthRoute": endpoint.HEALTH,
        "deploymentTimeout": f"{endpoint.PATIENCE}s",
    }


def _check(context: Context, step: Register) -> None:
    if not names.MODEL.fullmatch(step.group):
        message = f"`{step.group}` is no id of a model: small letters, digits, `-` and `_`, {names.MODEL_ID} at most"
        context.error("MG305", message, ("registry", "model"), hint="another name of the model")
