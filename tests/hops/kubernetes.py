"""What Kubernetes, Argo and Katib make of a container's words and variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tests.hops.process import Started, by_shell

Node: TypeAlias = Any
HIT = "EXPANDED"
"""What any variable says, and any tag: the worst that a cluster can know."""


def expanded(text: str) -> str:
    """A word or a variable's value as the kubelet makes it: `$(NAME)` is a variable, two dollars are one.

    kubernetes/kubernetes, third_party/forked/golang/expansion/expand.go (Expand, tryReadVariableName).
    """
    found, at = "", 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            found, at = found + text[at], at + 1
            continue
        rest = text[at + 1 :]
        end = rest.find(")")
        if rest[0] == "$":
            found, at = found + "$", at + 2
        elif rest[0] == "(" and end > 0:
            found, at = found + HIT, at + end + 2
        elif rest[0] == "(":
            found, at = found + "$(", at + 2
        else:
            found, at = found + "$" + rest[0], at + 2
    return found


def templated(text: str) -> str:
    """A text of a workflow as Argo makes it: what stands between two braces is a tag, trimmed, if Argo knows it.

    argoproj/argo-workflows, util/template/simple_template.go: an unknown tag is left as it is. Nobody lists all that
    it knows, so all are known here but those of KFP's launcher, which start with a dollar.
    """
    return re.sub(r"\{\{(?!\{*\$)(.*?)\}\}", HIT, text, flags=re.DOTALL)


def in_pod(container: Mapping[str, Any]) -> Started:
    """The process of a pod's container: its words and variables expanded once."""
    words = [*container.get("command", ()), *container.get("args", ())]
    variables = {one["name"]: expanded(one["value"]) for one in container.get("env", ()) if "value" in one}
    return Started([expanded(word) for word in words], variables)


def by_katib(experiment: Mapping[str, Any], assigned: Mapping[str, str], found_in: Path) -> Started:
    """A trial's process: values put into the trial's JSON as they are, words joined for a shell, which really runs.

    kubeflow/katib, pkg/controller.v1beta1/experiment/manifest/generator.go (applyParameters: strings.Replace over the
    trial as JSON) and pkg/webhook/v1beta1/pod/utils.go (wrapWorkerContainer: `sh -c`, the words joined with spaces,
    then ` 1>/var/log/katib/metrics.log 2>&1 && echo completed > …`).
    """
    template = experiment["spec"]["trialTemplate"]
    trial = json.dumps(template["trialSpec"], ensure_ascii=False)
    for one in template["trialParameters"]:
        trial = trial.replace(f"${{trialParameters.{one['name']}}}", assigned[one["reference"]])
    trial = re.sub(r"\$\{trialSpec\.[^}]*\}", HIT, trial)
    (container,) = json.loads(trial)["spec"]["template"]["spec"]["containers"]
    joined = " ".join([*container["command"], *container["args"]])
    wrapped = {**container, "command": ["sh", "-c"], "args": [f"{joined} 2>&1 && echo completed > /dev/null"]}
    started = in_pod(wrapped)
    return by_shell("sh", started.argv[-1], started.variables, found_in)
