"""Other values for fields where the next best one would be wrong, and fields that rightly change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

CHANGES: Mapping[str, tuple[Any, ...]] = {
    # What every step may have.
    "after": (["again"], ["tools"], ["note"]),
    "always": (True,),
    "cache": (False, True),
    "disk": ("2000Gi",),
    "distributed": ("mpi", "torchrun"),
    "env": ({"MODE": "slow"},),
    "image": (f"{ECR}/other:3",),
    "outputs": ({"train": "dataset", "extra": "files", "seen": "report"}, {"table": "dataset", "seen": "report"}),
    "params": ({"other": 5},),
    "FrameworkTraining.params": ({"copy_X": False},),
    "FrameworkTraining.framework": ("sklearn.Lasso",),
    "resources": ({"cpu": 16},),
    "retries": ({"attempts": 4, "backoff": "45s"},),
    "secrets": ({"TOKEN": "other-token"},),
    "start_from": ("wide:7",),
    "timeout": ("50m",),
    "when": ("${parameters.deep}", "${parameters.judge}"),
    "Prepare.inputs": ({"others": "data.rows"},),
    "ScriptTraining.inputs": ({"train": "prepare.train"},),
    "FrameworkTraining.inputs": ({"train": "prepare.test"},),
    "ScriptEvaluation.inputs": ({"model": "training.model"},),
    "TaskEvaluation.inputs": ({"model": "training.model", "test": "prepare.train"},),
    "Step.inputs": ({"zones": "data.zones"}, {"others": "data.rows"}),
    "ScriptEvaluation.run": ("prepare.py",),
    "tuning": (None,),
    "gates": ({"more": {"metric": "accuracy", "at_least": 0.1}}, {"mean_absolute_error": {"at_most": 3.0}}),
    "test_set": ({"reuse_budget": 5},),
    "explain": ({"method": "permutation", "sample": 100},),
    # Data.
    "Code.path": ("lib",),
    "Code.python": ("3.13",),
    "Code.requirements": ("others.txt",),
    "Checks.unique": (["age"],),
    "ColumnRule.description": ("What it means",),
    "Data.feature_store": ({"entity": "id", "event_time": "at"},),
    "Data.id": ("age",),
    "Data.ignore": (["at"],),
    "Data.label": ("age", "at"),
    "Data.main": ("zones",),
    "Data.query": (None,),
    "Data.residency": (["eu-west-1"],),
    "Data.series": (None,),
    "Data.time": (None,),
    "Data.weight": ("age",),
    "DataSource.delimiter": (";",),
    "DataSource.columns": ({"id": {"type": "integer"}, "churned": {"type": "category"}},),
    "Positive.equals": ("no",),
    "Split.group": ("age",),
    # Training and evaluation.
    "Gate.better_than": ("best",),
    "Gate.metric": ("f1_macro",),
    "Group.column": ("churned",),
    "Tuning.max_failures": (2,),
    "Tuning.keep": (3,),
    "Tuning.metric": ("f1_macro", "mean_absolute_error"),
    "Tuning.strategy": ("bayesian", "random"),
    "Tuning.trials": (9,),
    "TaskEvaluation.task": ("forecasting",),
    # The product.
    "Governance.lineage": (True,),
    "Governance.audit": (True, False),
    "Network.private": (True, False),
    "Parameter.minimum": (0.1, 4),
    "Parameter.type": ("number",),
    "Parameter.values": (["small", "huge"],),
    "Registry.from": ("s3://acme/model/",),
    "Spec.ci": ({"providers": ["github"]},),
    "Spec.deployments": ({"live": {"mode": "real-time"}},),
    "Spec.monitoring": ({"monitors": {"errors": {"kind": "errors", "at_most": 0.01}}},),
    # Triggers.
    "approval": ("manual",),
    "cooldown": ("2d",),
    "limit": ({"runs": 4, "per": "9d"},),
    "Registry.approval": ("manual", "automatic"),
    "OnInvoke.start": ("deployments.nightly",),
    "OnNewData.start": ("deployments.nightly",),
    "OnSchedule.start": ("deployments.nightly",),
    "OnNewData.new_data": ("data.others",),
    "OnSchedule.timezone": ("Europe/Rome",),
    # Targets.
    "machines": ({"default": "ml.m5.4xlarge"},),
    "names": ({"live": "old-endpoint"},),
}
"""`Model.key`, or `key` of any model → other values, of which one has to fit some spec."""

REFUSED_WHOLE = {
    "Spec.deployments", "Spec.monitoring", "Spec.ci", "Data.feature_store", "OnAny", "OnAll", "After", "OnMessage",
}  # fmt: skip
"""Sections that every target refuses as a whole, so that no field in them is looked at."""

SILENT: Mapping[str, str] = {
    "Spec.targets": "each target's block has fields of its own, which are tried",
    "Patch.remove": "it is true, or the patch does something else",
    "Spec.apiVersion": "there is one version",
    "ColumnRule.description": "words for those who read the spec",
    "Data.residency": "it decides what is refused before a target is asked",
    "TaskEvaluation.outputs": "the built-in evaluator writes what its task says: another output is refused before that",
    "TaskEvaluation.params": "the built-in evaluator takes none, which is said before a target is asked",
    "OnInvoke.invoke": "true is all it can be",
    "Variable.default": "it stands in its places before a target is asked",
    "Variable.description": "words for those who read the spec",
}
"""Fields on which no byte depends, with the reason."""
