"""The API of a cluster with Katib and Kubeflow Trainer in it: what is made runs, pod after pod, as processes."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.runtime.fake_http import Handler
from tests.targets.ir.executor.machine import Ended

Node: TypeAlias = dict[str, Any]
RunPod: TypeAlias = Callable[[list[str], dict[str, str]], Ended]
LINE = re.compile(r"([\w|-]+)\s*=\s*([+-]?\d*(?:\.\d+)?(?:[Ee][+-]?\d+)?)")
"""What Katib's collector takes for a metric, unless it is told otherwise."""
SOON = 15
"""Seconds; the runtime waits longer for an answer."""


@dataclass
class Objects:
    """All that was ever made, and what of it is still there."""

    run: RunPod
    there: dict[str, Node] = field(default_factory=dict)
    made: list[Node] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    trials: list[Mapping[str, str]] = field(default_factory=list)
    work: dict[str, threading.Thread] = field(default_factory=dict)

    def make(self, wanted: Node) -> None:
        name = wanted["metadata"]["name"]
        self.there[name] = wanted
        self.made.append(wanted)
        work = {"Experiment": self._search, "TrainJob": self._train}[wanted["kind"]]
        self.work[name] = threading.Thread(target=work, args=(wanted,), daemon=True)
        self.work[name].start()

    def shown(self, name: str) -> Node | None:
        """An object that is there, when its end has come or is far: who sees no end asks again in ten seconds."""
        if name in self.there:
            self.work[name].join(SOON)
        return self.there.get(name)

    def _search(self, wanted: Node) -> None:
        spec, best = wanted["spec"], None
        objective, failed = spec["objective"], 0
        sign = 1 if objective["type"] == "maximize" else -1
        for assigned in itertools.islice(points(spec["parameters"]), spec["maxTrialCount"]):
            self.trials.append(assigned)
            found = self._trial(spec, assigned)
            if found is None:
                failed += 1
                if failed > spec.get("maxFailedTrialCount", 10**6):
                    finish(wanted, "Failed", "Experiment has failed because max failed trial count has reached")
                    return
            elif best is None or sign * found > sign * best[0]:
                best = (found, assigned)
        if best is not None:
            wanted.setdefault("status", {})["currentOptimalTrial"] = {
                "bestTrialName": f"{wanted['metadata']['name']}-x7f3",
                "parameterAssignments": [{"name": name, "value": value} for name, value in best[1].items()],
                "observation": {"metrics": [{"name": objective["objectiveMetricName"], "latest": str(best[0])}]},
            }
        finish(wanted, "Succeeded", "Experiment has succeeded because max trial count has reached")

    def _trial(self, spec: Node, assigned: Mapping[str, str]) -> float | None:
        template = spec["trialTemplate"]
        given = {one["name"]: assigned[one["reference"]] for one in template["trialParameters"]}
        text = json.dumps(template["trialSpec"])
        for name, value in given.items():
            text = text.replace(f"${{trialParameters.{name}}}", value)
        assert "${trial" not in text
        (container,) = json.loads(text)["spec"]["template"]["spec"]["containers"]
        assert container["name"] == template["primaryContainerName"]
        ended = self._run(wrapped(container), {})
        metric = spec["objective"]["objectiveMetricName"]
        found = [value for name, value in LINE.findall(ended.stdout) if name == metric and value]
        return float(found[-1]) if ended.code == 0 and found else None

    def _train(self, wanted: Node) -> None:
        trainer = wanted["spec"]["trainer"]
        count = trainer["numNodes"]
        for rank in reversed(range(count)):
            told = {"PET_NNODES": str(count), "PET_NODE_RANK": str(rank), "PET_MASTER_ADDR": "localhost"}
            ended = self._run(trainer, told)
            if ended.code:
                finish(wanted, "Failed", f"node {rank}: {ended.stderr[-200:]}")
                return
        finish(wanted, "Complete", "all nodes have ended")

    def _run(self, container: Node, told: dict[str, str]) -> Ended:
        variables = {one["name"]: expanded(one["value"]) for one in container.get("env", ()) if "value" in one}
        argv = [expanded(word) for word in (*container["command"], *container["args"])]
        ended = self.run(argv, {**variables, **told})
        self.said.append(ended.stdout + ended.stderr)
        return ended


def wrapped(container: Node) -> Node:
    """What Katib's webhook makes of a trial's container (pkg/webhook/v1beta1/pod/utils.go, wrapWorkerContainer)."""
    words = [*container["command"], *container["args"], "2>&1", "&&", "echo completed > /dev/null"]
    return {**container, "command": ["sh", "-c"], "args": [" ".join(words)]}


def points(parameters: list[Node]) -> Iterator[dict[str, str]]:
    """Every combination, in the order of the lists; two points of an interval."""
    axes = []
    for one in parameters:
        space = one["feasibleSpace"]
        axes.append([(one["name"], value) for value in space.get("list") or (space["min"], space["max"])])
    for chosen in itertools.product(*axes):
        yield dict(chosen)


def finish(wanted: Node, kind: str, message: str) -> None:
    """Says how an object ended."""
    condition = {"type": kind, "status": "True", "reason": kind, "message": message}
    wanted.setdefault("status", {})["conditions"] = [condition]


def expanded(word: str) -> str:
    """What Kubernetes makes of a word: two dollars are one, and there is no variable here."""
    assert not re.search(r"(?<!\$)(?:\$\$)*\$\(", word), word
    return word.replace("$$", "$")


class Api(Handler):
    """Makes, shows and deletes objects of one namespace."""

    objects: Objects

    def post(self) -> None:
        wanted = json.loads(self.body())
        assert self.path.endswith(f"/namespaces/{wanted['metadata']['namespace']}/{wanted['kind'].lower()}s")
        self.objects.make(wanted)
        self.answer(201, json.dumps(wanted).encode())

    def get(self) -> None:
        found = self.objects.shown(self.path.rpartition("/")[2])
        if found is None:
            self.answer(404, b'{"kind": "Status", "message": "not found"}')
        else:
            self.answer(200, json.dumps(found).encode())

    def delete(self) -> None:
        self.body()
        self.objects.there.pop(self.path.rpartition("/")[2], None)
        self.answer(200, b'{"kind": "Status", "status": "Success"}')
