"""What becomes of a PipelineSpec's words: as Kubeflow Pipelines runs it, and as Vertex AI does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from mlopsgen.runtime.cluster import _filled as _filled_object
from mlopsgen.runtime.flags import read_flags
from tests.hops.kubernetes import by_katib, expanded, in_pod, templated
from tests.hops.process import Started, behind_launcher
from tests.targets.ir.executor.document import text_of

Hop = Callable[[str], str]
RUN = "run-0001"
_PLACE = re.compile(r"\{\{\$\.inputs\.parameters\['([^']*)'\](\.json_escape\[1\])?\}\}")
_OTHER = re.compile(r"\{\{\$(?:\.(?:inputs|outputs)\.[^{}]*)?\}\}")


def kubeflow(files: Mapping[str, bytes], found_in: Path) -> Iterator[tuple[str, Started]]:
    """Step → its process. Text is a part of a driver's argument before it is one of its own pod.

    kubeflow/pipelines, backend/src/v2/compiler/argocompiler/container.go and dag.go: `--component`, `--task` and
    `--container` are arguments of the driver, whose pod the kubelet expands like every other; its answer, with the
    values of parameters in `--executor_input`, is the step's pod. Argo fills both in from templates.
    """

    def cluster(text: str) -> str:
        return expanded(templated(text))

    spec, *_ = yaml.safe_load_all(files["pipeline.yaml"])
    best = {step: json.dumps(_assigned(wanted), ensure_ascii=False) for step, wanted in _experiments(files)}
    for name, container, values in _containers(spec, cluster, best):
        given = {key: cluster(text) for key, text in values.items()}
        once = json.loads(cluster(json.dumps(container, ensure_ascii=False)))
        placed = [_filled(word, given) for word in map(templated, _words(once))]
        started = in_pod({"command": placed, "env": once.get("env", ())})
        yield name, behind_launcher(started)
        yield from _objects(name, started, files, found_in)


def _objects(name: str, started: Started, files: Mapping[str, bytes], found_in: Path) -> Iterator[tuple[str, Started]]:
    """The pods of what a step makes in the cluster: trials of Katib, nodes of a TrainJob."""
    words = list(started.argv)
    if words[3:4] != ["cluster"]:
        return
    step = name.removesuffix("-search")
    for kind in ("experiment", "trainjob"):
        if (file := f"manifests/{step}-{kind}.json") not in files:
            continue
        (found_in / "object.json").write_bytes(files[file])
        flags = [f"--object={found_in}/object.json" if word.startswith("--object=") else word for word in words[4:]]
        single, repeated = ("object", "timeout", "best"), ("set", "load")
        wanted = _filled_object(read_flags("cluster", flags, single=single, repeated=repeated))
        if kind == "trainjob":
            yield f"{step}-node", behind_launcher(in_pod(wanted["spec"]["trainer"]))
            continue
        yield f"{step}-trial", behind_launcher(by_katib(wanted, _assigned(wanted), found_in))


def _experiments(files: Mapping[str, bytes]) -> Iterator[tuple[str, Any]]:
    for file, content in files.items():
        if file.endswith("-experiment.json"):
            yield file.removeprefix("manifests/").removesuffix("-experiment.json") + "-search", json.loads(content)


def _assigned(experiment: Mapping[str, Any]) -> Mapping[str, str]:
    """What one trial is given: the last value of each list."""
    spaces = {one["name"]: one["feasibleSpace"] for one in experiment["spec"]["parameters"]}
    return {key: space["list"][-1] if "list" in space else space["max"] for key, space in spaces.items()}


def vertex(files: Mapping[str, bytes]) -> Iterator[tuple[str, Started]]:
    """Step → its process: placeholders are filled in, and a job's words and variables are expanded once.

    cloud.google.com/vertex-ai/docs/reference/rest/v1/CustomJobSpec (ContainerSpec, EnvVar.value: "$(VAR_NAME)");
    launchers of google-cloud-pipeline-components read their payload as JSON.
    """
    (spec,) = yaml.safe_load_all(files["pipeline.yaml"])
    for name, container, values in _containers(spec, str, {}):
        words = [_filled(word, values) for word in _words(container)]
        if "--payload" in words:
            yield from _jobs(name, json.loads(words[words.index("--payload") + 1]))
        else:
            started = in_pod({"command": words, "env": container.get("env", ())})
            yield name, behind_launcher(started)


def _jobs(name: str, request: Mapping[str, Any]) -> Iterator[tuple[str, Started]]:
    """A custom job's process; a trial's gets the params that the service proposes as further words.

    cloud.google.com/vertex-ai/docs/training/using-hyperparameter-tuning: "passed … as command-line arguments".
    """
    trials = "study_spec" in request
    job = request["trial_job_spec"] if trials else request["job_spec"]
    container = job["worker_pool_specs"][0]["container_spec"]
    proposed = []
    for one in request["study_spec"]["parameters"] if trials else ():
        spec = one.get("categorical_value_spec") or one.get("discrete_value_spec") or {}
        values = spec.get("values", ["1"])
        proposed.append(f"--{one['parameter_id']}={values[-1]}")
    started = in_pod({**container, "args": [*container["args"], *proposed]})
    yield f"{name.removesuffix('-search')}-{'trial' if trials else 'node'}", behind_launcher(started)


def _containers(
    spec: Mapping[str, Any], hop: Hop, told: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, str]]]:
    """Every task with a container, and what its parameters say: `hop` is what becomes of a default on its way.

    `told` is what tasks tell as their output parameter.
    """
    defaults = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    given = {name: hop(text_of(one["defaultValue"])) for name, one in defaults.items() if "defaultValue" in one}
    yield from _tasks(spec, spec["root"], given, told)


def _tasks(
    spec: Mapping[str, Any], component: Mapping[str, Any], given: Mapping[str, str], told: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, str]]]:
    for name, task in component["dag"]["tasks"].items():
        inner = spec["components"][task["componentRef"]["name"]]
        values = dict(_values(task.get("inputs", {}).get("parameters", {}), given, told))
        for item in _items(task, values):
            if "dag" in inner:
                yield from _tasks(spec, inner, {**values, **item}, told)
            elif container := spec["deploymentSpec"]["executors"][inner["executorLabel"]].get("container"):
                yield name, container, {**values, **item}


def _values(inputs: Mapping[str, Any], given: Mapping[str, str], told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, said in inputs.items():
        if "componentInputParameter" in said:
            yield name, given.get(said["componentInputParameter"], "")
        elif "runtimeValue" in said:
            yield name, text_of(said["runtimeValue"]["constant"]).replace("{{$.pipeline_job_uuid}}", RUN)
        else:
            yield name, told.get(said["taskOutputParameter"]["producerTask"], "")


def _items(task: Mapping[str, Any], values: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The rounds of a loop; what is no loop has one."""
    loop = task.get("parameterIterator")
    if loop is None or "raw" not in loop["items"]:
        return [{}]
    return [{loop["itemInput"]: text_of(item)} for item in json.loads(loop["items"]["raw"])]


def _words(container: Mapping[str, Any]) -> list[str]:
    return [*container.get("command", ()), *container.get("args", ())]


def _filled(word: str, values: Mapping[str, str]) -> str:
    """A word with its placeholders filled in; a text that holds one is filled in, too."""

    def value(match: re.Match[str]) -> str:
        text = values.get(match[1], "")
        return json.dumps(text, ensure_ascii=False)[1:-1] if match[2] else text

    return _OTHER.sub("{}", _PLACE.sub(value, word))
