"""Examples as pipelines of the plain platform, on disk, and worlds that run them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from mlopsgen.compile import CompileRequest, check
from mlopsgen.diagnostics import errors
from mlopsgen.plan.steps import Plan
from mlopsgen.render import FileJob, patched, render
from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.image import image_files
from mlopsgen.targets.ir.lower import Lowered, lower
from mlopsgen.targets.ir.template_values import pipeline_values
from tests.projects import spec_of

from .executor.world import World
from .plain import PLAIN

Start: TypeAlias = Callable[..., World]
NOTHING: Mapping[str, str] = {}
LEFT_THERE = shutil.ignore_patterns(".*", "build", "__pycache__", "tests")


def plan_of(spec: Path) -> Plan:
    """The plan of a spec on disk."""
    return check(CompileRequest(spec, spec.read_bytes())).plan


def emit(lowered: Lowered, folder: Path) -> None:
    """A bundle of the plain platform: the pipeline, and the image."""
    assert not errors(lowered.context.findings), lowered.context.findings
    pipeline = FileJob("pipeline.yaml", "_shared/ir/pipeline.yaml.j2", {"pipeline": pipeline_values(lowered.pipeline)})
    jobs = patched((pipeline, *image_files(lowered.context.plan.image)), lowered.patches)
    for path, content in render(jobs, TEMPLATES / "local").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@pytest.fixture
def submitted(tmp_path: Path) -> Start:
    """The world of an example, its data uploaded; words of the spec can be changed first."""

    def made(example: str, changes: Mapping[str, str] = NOTHING, options: TargetOptions | None = None) -> World:
        project = tmp_path / example
        shutil.copytree(spec_of(example).parent, project, ignore=LEFT_THERE)
        spec = project / "spec.yaml"
        text = spec.read_text()
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        spec.write_text(text)
        return world_of(spec, tmp_path, options)

    return made


def world_of(spec: Path, tmp_path: Path, options: TargetOptions | None = None) -> World:
    """The world of a spec on disk."""
    plan = plan_of(spec)
    folder = spec.parent / "build/plain"
    emit(lower(plan, options or TargetOptions(), PLAIN), folder)
    root = tmp_path / "world"
    world = World(folder, root, places={"/store": root / "store"})
    for source in plan.sources:
        if source.local is not None:
            for name in source.local.files:
                path = spec.parent / source.local.path
                world.put(
                    f"s3://store/{plan.name}/data/{source.local.digest}/{name}", path / name if path.is_dir() else path
                )
    return world
