"""Terraform takes what is emitted, with the oldest and the newest major version of Google's provider that it allows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.conformance.whole import ADDRESSES
from tests.targets.corpus import NOTHING, Files, bundle_of, projects
from tests.targets.vertex.emit.specs import BASE, emit
from tests.targets.vertex.emit.test_judged import ASKED
from tests.targets.vertex.emit.test_new_project import EVERYTHING, KEY

from .tofu import VERSIONS, Tofu, tofu

pytestmark = pytest.mark.slow

OPTIONS = BASE["targets"]["vertex"]
WORDS = {**ADDRESSES["vertex"], "alias/ml": KEY}
REPOSITORY, RUNNER = "google_artifact_registry_repository", "google_service_account"


@pytest.fixture(scope="module", params=VERSIONS)
def terraform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tofu:
    return tofu(request.param, tmp_path_factory.mktemp(f"providers-{request.param}"))


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Tofu:
    return tofu("8", tmp_path_factory.mktemp("newest"))


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Files]:
    """All that compiles: every spec of the repository, and one with every feature of its own."""
    place = tmp_path_factory.mktemp("specs")
    return {name: files for name, files in _compiled(place) if files}


def _compiled(place: Path) -> Iterator[tuple[str, Files]]:
    for project in projects():
        yield project.name, bundle_of(project, place / project.name, "vertex", OPTIONS, WORDS)
    for name, changes in {**ASKED, "everything": EVERYTHING}.items():
        yield f"asked-{name}", emit(place / f"asked-{name}", *changes).files


def lay(files: Files, folder: Path) -> Path:
    """What a README copies: everything of `infra/`."""
    for path, content in files.items():
        if path.startswith("infra/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    return folder / "infra"


def test_terraform_initialises_and_validates_every_bundle(
    terraform: Tofu, bundles: Mapping[str, Files], tmp_path: Path
) -> None:
    """Each bundle is a module of one configuration, so that all of them are one process."""
    assert {project.name for project in projects()} - set(bundles) == NOTHING
    calls = {
        name: {"source": f"./{lay(files, tmp_path / name).relative_to(tmp_path)}"} for name, files in bundles.items()
    }
    (tmp_path / "main.tf.json").write_text(json.dumps({"module": calls}))
    code, said = terraform.run(tmp_path, "init", "-input=false")
    assert code == 0, said
    assert terraform.validated(tmp_path) == []


@pytest.mark.parametrize("name", ["schedule-adherence", "asked-everything", "asked-exists"])
def test_what_was_applied_is_planned_no_second_time(
    newest: Tofu, bundles: Mapping[str, Files], name: str, tmp_path: Path
) -> None:
    folder = lay(bundles[name], tmp_path)
    for words in (("init",), ("plan", "-out=plan.bin"), ("apply", "plan.bin")):
        code, said = newest.run(folder, words[0], "-input=false", *words[1:])
        assert code == 0, said
    code, said = newest.run(folder, "plan", "-input=false", "-detailed-exitcode")
    assert code == 0, said


Fault: TypeAlias = Callable[[Any], None]


def _without(kind: str, name: str, key: str, /) -> Fault:
    return lambda found: found["resource"][kind][name].pop(key)


def _with(kind: str, name: str, /, **more: Any) -> Fault:
    return lambda found: found["resource"].setdefault(kind, {}).setdefault(name, {}).update(more)


FAULTS: Mapping[str, tuple[Fault, str]] = {
    "an argument that is misspelt": (_with(REPOSITORY, "images", repository_idd="x"), "repository_idd"),
    "an argument that is missing": (_without(REPOSITORY, "images", "repository_id"), "repository_id"),
    "an argument of another type": (
        _with(REPOSITORY, "images", docker_config={"immutable_tags": "maybe"}),
        "immutable_tags",
    ),
    "an argument that is only read": (_with(REPOSITORY, "images", create_time="2026"), "create_time"),
    "a block that may be there once": (_with(REPOSITORY, "images", docker_config=[{}, {}]), "docker_config"),
    "a block that is missing": (_without("google_eventarc_trigger", "fresh", "destination"), "destination"),
    "a reference to nothing": (
        _with("google_project_iam_member", "runner", member="${google_service_account.nobody.email}"),
        "nobody",
    ),
    "an attribute that is not there": (
        _with("google_project_iam_member", "runner", member="${google_service_account.runner.emial}"),
        "emial",
    ),
    "resources that wait for each other": (
        _with(RUNNER, "runner", depends_on=["google_project_iam_member.runner"]),
        "Cycle",
    ),
    "a resource that no provider has": (_with("google_vertex_endpoint", "served", name="x"), "google_vertex_endpoint"),
    "a resource of a provider that lacks it": (
        _with("google_project_service_identity", "eventarc", provider="google"),
        "google_project_service_identity",
    ),
    "a file that is not there": (
        _with("google_workflows_workflow", "fresh", source_contents='${file("${path.module}/stale.yaml")}'),
        "stale.yaml",
    ),
}


@pytest.fixture(scope="module")
def initialised(newest: Tofu, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("initialised")
    folder = lay(emit(place, *EVERYTHING).files, place)
    code, said = newest.run(folder, "init", "-input=false")
    assert code == 0, said
    return folder


@pytest.mark.parametrize("fault", FAULTS)
def test_terraform_sees(newest: Tofu, initialised: Path, fault: str, tmp_path: Path) -> None:
    """Each fault by itself: what never finds anything says nothing of what it lets through."""
    seed, word = FAULTS[fault]
    folder = tmp_path / "infra"
    shutil.copytree(initialised, folder, symlinks=True)
    found = json.loads((folder / "main.tf.json").read_text())
    wrong = deepcopy(found)
    seed(wrong)
    (folder / "main.tf.json").write_text(json.dumps(wrong))
    assert [one for one in newest.validated(folder) if word in one]


def test_a_version_that_nobody_looked_at_is_not_taken(newest: Tofu, tmp_path: Path) -> None:
    """The bounds of a bundle are those of the versions that it was judged with."""
    folder = lay(emit(tmp_path).files, tmp_path)
    text = (folder / "main.tf.json").read_text()
    (folder / "main.tf.json").write_text(text.replace("< 9.0", "< 6.0"))
    code, said = newest.run(folder, "init", "-input=false")
    assert code == 1
    assert "hashicorp/google" in said
