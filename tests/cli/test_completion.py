"""Shell completion: the scripts, and what they offer after TAB."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from mlopsgen import targets
from mlopsgen.cli.group import COMMANDS
from mlopsgen.codes import CODES
from tests.cli.calling import call
from tests.cli.product import lay

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = lay(tmp_path_factory.mktemp("project"))
    (folder / "other.yaml").write_text("environments: {canary: {}}\nparameters: {depth: {type: integer, default: 1}}\n")
    (folder / "broken.yaml").write_text("a: b: c\n")
    return folder


def offered(line: str, folder: Path) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    env = {"_MLOPSGEN_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    ended = call([], folder, env)
    assert (ended.code, ended.err) == (0, "")
    return [item.partition(",")[2] for item in ended.out.splitlines() if item]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed(shell: str, tmp_path: Path) -> None:
    ended = call([], tmp_path, {"_MLOPSGEN_COMPLETE": f"{shell}_source"})
    assert (ended.code, ended.err) == (0, "")
    assert f"_MLOPSGEN_COMPLETE={shell}_complete" in ended.out
    assert "_mlopsgen_completion" in ended.out


def test_commands_with_their_lines(project: Path) -> None:
    assert offered("mlopsgen ", project) == list(COMMANDS)
    assert offered("mlopsgen c", project) == ["check", "compile"]
    told = call([], project, {"_MLOPSGEN_COMPLETE": "zsh_complete", "COMP_WORDS": "mlopsgen ch", "COMP_CWORD": "1"})
    assert told.out.splitlines() == ["plain", "check", COMMANDS["check"]]


@pytest.mark.parametrize("command", ["check", "compile", "init", "targets"])
def test_targets(command: str, project: Path) -> None:
    assert offered(f"mlopsgen {command} --target ", project) == ["all", *targets.names()]
    assert offered(f"mlopsgen {command} -t s", project) == ["sagemaker"]


def test_codes(project: Path) -> None:
    assert offered("mlopsgen explain ", project)[: len(CODES)] == list(CODES)
    assert offered("mlopsgen explain mg30", project) == [code for code in CODES if code.startswith("MG30")]
    assert offered("mlopsgen check --allow ", project) == [code for code in CODES if code.startswith("MG3")]


@pytest.mark.parametrize("command", ["check", "compile", "run", "graph"])
def test_environments_of_the_spec_here(command: str, project: Path) -> None:
    assert offered(f"mlopsgen {command} --env ", project) == ["staging", "production"]
    assert offered(f"mlopsgen {command} -e p", project) == ["production"]


def test_environments_of_the_spec_that_was_named(project: Path) -> None:
    assert offered("mlopsgen check other.yaml --env ", project) == ["canary"]
    assert offered("mlopsgen check . --env ", project) == ["staging", "production"]
    assert offered("mlopsgen targets other.yaml --env ", project) == ["canary"]


def test_nothing_where_there_is_no_spec_or_a_broken_one(project: Path, tmp_path: Path) -> None:
    assert offered("mlopsgen check broken.yaml --env ", project) == []
    assert offered("mlopsgen check missing.yaml --env ", project) == []
    assert offered("mlopsgen check --env ", tmp_path) == []


def test_run_parameters_and_variables(project: Path) -> None:
    assert offered("mlopsgen run --param ", project) == ["score=", "min_accuracy=", "broken="]
    assert offered("mlopsgen run --param mi", project) == ["min_accuracy="]
    assert offered("mlopsgen run other.yaml -p ", project) == ["depth="]
    assert offered("mlopsgen check --var ", project) == ["bucket="]


def test_formats_and_flags(project: Path) -> None:
    assert offered("mlopsgen check --format ", project) == ["text", "json", "github", "sarif"]
    assert {"--env", "--var", "--allow", "--target", "--resolved", "--fix"} <= set(
        offered("mlopsgen check --", project)
    )


def test_fields_as_far_as_their_next_dot(project: Path) -> None:
    assert offered("mlopsgen explain dat", project) == ["data"]
    assert offered("mlopsgen explain data.sp", project) == ["data.split"]


def test_versions_that_wait_for_approval(project: Path) -> None:
    for version, status in (("1", "approved"), ("2", "pending")):
        folder = project / ".mlopsgen" / "registry" / "churn" / "versions" / version
        folder.mkdir(parents=True)
        (folder / "version.json").write_text(f'{{"version": {version}, "status": "{status}"}}')
    assert offered("mlopsgen approve ", project) == ["2"]
    assert offered("mlopsgen approve --spec broken.yaml ", project) == []


def test_a_pipe_under_the_name_of_a_spec_keeps_no_shell_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "spec.yaml")
    release = threading.Timer(20, lambda: os.close(os.open(tmp_path / "spec.yaml", os.O_RDWR)))
    release.start()
    begun = time.monotonic()
    assert offered("mlopsgen check --env ", tmp_path) == []
    assert time.monotonic() - begun < 15
    release.cancel()
