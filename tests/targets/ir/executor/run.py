"""Walks the dags of a pipeline: what each task reads, whether its condition holds, how often its loop goes round.

Stricter than any service where two of them differ: a task that waits for one that was skipped is Broken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import celpy
from celpy.adapter import json_to_cel

from .document import Broken, Document, Node, check, read_back, text_of
from .machine import Ended, Machine

SUCCEEDED, FAILED, SKIPPED, CACHED, NEVER = "Succeeded", "Failed", "Skipped", "Cached", "NotTriggered"
WELL = (SUCCEEDED, CACHED)
FACTS = {
    "{{$.pipeline_job_name}}": "number",
    "{{$.pipeline_job_uuid}}": "number",
    "{{$.pipeline_job_schedule_time_utc}}": "scheduled",
}


@dataclass(slots=True)
class Values:
    """The parameters and artifacts that a component gets, or makes."""

    parameters: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, list[Node]] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One container that has to be run: what its placeholders stand for."""

    label: str
    image: str
    argv: list[str]
    env: dict[str, str]
    executor_input: Node
    resources: Node


Runner: TypeAlias = Callable[[Call], Ended]


@dataclass(slots=True)
class Run:
    """How a run went."""

    number: str
    tasks: dict[str, str] = field(default_factory=dict)
    """Task → how it ended; rounds of a loop as `name[0]`. Dags are among them."""
    said: dict[str, str] = field(default_factory=dict)
    """Task → what its last try printed."""
    tries: dict[str, int] = field(default_factory=dict)
    made: dict[str, Values] = field(default_factory=dict)
    status: str = ""
    scheduled: str = "2026-11-21T08:00:00Z"


@dataclass(frozen=True, slots=True)
class Walk:
    """One run of one document."""

    document: Document
    machine: Machine
    run: Run
    root: str
    """The address below which this run's artifacts lie."""
    start: Runner
    cache: dict[str, Values]
    expand: Callable[[str], str] = str

    def go(self, parameters: Mapping[str, Any]) -> None:
        """All tasks."""
        ended = self._dag(self.document.root, Values(dict(parameters)), "")
        self.run.status = SUCCEEDED if ended is not None else FAILED

    def _dag(self, component: Node, inputs: Values, suffix: str) -> Values | None:
        """What a dag's tasks make; None when one of them failed."""
        tasks: Node = component["dag"]["tasks"]
        states: dict[str, str] = {}
        made: dict[str, Values] = {}
        for name in _in_order(tasks):
            task = tasks[name]
            state, out = self._due(task, states), Values()
            if state is None:
                state, out = self._task(name, task, inputs, made, suffix)
            states[name], made[name] = state, out
            self.run.tasks[name + suffix] = state
            self.run.made[name + suffix] = out
        if FAILED in states.values():
            return None
        return _handed_out(component, made, states)

    def _due(self, task: Node, states: Mapping[str, str]) -> str | None:
        """How a task ends without being tried, or None."""
        before = {states[name] for name in task.get("dependentTasks", ())}
        if task.get("triggerPolicy", {}).get("strategy") == "ALL_UPSTREAM_TASKS_COMPLETED":
            return None
        if before & {FAILED, NEVER}:
            return NEVER
        if SKIPPED in before:
            raise Broken(f"{task['taskInfo']['name']} waits for a task that was skipped")
        return None

    def _task(
        self, name: str, task: Node, outer: Values, made: Mapping[str, Values], suffix: str
    ) -> tuple[str, Values]:
        component = self.document.component(task["componentRef"]["name"])
        inputs = self._inputs(task, component, outer, made)
        condition = task.get("triggerPolicy", {}).get("condition")
        if condition is not None and not holds(condition, inputs.parameters):
            return SKIPPED, Values()
        if "parameterIterator" in task:
            return self._loop(task, component, inputs, suffix)
        if "dag" in component:
            found = self._dag(component, inputs, suffix)
            return (FAILED, Values()) if found is None else (SUCCEEDED, found)
        return self._leaf(name, task, component, inputs, suffix)

    def _inputs(self, task: Node, component: Node, outer: Values, made: Mapping[str, Values]) -> Values:
        asked, declared = task.get("inputs", {}), component.get("inputDefinitions", {})
        found = Values()
        for name, said in asked.get("parameters", {}).items():
            value = self._value(said, outer, made)
            check(name, value, declared["parameters"][name]["parameterType"])
            found.parameters[name] = value
        for name, said in asked.get("artifacts", {}).items():
            several = _artifacts(said, outer, made)
            if len(several) != 1 and not declared["artifacts"][name].get("isArtifactList"):
                raise Broken(f"{name} is one artifact, not {len(several)}")
            found.artifacts[name] = several
        self._check_whole(task, declared, found)
        return found

    def _check_whole(self, task: Node, declared: Node, found: Values) -> None:
        """Every input that a component declares is there, unless it is optional or the loop gives it."""
        item = task.get("parameterIterator", {}).get("itemInput")
        for name, said in declared.get("parameters", {}).items():
            if name not in found.parameters and name != item:
                if not said.get("isOptional"):
                    raise Broken(f"{task['taskInfo']['name']} has no input {name}")
                found.parameters[name] = said.get("defaultValue")
        if missing := set(declared.get("artifacts", {})) - set(found.artifacts):
            raise Broken(f"{task['taskInfo']['name']} has no {missing}")

    def _value(self, said: Node, outer: Values, made: Mapping[str, Values]) -> Any:
        if "componentInputParameter" in said:
            return outer.parameters[said["componentInputParameter"]]
        if "taskOutputParameter" in said:
            source = said["taskOutputParameter"]
            return made[source["producerTask"]].parameters[source["outputParameterKey"]]
        value = said["runtimeValue"]["constant"]
        if isinstance(value, str) and value in FACTS:
            return getattr(self.run, FACTS[value])
        if isinstance(value, str) and "{{$" in value:
            raise Broken(f"{value} is filled in by nobody")
        return value

    def _loop(self, task: Node, component: Node, inputs: Values, suffix: str) -> tuple[str, Values]:
        iterator = task["parameterIterator"]
        items = iterator["items"]
        listed = json.loads(items["raw"]) if "raw" in items else inputs.parameters[items["inputParameter"]]
        found = Values({}, {})
        state = SUCCEEDED
        for number, item in enumerate(listed):
            own = Values({**inputs.parameters, iterator["itemInput"]: item}, inputs.artifacts)
            check("item", item, component["inputDefinitions"]["parameters"][iterator["itemInput"]]["parameterType"])
            made = self._dag(component, own, f"{suffix}[{number}]")
            if made is None:
                state = FAILED
                continue
            for name, several in made.artifacts.items():
                found.artifacts.setdefault(name, []).extend(several)
            for name, value in made.parameters.items():
                found.parameters.setdefault(name, []).append(value)
        return state, found

    def _leaf(self, name: str, task: Node, component: Node, inputs: Values, suffix: str) -> tuple[str, Values]:
        executor = self.document.executor(component["executorLabel"])
        if "importer" in executor:
            return SUCCEEDED, self._import(executor["importer"], component, inputs)
        made = self._outputs(name + suffix, component)
        call = self._call(component["executorLabel"], executor, component, inputs, made)
        key = _key(executor, inputs) if task.get("cachingOptions", {}).get("enableCache") else None
        if key is not None and key in self.cache:
            return CACHED, self.cache[key]
        tries = 1 + task.get("retryPolicy", {}).get("maxRetryCount", 0)
        for attempt in range(tries):
            ended = self.start(call)
            self.run.said[name + suffix], self.run.tries[name + suffix] = ended.stdout + ended.stderr, attempt + 1
            if ended.code == 0:
                self._read_outputs(call, component, made)
                if key is not None:
                    self.cache[key] = made
                return SUCCEEDED, made
        return FAILED, Values()

    def _import(self, importer: Node, component: Node, inputs: Values) -> Values:
        said = importer["artifactUri"]
        uri = said["constant"] if "constant" in said else inputs.parameters[said["runtimeParameter"]]
        if not self.machine.path(uri).exists():
            raise Broken(f"nothing lies at {uri}")
        (name,) = component["outputDefinitions"]["artifacts"]
        # Importers give an artifact no name: a cache cannot know one from another.
        return Values({}, {name: [{"name": "", "uri": uri, "type": importer["typeSchema"], "metadata": {}}]})

    def _outputs(self, name: str, component: Node) -> Values:
        made = Values()
        for port, said in component.get("outputDefinitions", {}).get("artifacts", {}).items():
            uri = f"{self.root}/{self.run.number}/{name}/{port}"
            made.artifacts[port] = [{"name": uri, "uri": uri, "type": said["artifactType"], "metadata": {}}]
        return made

    def _call(self, label: str, executor: Node, component: Node, inputs: Values, made: Values) -> Call:
        folder = self.machine.root / "outputs" / self.run.number / hashlib.sha256(str(made).encode()).hexdigest()[:12]
        told = component.get("outputDefinitions", {}).get("parameters", {})
        outputs = {
            "artifacts": {name: {"artifacts": several} for name, several in made.artifacts.items()},
            "parameters": {name: {"outputFile": str(folder / name)} for name in told},
            "outputFile": str(folder / "executor_output.json"),
        }
        given = {
            "parameterValues": inputs.parameters,
            "artifacts": {name: {"artifacts": several} for name, several in inputs.artifacts.items()},
        }
        executor_input = {"inputs": given, "outputs": outputs}
        container = executor["container"]
        words = [*container.get("command", ()), *container.get("args", ())]
        return Call(
            label=label,
            image=container["image"],
            argv=[filled(self.expand(word), executor_input) for word in words],
            env={e["name"]: self.expand(e["value"]) for e in container.get("env", ())},
            executor_input=executor_input,
            resources=container.get("resources", {}),
        )

    def _read_outputs(self, call: Call, component: Node, made: Values) -> None:
        outputs = call.executor_input["outputs"]
        declared = component.get("outputDefinitions", {}).get("parameters", {})
        file = Path(outputs["outputFile"])
        said = json.loads(file.read_text()) if file.exists() else {}
        for name, place in outputs["parameters"].items():
            told = said.get("parameterValues", {})
            text = Path(place["outputFile"]).read_text() if name not in told else ""
            made.parameters[name] = told[name] if name in told else read_back(text, declared[name]["parameterType"])
        for name, several in said.get("artifacts", {}).items():
            made.artifacts[name][0]["metadata"].update(several["artifacts"][0].get("metadata", {}))


def _artifacts(said: Node, outer: Values, made: Mapping[str, Values]) -> list[Node]:
    if "componentInputArtifact" in said:
        return outer.artifacts[said["componentInputArtifact"]]
    source = said["taskOutputArtifact"]
    return made[source["producerTask"]].artifacts[source["outputArtifactKey"]]


def _handed_out(component: Node, made: Mapping[str, Values], states: Mapping[str, str]) -> Values:
    found = Values()
    outputs = component["dag"].get("outputs", {})
    for name, said in outputs.get("artifacts", {}).items():
        (chosen,) = [s for s in said["artifactSelectors"] if states[s["producerSubtask"]] in WELL]
        found.artifacts[name] = made[chosen["producerSubtask"]].artifacts[chosen["outputArtifactKey"]]
    for name, said in outputs.get("parameters", {}).items():
        chosen = said["valueFromParameter"]
        found.parameters[name] = made[chosen["producerSubtask"]].parameters[chosen["outputParameterKey"]]
    return found


def _in_order(tasks: Node) -> Iterator[str]:
    done: set[str] = set()
    while len(done) < len(tasks):
        ready = [n for n, t in tasks.items() if n not in done and set(t.get("dependentTasks", ())) <= done]
        if not ready:
            raise Broken(f"nothing of {sorted(set(tasks) - done)} can ever start")
        yield from ready
        done.update(ready)


def holds(condition: str, parameters: Mapping[str, Any]) -> bool:
    """A condition in CEL over the parameters of its task."""
    environment = celpy.Environment()
    program = environment.program(environment.compile(condition))
    # A number of a run is a double there, whatever it was declared as.
    given = {name: float(v) if isinstance(v, int) and not isinstance(v, bool) else v for name, v in parameters.items()}
    found = program.evaluate({"inputs": json_to_cel({"parameter_values": given})})
    if not isinstance(found, celpy.celtypes.BoolType):
        raise Broken(f"`{condition}` is neither true nor false")
    return bool(found)


def filled(word: str, executor_input: Node) -> str:
    """An argument with its placeholders filled in."""
    word = word.replace("{{$}}", json.dumps(executor_input))
    word = word.replace("{{$.json_escape[1]}}", inside_json(json.dumps(executor_input)))
    for text, value in placeholders(executor_input):
        word = word.replace(text, value)
    if "{{$" in word:
        raise Broken(f"a placeholder of `{word}` is filled in by nobody")
    return word


def inside_json(text: str) -> str:
    """A text as it stands between the quotes of a JSON document (Vertex AI)."""
    return json.dumps(text)[1:-1]


def placeholders(executor_input: Node) -> Iterator[tuple[str, str]]:
    """Every placeholder of a task, and what it stands for."""
    inputs, outputs = executor_input["inputs"], executor_input["outputs"]
    for side, listed in (("inputs", inputs["artifacts"]), ("outputs", outputs["artifacts"])):
        for name, said in listed.items():
            for artifact in said["artifacts"][:1]:
                yield f"{{{{$.{side}.artifacts['{name}'].uri}}}}", artifact["uri"]
                yield f"{{{{$.{side}.artifacts['{name}'].path}}}}", local_path(artifact["uri"])
    for name, value in inputs["parameterValues"].items():
        if value is not None:
            yield f"{{{{$.inputs.parameters['{name}']}}}}", text_of(value)
            yield f"{{{{$.inputs.parameters['{name}'].json_escape[1]}}}}", inside_json(text_of(value))
    for name, said in outputs["parameters"].items():
        yield f"{{{{$.outputs.parameters['{name}'].output_file}}}}", said["outputFile"]


def local_path(uri: str) -> str:
    """Where a container finds an artifact."""
    scheme, _, rest = uri.partition("://")
    return {"gs": "/gcs/", "s3": "/s3/", "minio": "/minio/"}[scheme] + rest


def _key(executor: Node, inputs: Values) -> str:
    """What decides whether a task is taken from an earlier run: image, words, parameters, names of artifacts."""
    container = executor["container"]
    names = {name: [one["name"] for one in several] for name, several in inputs.artifacts.items()}
    words = [container["image"], container.get("command"), container.get("args")]
    said = json.dumps([words, inputs.parameters, names], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()
