"""What is said when something is mistyped or broken: which, and what to do."""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen import compile as compiler
from mlopsgen.cli.completing import SPEC as SPEC_NAME
from mlopsgen.resources import TEMPLATES
from tests.cli.calling import Program, call
from tests.cli.product import SPEC, WRONG, lay
from tests.projects import TARGETS


def test_a_mistake_of_ours_is_called_one(project: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two and two are five")

    monkeypatch.setattr(compiler, "check", broken)
    ended = project("graph")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "Error: RuntimeError: two and two are five\n"
        "This is a mistake of mlopsgen. Run the same with --debug and report what it prints.\n"
    )


def test_a_traceback_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG)
    plain, told = (call(["check", "wrong.yaml", *more], tmp_path) for more in ([], ["--debug"]))
    assert "Traceback" not in plain.err
    assert (plain.code, told.code) == (1, 1)
    assert "error[MG104]" in told.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("check", "There is no spec.yaml; `mlopsgen init` writes a first one."),
        ("check sub", "There is no sub/spec.yaml; `mlopsgen init` writes a first one."),
        ("compile", "Error: Which target? Say `--target NAME`, or `--target all`; `mlopsgen targets` lists them."),
        ("compile spec.yml -t local", "There is no spec.yml"),
        ("compiel", "No command `compiel`. Did you mean `compile`?"),
        ("help", "No command `help`. `mlopsgen --help` lists them."),
        ("check --fromat json", "No such option '--fromat'. Did you mean '--format'?"),
        ("explain MG1004", "No finding has the code `MG1004`. Did you mean `MG104`?"),
        ("verify", "Missing argument 'DIR...'"),
    ],
)
def test_a_slip_gets_an_answer_that_helps(line: str, said: str, mlopsgen: Program) -> None:
    (mlopsgen.folder / "sub").mkdir()
    if line == "compile":
        lay(mlopsgen.folder)
    ended = mlopsgen(*shlex.split(line))
    assert ended.code == 2
    assert said in ended.err


def test_slips_about_targets(project: Program) -> None:
    assert "hint: did you mean `sagemaker`?" in project("compile", "-t", "sagemakr").err
    assert f"hint: installed: {', '.join(TARGETS)}" in project("compile", "-t", "mars").err
    (project.folder / "spec.yaml").write_text(SPEC.partition("targets:")[0])
    said = project("compile", "-t", "sagemaker").err
    assert "error[MG304]: the spec has no `targets.sagemaker`" in said
    assert "`targets: {sagemaker: {region, account, bucket}}`" in said


def test_a_folder_without_bundles_is_no_bundle(project: Program) -> None:
    assert "`mlopsgen compile` writes one" in project("verify", "data").err


def test_every_readme_leads_to_what_nobody_has_seen(project: Program) -> None:
    """The page is in the program, since a bundle lies anywhere."""
    page = project("explain", "unproven").out
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert {row.split(" | ")[0].removeprefix("| ") for row in rows[1:]} == {
        "SageMaker",
        "Azure ML",
        "Kubeflow",
        "Vertex AI",
    }
    assert all(row.count("|") == 5 for row in rows)
    for template in TEMPLATES.glob("*/README.md.j2"):
        assert ("mlopsgen explain unproven" in template.read_text()) == (template.parent.name != "local")


def test_a_traceback_names_the_users_script_and_not_its_copy_in_the_bundle(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "src" / "train.py").write_text("import a_library_that_nobody_has\n")
    ended = call(["run"], tmp_path)
    assert ended.code == 4
    assert 'File "src/train.py", line 1' in ended.err
    assert "image/app" not in ended.err
    assert "a_library_that_nobody_has" in ended.err


SAYS = "x\n::error::said\x1b[31m"


def spoken(text: str) -> list[str]:
    """Lines that a CI would take for commands, or that a terminal would obey."""
    return [line for line in text.splitlines() if line.strip().startswith(("::", "##[", "error::")) or "\x1b" in line]


@pytest.mark.parametrize(
    "line",
    [
        "check X/spec.yaml", "check X/none.yaml", "compile X/spec.yaml -t local", "compile X/spec.yaml -t X",
        "compile X/spec.yaml -t local -o X/out", "verify X/out", "verify X/none", "graph X/spec.yaml -o X/a.svg",
        "graph X/spec.yaml -o X", "lock X/spec.yaml --check", "approve --spec X/spec.yaml", "init X/new", "X",
        "check X/spec.yaml --env X", "check X/spec.yaml --allow X", "check X/spec.yaml --var X",
        "run X/spec.yaml -p X=1", "explain X",
    ],
)  # fmt: skip
def test_the_name_of_a_folder_commands_no_ci_and_no_terminal(line: str, mlopsgen: Program) -> None:
    """Such as the folder of a pull request that a CI checks with `mlopsgen check */spec.yaml`."""
    (mlopsgen.folder / SAYS).mkdir()
    lay(mlopsgen.folder / SAYS)
    ended = mlopsgen(*(word.replace("X", SAYS) for word in line.split()))
    assert spoken(ended.out) == []
    assert spoken(ended.err) == []


@pytest.fixture
def pipe(mlopsgen: Program) -> Iterator[Path]:
    """A pipe that nobody writes to; who waits for it is let go after a while."""
    path = mlopsgen.folder / "folder" / SPEC_NAME
    path.parent.mkdir()
    os.mkfifo(path)
    release = threading.Timer(20, lambda: os.close(os.open(path, os.O_RDWR)))
    release.start()
    yield path
    release.cancel()


@pytest.mark.parametrize(
    "command", ["check", "compile -t local", "graph", "lock", "run", "targets", "approve 1 --spec"]
)
def test_a_pipe_or_a_device_as_the_spec_is_not_waited_for(mlopsgen: Program, pipe: Path, command: str) -> None:
    """`mlopsgen check <(…)`: a pipe that nobody writes to is read for ever."""
    for spec in (pipe, pipe.parent, Path(os.devnull)):
        ended = mlopsgen(*command.split(), str(spec))
        file = pipe if spec == pipe.parent else spec
        assert ended.code == 1
        assert ended.err.startswith(f"{file}:1:1: error[MG100]: {file} is a pipe or a device, and a spec is a file")
