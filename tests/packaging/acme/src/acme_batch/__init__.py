"""Acme Batch as a target of mlopsgen: its bundle is one workflow.yaml, and the image that its jobs run.

options.py  its block under `targets:`
support.py  what it does of all that a spec can ask for
native.py   a workflow in Acme's own terms
lower.py    Plan → workflow
judge.py    who judges a bundle
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from acme_batch.judge import check
from acme_batch.lower import lower
from acme_batch.native import Workflow
from acme_batch.options import AcmeOptions
from acme_batch.support import SUPPORT
from mlopsgen.targets.api import (
    Code,
    Copy,
    Diagnostic,
    FileJob,
    Judge,
    Name,
    Plan,
    Support,
    TargetOptions,
    image_files,
)

TOO_LONG = Code(
    "ACME101",
    "A job's name is too long for Acme",
    "Acme Batch takes up to 40 characters, and a job is called `<product>-<step>`. Shorten one of the two.",
)


class Acme:
    """The target `acme`."""

    name = "acme"
    title = "Acme Batch"
    options: type[TargetOptions] = AcmeOptions
    needs_options = True
    codes: tuple[Code, ...] = (TOO_LONG,)
    templates = Path(__file__).parent / "templates"
    support: Mapping[str, Support] = SUPPORT

    def lower(self, plan: Plan, options: TargetOptions) -> tuple[Workflow, tuple[Diagnostic, ...]]:
        """The plan as a workflow."""
        assert isinstance(options, AcmeOptions)
        return lower(plan, options)

    def layout(self, native: Workflow) -> Sequence[FileJob | Copy]:
        """Which file is printed by which template."""
        readme = {"name": Name(native.name), "description": native.description, "built": native.built.prebuilt is None}
        return (
            FileJob(path="workflow.yaml", template="workflow.yaml.j2", values={"workflow": native}),
            FileJob(path="README.md", template="README.md.j2", values=readme),
            *image_files(native.built),
        )

    def judges(self) -> tuple[Judge, ...]:
        """Acme's linter, as far as this package has it."""
        return (Judge(name="acme", install="pip install mlopsgen-acme", available=lambda: True, run=check),)


target = Acme()
