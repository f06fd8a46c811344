"""Katib's own admission reads every search: kubeflow/katib v0.19.0, pkg/webhook/v1beta1/experiment/validator."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.judges import answers
from tests.judges.faults import Change, changed

from .manifests import of_kind

pytestmark = pytest.mark.slow

FAULTS: dict[str, tuple[Change, str]] = {
    "an objective that is none": (("spec.objective.type", "maximise"), "must be minimize or maximize"),
    "an algorithm that is not installed": (("spec.algorithm.algorithmName", "bogus"), "algorithm bogus"),
    "a reference to no parameter": (("spec.trialTemplate.trialParameters.0.reference", "other"), "reference other"),
    "no trials": (("spec.maxTrialCount", 0), "must be greater than 0"),
    "more at once than there are": (("spec.parallelTrialCount", 999), "less than or equal to spec.maxTrialCount"),
    "more failures than trials": (("spec.maxFailedTrialCount", 999), "less than or equal to spec.maxTrialCount"),
    "a space of another type": (("spec.parameters.0", {"name": "x", "parameterType": "int"}), "feasibleSpace"),
    "a misspelt key": (("spec.trialTemplate.primaryContainerNam", "training"), "unknown field"),
    "no main container": (("spec.trialTemplate.primaryContainerName", ""), "primaryContainerName"),
    "a trial of no kind": (("spec.trialTemplate.trialSpec.kind", ""), "kind"),
    "a parameter that no command takes": (("spec.trialTemplate.trialParameters.0.name", "lost"), "lost"),
    "a policy of another name": (("spec.resumePolicy", "Always"), "resumePolicy"),
}


def findings(experiments: list[dict[str, Any]]) -> list[list[str]]:
    return [answer["findings"] for answer in answers("katib", experiments)]


def test_katib_takes_every_search_that_is_emitted() -> None:
    emitted = of_kind("Experiment")
    algorithms = {made.document["spec"]["algorithm"]["algorithmName"] for made in emitted}
    assert algorithms >= {"random", "grid"}
    said = findings([made.document for made in emitted])
    assert [(str(made), found) for made, found in zip(emitted, said, strict=True) if found] == []


def test_katib_refuses_each_fault() -> None:
    (good, *_) = (made.document for made in of_kind("Experiment") if made.document["spec"]["maxTrialCount"] > 1)
    broken = [changed(deepcopy(good), change) for change, _ in FAULTS.values()]
    said = dict(zip(FAULTS, findings(broken), strict=True))
    words = {name: word for name, (_, word) in FAULTS.items()}
    assert {name: said[name] for name in FAULTS if words[name] not in "\n".join(said[name])} == {}
