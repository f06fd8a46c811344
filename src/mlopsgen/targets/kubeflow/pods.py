"""A step's container as a pod outside the pipeline has it: nobody lays out its folders there but the launcher.

KFP's own launcher brings artifacts to a container of a pipeline and takes them away. A trial of Katib and a node
of a TrainJob have none: ours loads them from the store by their addresses, which the pipeline hands on. Such
objects lie in files of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.records import dataclass
from mlopsgen.targets.ir.commands import FETCHED, LAUNCHER, RUNTIME, hole_flag
from mlopsgen.targets.ir.native import Resources
from mlopsgen.targets.ir.parts import Command, Hole, Part, Where, Word, flag
from mlopsgen.targets.launcher import flag_words

INPUTS = f"{FETCHED}/in"
OUTPUTS = f"{FETCHED}/out"
OBJECTS = "/etc/mlopsgen"
"""Where a step finds the object that it makes: a ConfigMap, mounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod of an object that a step makes: its one container, and what it may do."""

    image: str
    command: tuple[str, ...]
    args: tuple[str, ...]
    env: tuple[Mapping[str, Any], ...]
    resources: Mapping[str, Any]
    placement: Mapping[str, Any]
    service_account: str
    pull_secrets: tuple[Mapping[str, str], ...]
    volumes: tuple[Mapping[str, Any], ...]
    mounts: tuple[Mapping[str, Any], ...]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    security: Mapping[str, Any]
    confined: Mapping[str, Any]
    """What its container gives up."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A command for such a pod, and the words of it that only a run knows: their place, and what stands there."""

    words: tuple[str, ...]
    late: tuple[tuple[int, Word], ...]


def moved(part: Part, saved: tuple[str, ...] = (), extra: tuple[str, ...] = ()) -> Moved:
    """The part's command with folders of its own; `saved` are outputs that go to the store, `extra` further flags."""
    assert isinstance(part.runs, Command)
    words: list[Word] = [*RUNTIME, ("step",)]
    words += flag_words(
        hole_flag,
        load=[(f"{INPUTS}/{port}=", Hole(Where.INPUT_URI, port)) for port in part.artifacts],
        make=(f"{OUTPUTS}/{port}" for port in part.makes),
        save=[(f"{OUTPUTS}/{port}=", Hole(Where.OUTPUT_URI, port)) for port in saved],
    )
    words += [(word,) for word in extra]
    words += [tuple(map(_own_folder, word)) for word in part.runs.words[len(LAUNCHER) :]]
    late = tuple((place, word) for place, word in enumerate(words) if any(isinstance(p, Hole) for p in word))
    return Moved(tuple("".join(p for p in word if isinstance(p, str)) for word in words), late)


def _own_folder(part: str | Hole) -> str | Hole:
    if isinstance(part, Hole) and part.where is Where.INPUT_PATH:
        return f"{INPUTS}/{part.name}"
    if isinstance(part, Hole) and part.where is Where.OUTPUT_PATH:
        return f"{OUTPUTS}/{part.name}"
    return part


def sets(moved: Moved, pointer: str) -> Iterator[Word]:
    """Flags of `cluster` that put what the run knows into the object."""
    head = len(RUNTIME)
    for place, word in moved.late:
        yield flag("set", f"{pointer}/{place - head}=", *word)


def environment(part: Part, more: tuple[tuple[str, str], ...]) -> tuple[Mapping[str, Any], ...]:
    """The container's variables: the step's own, the store's, and those out of Secrets; each once, as the API asks."""
    assert isinstance(part.runs, Command)
    plain = {**dict(more), **dict(part.runs.env)}
    variables: dict[str, Mapping[str, Any]] = {name: {"name": name, "value": value} for name, value in plain.items()}
    for secret in part.platform.get("secretAsEnv", ()):
        for key in secret["keyToEnv"]:
            variables[key["envVar"]] = from_secret(key["envVar"], secret["secretName"], key["secretKey"])
    return tuple(variables.values())


def from_secret(variable: str, secret: str, key: str) -> Mapping[str, Any]:
    """A variable out of a Secret, as a pod has it."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def amounts(resources: Resources) -> dict[str, Any]:
    """Requests and limits, as a pod has them."""
    gpu = {resources.accelerator.type: str(resources.accelerator.count)} if resources.accelerator else {}
    pairs = (
        ("requests", {"cpu": resources.cpu_request, "memory": resources.memory_request}),
        ("limits", {"cpu": resources.cpu_limit, "memory": resources.memory_limit}),
    )
    amounts_of = {name: {**{k: v for k, v in amount.items() if v is not None}, **gpu} for name, amount in pairs}
    return {name: amount for name, amount in amounts_of.items() if amount}


def volumes(part: Part) -> tuple[Mapping[str, Any], ...]:
    """The volumes that the part mounts."""
    claims = [one["constant"] for one in part.platform.get("pvcMount", ())]
    spaces = part.platform.get("emptyDirMounts", ())
    return (
        *({"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims),
        *({"name": one["volumeName"], "emptyDir": {"medium": one["medium"]}} for one in spaces),
    )


def mounts(part: Part) -> tuple[Mapping[str, Any], ...]:
    """Where they are in its container."""
    claims, spaces = part.platform.get("pvcMount", ()), part.platform.get("emptyDirMounts", ())
    return (
        *({"name": one["constant"], "mountPath": one["mountPath"]} for one in claims),
        *({"name": one["volumeName"], "mountPath": one["mountPath"]} for one in spaces),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParameter:
    """One axis, in Katib's words: every number is a text there."""

    name: str
    type: str
    space: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """An Experiment."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    metric: str
    line: str
    """The lines that say it: a regular expression of a name and a number."""
    direction: str
    goal: float | None
    algorithm: str
    settings: tuple[Mapping[str, str], ...]
    early_stopping: bool
    trials: int | None
    parallel: int
    failures: int | None
    parameters: tuple[SearchParameter, ...]
    pod: Pod
    deadline: int | None
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """A TrainJob."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    runtime: str
    count: int
    per_node: int | None
    deadline: int | None
    pod: Pod


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One such file, and the ConfigMap that holds it."""

    path: str
    """In the folder of manifests."""
    template: str
    config_map: str
    body: Search | Nodes
    step: str
    """The step that makes it."""
