"""The judge `mlopsgen` of a Vertex AI bundle: every rule, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.ir.judge.folder import Folder, read_folder
from mlopsgen.targets.ir.judge.linter import RULES as IR_RULES
from mlopsgen.targets.ir.judge.program import Program
from mlopsgen.targets.rules import Rule, RuleSet, by_rules
from mlopsgen.targets.vertex.judge import access, bodies, cloud, infra
from mlopsgen.targets.vertex.judge.modules import Module
from mlopsgen.targets.vertex.judge.requests import Requests

REQUEST_RULES: tuple[Rule[Requests], ...] = (
    *(bodies.shape, bodies.parameters, bodies.schedules, bodies.places, bodies.templates, bodies.workers),
    *(bodies.searches, bodies.accounts, bodies.buckets),
)
PROGRAM_RULES: tuple[Rule[Program], ...] = (cloud.images, cloud.accelerators, cloud.root)
MODULE_RULES: tuple[Rule[Module], ...] = (
    *(infra.blocks, infra.shape, infra.references, infra.well_formed, infra.cycles, infra.unused, infra.twice),
    *(infra.providers, infra.clocks, infra.files),
    *(access.roles, access.members, access.permissions, access.open_doors, access.guarded, access.secrets),
    access.services,
)
RULES: tuple[RuleSet[Folder, Any], ...] = (
    *IR_RULES,
    RuleSet(lambda folder: Requests(folder).programs, PROGRAM_RULES),
    RuleSet(lambda folder: (Requests(folder),), REQUEST_RULES),
    RuleSet(Module.all, MODULE_RULES),
)


def judge(bundle: Path) -> Iterator[Diagnostic]:
    """Every finding of every rule."""
    folder = read_folder(bundle)
    yield from folder.broken
    yield from (finding for _, finding in by_rules(folder, RULES))
