"""Launchers of google-cloud-pipeline-components, out of their arguments alone: a custom job, a tuning job.

They read --payload as the real ones do: JSON, with what is empty, 0 or false taken out. Machines of a job run
one after the other, trials too; each is a process of this machine.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from tests.targets.ir.executor.document import Broken
from tests.targets.ir.executor.machine import Ended, Machine
from tests.targets.ir.executor.run import Call

IMAGE = "gcr.io/ml-pipeline/google-cloud-pipeline-components:"
Node: TypeAlias = dict[str, Any]
Proposal: TypeAlias = Callable[[Node, int], Sequence[Mapping[str, str]]]


@dataclass(slots=True)
class Jobs:
    """The jobs of a project; `propose` says which params the service would try."""

    machine: Callable[[], Machine]
    propose: Proposal = lambda study, count: list(drawn(study, count))
    requests: list[tuple[str, Node]] = field(default_factory=list)
    trials: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, call: Call) -> Ended:
        """What the launcher does."""
        given = dict(zip(call.argv[4::2], call.argv[5::2], strict=True))
        request = without_empty(json.loads(given["--payload"]))
        self.requests.append((given["--type"], request))
        resources = Path(given["--gcp_resources"])
        resources.parent.mkdir(parents=True, exist_ok=True)
        kind = given["--type"]
        name = f"projects/{given['--project']}/locations/{given['--location']}/{kind}/{len(self.requests)}"
        resources.write_text(json.dumps({"resources": [{"resourceType": kind, "resourceUri": name}]}))
        match kind:
            case "CustomJob":
                return self._custom(request["job_spec"], (), {})
            case "HyperparameterTuningJob":
                return self._tuning(request)
            case other:
                raise Broken(f"no launcher makes a {other}")

    def _custom(self, spec: Node, appended: tuple[str, ...], env: Mapping[str, str]) -> Ended:
        """Every machine of every pool, the first one first; they see each other's names."""
        pools = spec["worker_pool_specs"]
        assert pools[0]["replica_count"] == 1
        names = {
            f"workerpool{number}": [f"machine-{number}-{index}:2222" for index in range(pool["replica_count"])]
            for number, pool in enumerate(pools)
        }
        ended = Ended(0, "", "")
        for number, pool in enumerate(pools):
            assert pool["machine_spec"]["machine_type"]
            for index in range(pool["replica_count"]):
                task = {"type": f"workerpool{number}", "index": index}
                cluster = {"CLUSTER_SPEC": json.dumps({"cluster": names, "task": task, "environment": "cloud"})}
                ended = self._container(pool["container_spec"], appended, {**env, **cluster})
                if ended.code:
                    return ended
        return ended

    def _container(self, container: Node, appended: tuple[str, ...], env: Mapping[str, str]) -> Ended:
        own = {one["name"]: one["value"] for one in container.get("env", ())}
        argv = [*container.get("command", ()), *container.get("args", ()), *appended]
        return self.machine().run(argv, {**own, **env})

    def _tuning(self, request: Node) -> Ended:
        study, spec = request["study_spec"], request["trial_job_spec"]
        (metric,) = study["metrics"]
        assert metric["goal"] in ("MAXIMIZE", "MINIMIZE")
        assert spec["base_output_directory"]["output_uri_prefix"].startswith("gs://")
        failed = 0
        said = ""
        for number, params in enumerate(self.propose(study, int(request["max_trial_count"])), 1):
            report = self.machine().root / "reports" / f"{len(self.requests)}-{number}"
            appended = tuple(f"--{name}={value}" for name, value in params.items())
            variables = {"CLOUD_ML_TRIAL_ID": str(number), "CLOUD_ML_HP_METRIC_FILE": str(report)}
            ended = self._custom(spec, appended, variables)
            said += ended.stdout + ended.stderr
            self.trials.append(params)
            if ended.code:
                failed += 1
                if failed >= request.get("max_failed_trial_count", 10**6):
                    return Ended(1, said, "too many trials failed")
                continue
            line = json.loads(report.read_text().splitlines()[-1])
            assert line["trial"] == str(number)
            float(line[metric["metric_id"]])
        return Ended(0, said, "")


def without_empty(value: Any) -> Any:
    """What the launcher leaves of a request."""
    if isinstance(value, dict):
        found = {key: without_empty(one) for key, one in value.items() if one}
        return {key: one for key, one in found.items() if one not in ({}, [], None)}
    if isinstance(value, list):
        return [without_empty(one) for one in value if isinstance(one, int | float | str) or without_empty(one)]
    return value


def drawn(study: Node, count: int) -> Iterator[Mapping[str, str]]:
    """Params as a random search might propose them."""
    source = random.Random(7)
    for _ in range(count):
        yield {one["parameter_id"]: _draw(one, source) for one in study["parameters"]}


def _draw(parameter: Node, source: random.Random) -> str:
    if "categorical_value_spec" in parameter:
        return str(source.choice(parameter["categorical_value_spec"]["values"]))
    if "discrete_value_spec" in parameter:
        value = source.choice(parameter["discrete_value_spec"]["values"])
        return str(int(value)) if float(value).is_integer() else str(value)
    if "integer_value_spec" in parameter:
        bounds = parameter["integer_value_spec"]
        return str(source.randint(int(bounds.get("min_value", 0)), int(bounds.get("max_value", 0))))
    bounds = parameter["double_value_spec"]
    return str(source.uniform(bounds.get("min_value", 0.0), bounds.get("max_value", 0.0)))
