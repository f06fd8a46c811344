"""Our linter of Kubeflow bundles: silent about what is right, and it sees what the other judges do not."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mlopsgen.targets.kubeflow.judge import judges, linter
from tests.targets.ir.judge.platform import PlatformLinter

from .faults import FAULTS, OWN


class TestLinter(PlatformLinter):
    target = "kubeflow"
    here = Path(__file__).parent
    rules = linter.RULES
    judges_ = judges()
    names: ClassVar = ["mlopsgen", "kfp", "kubernetes"]
    own = OWN
    faults = FAULTS
    stranger_kinds: ClassVar = {"packages", "manifests", "experiments", "trainjobs"}
    cases: ClassVar = [
        ("pipeline.yaml", "outputArtifactKey: test", "outputArtifactKey: tset", "MG434", "test"),
        ("pipeline.yaml", "enableCache: true", "enableCach: true", "MG430", "enableCache"),
        ("manifests/rbac.yaml", "resources: [trials]", "resource: [trials]", "MG430", "resources"),
        ("manifests/rbac.yaml", "verbs: [get, list, watch]", 'verbs: ["*"]', "MG442", None),
        (
            "manifests/experiment.yaml",
            "algorithmName: bayesianoptimization",
            "algorithmName: bayesianoptimisation",
            "MG433",
            "bayesianoptimization",
        ),
        (
            "manifests/experiment.yaml",
            "claimName: schedule-adherence-cache",
            "claimName: schedule-adherence-cash",
            "MG434",
            None,
        ),
        ("manifests/trainjob.yaml", "numNodes: 2", 'numNodes: "2"', "MG431", None),
        ("recurring-runs/weekly.json", '"0 0 2 * * 1"', '"0 2 * * 1"', "MG439", None),
    ]
