"""Where versions of models are kept, and the step that adds one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mlopsgen.plan.steps import FromStep, Input, Plan, Register
from mlopsgen.spec.values import RunFact
from mlopsgen.targets.ir.api import Verdict
from mlopsgen.targets.ir.context import Context, card, harmless
from mlopsgen.targets.ir.parameters import Taken
from mlopsgen.targets.ir.parts import Command, Hole, Part, Takes, Where, Word, flag, word
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.options import KubeflowOptions
from mlopsgen.targets.kubeflow.storage import Storage, mount, secret_as_env
from mlopsgen.targets.launcher import RUNTIME

MODEL_REGISTRY = "http://model-registry-service.kubeflow.svc.cluster.local:8080"
"""Kubeflow Model Registry's own service (kubeflow.org/docs/components/model-registry/installation)."""
TOKEN = "MLOPSGEN_REGISTRY_TOKEN"  # noqa: S105 - the name of a variable
_APPROVAL = {"approved": "automatic", "pending": "manual", "rejected": "automatic"}


def registry_root(plan: Plan, storage: Storage) -> str:
    """The registry as the runtime opens it, before a model's name stands in it."""
    options = storage.options
    files = f"{storage.place}/registry"
    match options.registry:
        case "storage":
            return files
        case "model-registry":
            return f"model-registry:{options.registry_url or MODEL_REGISTRY}?files={quote(files, safe='/:')}"
        case "mlflow":
            return f"mlflow:{_mlflow(plan, options)}"


def _mlflow(plan: Plan, options: KubeflowOptions) -> str:
    return (options.registry_url or plan.tracking.mlflow or "").rstrip("/")


def registry_uri(plan: Plan, storage: Storage, model: str) -> str:
    """The versions of one model."""
    root, query, more = registry_root(plan, storage).partition("?")
    return f"{root}/{quote(model, safe='')}{query}{more}"


def registry_keys(options: KubeflowOptions) -> tuple[Mapping[str, Any], ...]:
    """The token that the registry wants, as a variable."""
    secret = options.registry_secret
    variable = "MLFLOW_TRACKING_TOKEN" if options.registry == "mlflow" else TOKEN
    return () if secret is None else (secret_as_env(secret.name, ((secret.key, variable),)),)


def register_part(context: Context, facts: Facts, step: Register, verdict: Verdict, name: str) -> Part:
    """A container that adds the version: files to the storage, words to the registry."""
    storage, ports = facts.storage, dict(_ports(step))
    taken = Taken(context, frozenset(ports))
    words = (*map(word, RUNTIME), word("register"), *_words(context, storage, step, verdict, taken))
    keys = (*storage.keys(), *registry_keys(facts.options))
    return Part(
        name=name,
        step=step.name,
        runs=Command(
            image=context.image,
            words=(*words, *(flag(flag_of(port), Hole(Where.INPUT_PATH, port)) for port in ports)),
            entry=len(RUNTIME),
            env=tuple(storage.environment()),
        ),
        artifacts={port: context.product(item) for port, item in ports.items()},
        parameters={**taken.parameters, RUN: Takes(source=RunFact("run.id"))},
        makes={"version": "system.Artifact"},
        cache=False,
        platform={
            **({"pvcMount": [mount(storage.claim)]} if storage.claim else {}),
            **({"secretAsEnv": list(keys)} if keys else {}),
        },
        origin=step.origin,
    )


RUN = "run"


def flag_of(port: str) -> str:
    """Every figure comes under the same flag."""
    return "figure" if port.startswith("figure_") else port


def _ports(step: Register) -> Iterator[tuple[str, Input]]:
    yield "model", step.model
    if step.metrics is not None:
        yield "metrics", step.metrics
    if step.gate is not None:
        yield "gate", step.gate
    for figure in step.figures:
        assert isinstance(figure.source, FromStep)
        yield f"figure_{figure.source.port}", figure


def _words(context: Context, storage: Storage, step: Register, verdict: Verdict, taken: Taken) -> Iterator[Word]:
    yield flag("registry", registry_root(context.plan, storage))
    yield flag("name", harmless(context, step.group, ("registry", "model")))
    yield flag("approval", _APPROVAL[verdict])
    if step.card is not None or context.plan.owner:
        yield flag("card", card(context, step))
    if step.data_versions:
        yield flag("version-of-data", *_data(context, step, taken))
    yield flag("run", Hole(Where.PARAMETER, RUN))
    yield flag("out", Hole(Where.OUTPUT_PATH, "version"))


def _data(context: Context, step: Register, taken: Taken) -> Iterator[str | Hole]:
    """`name: version; …`; where only the run knows an address, as the run gives it."""
    for number, (name, version) in enumerate(step.data_versions):
        yield f"{'; ' if number else ''}{name}: "
        source = context.sources.get(name)
        if source is not None and not isinstance(source.uri, str) and version == str(source.uri):
            yield from taken.text(source.uri, source.origin)
        else:
            yield harmless(context, version, ("data", "sources", name))
