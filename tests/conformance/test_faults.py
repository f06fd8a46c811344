"""The contract bites: a target with a fault fails the test that is there for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlopsgen import targets
from mlopsgen.codes import CODES
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.targets.api import Copy, FileJob, How, Judge, Plan, Support
from mlopsgen.targets.launcher import LAUNCHER
from mlopsgen.testing import PROJECTS, TargetContract
from mlopsgen.testing.effects import Effects
from mlopsgen.testing.execution import environment
from mlopsgen.testing.fields import Field
from mlopsgen.testing.projects import SPEC

SMALLEST = next(project for project in PROJECTS if project.name == "smallest")
SECRETS = next(project for project in PROJECTS if project.name == "secrets")
COUNT = itertools.count()
LOAD = targets.load
LOCAL = LOAD("local")


class Spoilt:
    """This machine as a target, but for what a fault replaces."""

    def __init__(self, **faults: Any) -> None:
        self.__dict__.update(faults)

    def __getattr__(self, name: str) -> Any:
        return getattr(LOCAL, name)

    name = "spoilt"


class Contract(TargetContract):
    __test__ = False
    target = "spoilt"
    projects = (SMALLEST,)


def files(*added: Callable[[Any], Copy], without: str = "") -> Spoilt:
    """Files of a bundle beside those that belong there, or some left out."""

    def layout(native: Any) -> Sequence[FileJob | Copy]:
        own: Iterable[FileJob | Copy] = LOCAL.layout(native)
        return [*(job for job in own if job.path != without), *(add(native) for add in added)]

    return Spoilt(layout=layout)


def readme(_: Any) -> Copy:
    return Copy("README.md", b"# Nothing\n")


def refusing(*found: Diagnostic) -> Spoilt:
    def lower(*_: Any) -> Any:
        raise SpecError(found)

    return Spoilt(lower=lower)


def support(**changed: Support | None) -> Spoilt:
    own = dict(LOCAL.support)
    for name, answer in changed.items():
        own.pop(name.replace("__", "."))
        if answer:
            own[name.replace("__", ".")] = answer
    return Spoilt(support=own)


OBJECTS = Judge("strict", "pip install strict", lambda: True, lambda _: [Diagnostic("MG441", "no")])
PLACE = ("training",)
SCRIPT = "/opt/app/train.py"

FAULTS: dict[str, tuple[Spoilt, str, dict[str, Any]]] = {
    "another name": (Spoilt(name="other"), "test_it_is_found_by_its_name", {}),
    "no templates": (Spoilt(templates=Path("nowhere")), "test_it_is_found_by_its_name", {}),
    "a feature without an answer": (support(steps=None), "test_it_answers_for_every_feature", {}),
    "a code taken twice": (Spoilt(codes=(CODES["MG301"],)), "test_its_codes_are_its_own", {}),
    "a code of the compiler's": (
        Spoilt(codes=(replace(CODES["MG301"], code="MG399"),)),
        "test_its_codes_are_its_own",
        {},
    ),
    "refused without a hint": (
        refusing(Diagnostic("MG301", "no", PLACE)),
        "test_a_project_compiles_or_is_refused_at_its_place",
        {"project": SMALLEST},
    ),
    "refused without a place": (
        refusing(Diagnostic("MG301", "no", hint="do")),
        "test_a_project_compiles_or_is_refused_at_its_place",
        {"project": SMALLEST},
    ),
    "refused with a code of the spec": (
        refusing(Diagnostic("MG104", "no", PLACE, hint="do")),
        "test_a_project_compiles_or_is_refused_at_its_place",
        {"project": SMALLEST},
    ),
    "dropped in silence": (
        support(steps__secrets=Support(How.REFUSED, "no secrets")),
        "test_a_project_compiles_or_is_refused_at_its_place",
        {"project": SECRETS},
    ),
    "everything refused": (
        refusing(Diagnostic("MG301", "no", PLACE, hint="do")),
        "test_the_smallest_project_compiles",
        {},
    ),
    "other bytes each time": (
        files(lambda _: Copy("n.txt", str(next(COUNT)).encode())),
        "test_two_compiles_give_the_same_bytes",
        {"project": SMALLEST},
    ),
    "a file that does not parse": (
        files(lambda _: Copy("image/x.json", b"{")),
        "test_files_parse_and_the_readme_names_each",
        {"project": SMALLEST},
    ),
    "a file that nobody explains": (
        files(readme, without="README.md"),
        "test_files_parse_and_the_readme_names_each",
        {"project": SMALLEST},
    ),
    "a judge that objects": (
        Spoilt(judges=lambda: (OBJECTS,)),
        "test_what_is_written_is_whole_and_its_judges_find_nothing",
        {},
    ),
    "text pasted into a document": (
        files(lambda native: Copy("x.yaml", f"said: {native.plan.description}\n".encode())),
        "test_text_of_a_user_is_inert",
        {"hostile": "yes"},
    ),
    "a document that no patch reaches": (
        files(lambda _: Copy("x.json", b'{"a": 1}')),
        "test_a_patch_has_the_last_word",
        {},
    ),
}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Spoilt], None]:
    def install(spoilt: Spoilt) -> None:
        monkeypatch.setattr(targets, "load", lambda name: spoilt if name == "spoilt" else LOAD(name))
        monkeypatch.setattr(targets, "names", lambda: ("local", "spoilt"))

    return install


def call(test: str, arguments: dict[str, Any], folder: Path) -> None:
    method = getattr(Contract(), test)
    method(**arguments, **({"tmp_path": folder} if "tmp_path" in method.__code__.co_varnames else {}))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_the_test_that_is_there_for_it(
    fault: str, installed: Callable[[Spoilt], None], tmp_path: Path
) -> None:
    spoilt, test, arguments = FAULTS[fault]
    installed(Spoilt(codes=(), built_in=True))
    call(test, arguments, tmp_path / "whole")
    installed(spoilt)
    with pytest.raises((AssertionError, ValueError, SpecError)):
        call(test, arguments, tmp_path / "spoilt")


def test_a_module_that_must_not_be_imported_is_seen(tmp_path: Path) -> None:
    class Strict(Contract):
        target = "local"
        modules = ("mlopsgen.plan",)

    with pytest.raises(AssertionError, match=r"mlopsgen\.plan"):
        Strict().test_other_processes_give_the_same_bytes_and_import_no_sdk(tmp_path)


def test_a_field_that_is_forgotten_is_named(installed: Callable[[Spoilt], None], tmp_path: Path) -> None:
    def lower(plan: Plan, options: Any) -> Any:
        return LOCAL.lower(replace(plan, description=""), options)

    SMALLEST.lay(tmp_path, "spoilt", {})
    for spoilt, forgotten in ((Spoilt(), False), (Spoilt(lower=lower), True)):
        installed(spoilt)
        effects = Effects("spoilt", tmp_path)
        effects.add(SMALLEST.files[SPEC], {})
        assert Field("Spec", "description") in effects.tried
        assert (Field("Spec", "description") in effects.forgotten()) is forgotten


def test_a_target_that_refuses_all_is_not_as_good(
    installed: Callable[[Spoilt], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(refusing(Diagnostic("MG301", "no", PLACE, hint="do")))
    with pytest.raises(AssertionError):
        Contract().test_it_compiles_as_many_projects_as_it_says(tmp_path, capsys)


def test_a_folder_that_nobody_makes_is_seen(installed: Callable[[Spoilt], None], tmp_path: Path) -> None:
    class Direct(Contract):
        own_folders = ("/out",)
        makes: tuple[str, ...] = ()

        def training_command(self, files: Any) -> Sequence[str]:
            outputs = [f"--{port}=/out/{port}" for port in ("model", "metrics")]
            return (*LAUNCHER, *(f"--make=/out/{port}" for port in self.makes), "--", "python", SCRIPT, *outputs)

    class Launched(Direct):
        makes = ("model", "metrics")

    installed(Spoilt())
    Launched().test_a_training_finds_the_folders_that_it_writes_to(tmp_path / "made")
    with pytest.raises(AssertionError, match="FileNotFoundError"):
        Direct().test_a_training_finds_the_folders_that_it_writes_to(tmp_path / "not")


def test_folders_of_pythonpath_are_absolute_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "lib")
    assert environment()["PYTHONPATH"] == str(tmp_path / "lib")
