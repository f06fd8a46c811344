"""Every rule for IR documents that kfp's own checks do not have, in the order they are read."""

from __future__ import annotations

from typing import Any

from mlopsgen.targets.ir.judge import branches, frame, images, kinds, placeholders, references
from mlopsgen.targets.ir.judge.folder import Folder
from mlopsgen.targets.ir.judge.program import Program, programs
from mlopsgen.targets.rules import Rule, RuleSet, whole

PROGRAM_RULES: tuple[Rule[Program], ...] = (
    *(frame.shape, frame.names, frame.unused, frame.retries, frame.resources, frame.containers),
    *(references.components, references.dependencies, references.outputs_read, references.inputs_passed),
    *(references.inputs_given, references.dag_outputs, references.cycles),
    *(placeholders.placeholders, placeholders.constants, placeholders.importers, placeholders.variables),
    *(kinds.defaults, kinds.constants, kinds.types, kinds.dag_types, kinds.loops),
    *(branches.conditions, branches.branches, branches.exit_handlers, branches.guarded),
    images.pinned,
)
FOLDER_RULES: tuple[Rule[Folder], ...] = (images.dockerfile, images.secrets)
RULES: tuple[RuleSet[Folder, Any], ...] = (
    RuleSet(whole, FOLDER_RULES),
    RuleSet(lambda folder: programs(folder.pipelines, folder.platforms), PROGRAM_RULES),
)
