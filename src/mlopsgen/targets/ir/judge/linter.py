"""Every rule for IR documents that kfp's own checks do not have, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.ir.judge import branches, frame, images, kinds, placeholders, references
from mlopsgen.targets.ir.judge.folder import Folder
from mlopsgen.targets.ir.judge.program import Program, programs
from mlopsgen.targets.rules import Rule

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


def lint(folder: Folder) -> Iterator[Diagnostic]:
    """Every finding about the IR documents of a folder, and about any file of it."""
    yield from folder.broken
    for folder_rule in FOLDER_RULES:
        yield from folder_rule(folder)
    for program in programs(folder.pipelines, folder.platforms):
        for program_rule in PROGRAM_RULES:
            yield from program_rule(program)
