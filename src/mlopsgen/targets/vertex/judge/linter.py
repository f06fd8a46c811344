"""The judge `mlopsgen` of a Vertex AI bundle: every rule, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.ir.judge.folder import missing, read_folder
from mlopsgen.targets.ir.judge.linter import lint
from mlopsgen.targets.ir.judge.program import Program
from mlopsgen.targets.rules import Rule
from mlopsgen.targets.vertex.judge import access, bodies, cloud, infra, together
from mlopsgen.targets.vertex.judge.bodies import Requests
from mlopsgen.targets.vertex.judge.modules import Module

NEEDED = ("pipeline.yaml", "README.md")
REQUEST_RULES: tuple[Rule[Requests], ...] = (
    *(bodies.shape, bodies.parameters, bodies.schedules, bodies.places, bodies.templates, bodies.workers),
    *(bodies.searches, together.accounts, together.buckets),
)
PROGRAM_RULES: tuple[Rule[Program], ...] = (cloud.one_document, cloud.images, cloud.accelerators, cloud.root)
MODULE_RULES: tuple[Rule[Module], ...] = (
    *(infra.blocks, infra.shape, infra.references, infra.well_formed, infra.cycles, infra.unused, infra.twice),
    *(infra.providers, infra.clocks, infra.services, infra.files),
    *(access.roles, access.members, access.permissions, access.open_doors, access.guarded, access.secrets),
)


def judge(bundle: Path) -> Iterator[Diagnostic]:
    """Every finding of every rule."""
    folder = read_folder(bundle)
    yield from missing(folder, NEEDED)
    yield from lint(folder)
    requests = Requests(folder)
    for program in requests.programs:
        for program_rule in PROGRAM_RULES:
            yield from program_rule(program)
    for request_rule in REQUEST_RULES:
        yield from request_rule(requests)
    for module in Module.all(folder):
        for module_rule in MODULE_RULES:
            yield from module_rule(module)
