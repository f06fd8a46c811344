"""Leaves that rightly change no bundle and of which nothing is said, each with an example that has to be one still."""

from __future__ import annotations

from dataclasses import dataclass

from mlopsgen.testing.changes import SILENT

EVERY = ("azureml", "kubeflow", "local", "sagemaker", "vertex")


@dataclass(frozen=True, slots=True)
class Known:
    """An exception: a field, and one place where it is one."""

    field: str
    """`Model.key`."""
    project: str
    path: str
    why: str
    targets: tuple[str, ...] = EVERY
    elsewhere: bool = False
    """Whether it is one in every spec."""


CLOUDS = tuple(name for name in EVERY if name != "local")
LOOPS, CUT = ("kubeflow", "vertex"), ("azureml", "kubeflow", "vertex")
KIND = "SageMaker has folders alone: the kind of one says who may read it, and is checked before"
ONE_MACHINE = "a share of the data for one machine is all of it"
OWN_CODE = "it describes data that the spec's own code alone reads"
FOUND = "what is found where nothing is said"
KNOWN: tuple[Known, ...] = (
    Known("Step.outputs", "own-steps", "steps.clean.outputs.table", KIND, ("sagemaker",), elsewhere=True),
    Known("Prepare.outputs", "prepared", "data.prepare.outputs.extra", KIND, ("sagemaker",), elsewhere=True),
    Known("ScriptTraining.outputs", "script", "training.outputs.importance", KIND, ("sagemaker",), elsewhere=True),
    Known("ScriptEvaluation.outputs", "script", "evaluation.outputs.predictions", KIND, ("sagemaker",), elsewhere=True),
    Known("DataSource.distribution", "script", "data.sources.zones.distribution", ONE_MACHINE, CUT, elsewhere=True),
    Known("Data.label", "prepared", "data.label", OWN_CODE),
    Known("DataSource.format", "prepared", "data.sources.rows.format", OWN_CODE),
    Known("DataSource.compression", "prepared", "data.sources.rows.compression", OWN_CODE),
    Known("Code.python", "built-in", "code.python", "`code.base` brings its own; it is for what a lock fixes", CLOUDS),
    Known("Code.python", "valid-no-split", "code.python", "`code.image` brings its own", CLOUDS),
    Known("DataSource.format", "valid-no-split", "data.sources.source.format", OWN_CODE),
    Known("ColumnRule.type", "script", "data.sources.trips.columns.at.type", "`date` is another word for `datetime`"),
    Known("Split.stratify", "built-in", "data.split.stratify", "what is split by time never is"),
    Known("Code.ignore", "valid-flagship", "code.ignore.0", "there is no such folder"),
    Known("Code.path", "valid-flagship", "code.path", FOUND),
    Known("Choice.choice", "search", "training.tuning.search.kind.choice.1", "no trial has drawn it", LOOPS),
    Known("Resources.nodes", "prepared", "training.resources.nodes", "`distributed` is refused", ("kubeflow",)),
)

ANYWHERE = frozenset({*SILENT})
"""Fields on which no byte of any target depends; the contract has the reasons."""


def excused(field: str, target: str, project: str) -> bool:
    """Whether a silent leaf is an exception."""
    return field in ANYWHERE or any(
        one.field == field and target in one.targets and (one.elsewhere or one.project == project) for one in KNOWN
    )
