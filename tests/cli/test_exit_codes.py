"""Exit codes: 0 fine · 1 findings · 2 usage · 4 a step failed · 5 a gate said no.

3, a remote that failed: of the commands here `lock` alone asks one.
"""

from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlopsgen import compile as compiler
from mlopsgen.cli import here
from mlopsgen.cli.report import FORMATS, Exit
from tests.cli.calling import PROGRAM, Program, call
from tests.cli.product import SPEC, WRONG, lay

CASES = [
    ("check", 0),
    ("check .", 0),
    ("check wrong.yaml", 1),
    ("check --env nowhere", 1),
    ("check missing.yaml", 2),
    ("check --fix --resolved", 2),
    ("check --allow MG104", 2),
    ("check --format yaml", 2),
    ("compile -t local", 0),
    ("compile -t local -t local", 0),
    ("compile -t nobody", 1),
    ("compile wrong.yaml -t local", 1),
    ("compile -t local -o data/churn.csv/x", 1),
    ("compile", 2),
    ("compile -t local -o spec.yaml", 2),
    ("compile --target", 2),
    ("verify good/local", 0),
    ("verify data", 1),
    ("verify", 2),
    ("verify nowhere", 2),
    ("run wrong.yaml", 1),
    ("run --param min_accuracy=high", 1),
    ("run --param unknown=1", 1),
    ("run --param unknown", 2),
    ("run --parallel 0", 2),
    ("run asking.yaml", 2),
    ("approve", 0),
    ("approve 1", 1),
    ("approve --reject", 2),
    ("approve --spec missing.yaml", 2),
    ("approve --spec wrong.yaml", 1),
    ("init new", 0),
    ("init taken", 1),
    ("init spec.yaml", 2),
    ("init --name Churn", 2),
    ("targets", 0),
    ("targets spec.yaml", 0),
    ("targets wrong.yaml", 1),
    ("targets -t nobody", 1),
    ("targets --env production", 2),
    ("graph", 0),
    ("graph wrong.yaml", 1),
    ("graph missing.yaml", 2),
    ("lock --check", 1),
    ("lock wrong.yaml", 1),
    ("lock missing.yaml", 2),
    ("lock --pushed churn", 2),
    ("explain", 0),
    ("explain 104", 0),
    ("explain mg104", 0),
    ("explain unproven", 0),
    ("explain MG998", 2),
    ("explain data.split", 0),
    ("explain data.spilt", 2),
    ("schema", 0),
    ("schema spec.yaml", 2),
    ("chekc", 2),
    ("--nothing", 2),
]


@pytest.fixture
def prepared(project: Program) -> Program:
    (project.folder / "wrong.yaml").write_text(WRONG)
    asking = (project.folder / "spec.yaml").read_text().replace("{type: number, default: 0.8}", "{type: number}")
    (project.folder / "asking.yaml").write_text(asking)
    (project.folder / "taken").mkdir()
    (project.folder / "taken" / "spec.yaml").write_text("mine\n")
    return project


@pytest.mark.parametrize(("line", "code"), CASES, ids=[line for line, _ in CASES])
def test_the_exit_code_says_how_it_ended(line: str, code: int, prepared: Program) -> None:
    if "good/" in line:
        prepared("compile", "-t", "local", "-o", "good")
    ended = prepared(*shlex.split(line))
    assert ended.code == code, ended.err
    if code == Exit.FINDINGS:
        assert "error[MG" in ended.err
    if code == Exit.USAGE:
        assert "Error: " in ended.err


def test_a_remote_that_does_not_answer(project: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    ended = project("lock")
    assert ended.code == Exit.REMOTE
    assert "does not answer" in ended.err
    assert not (project.folder / "mlopsgen.lock").exists()


def test_a_run_that_ends_well(project: Program) -> None:
    ended = project("run")
    assert ended.code == Exit.FINE
    assert "churn version 1" in ended.out


def test_a_step_that_fails(project: Program) -> None:
    ended = project("run", "--param", "broken=true")
    assert ended.code == Exit.STEP_FAILED
    assert "error[MG602]: step `training` failed: exit code 1\n        the training broke\n" in ended.err
    assert "the training broke" not in ended.out


def test_a_gate_that_says_no(project: Program) -> None:
    ended = project("run", "--param", "score=0.5", "--param", "min_accuracy=0.75")
    assert ended.code == Exit.GATE_SAID_NO
    assert "error[MG603]: gate `accuracy` said no: accuracy 0.5 is not ≥ 0.75\n" in ended.err
    assert "0.75" not in ended.out
    assert "version 1" not in ended.out


def test_a_system_that_runs_cannot_be_on(project: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows; a bundle is written there with other locks."""
    written = here._written

    def then_without_locks(*given: Any, **more: Any) -> Path:
        folder = written(*given, **more)
        monkeypatch.setitem(sys.modules, "fcntl", None)
        return folder

    monkeypatch.setattr(here, "_written", then_without_locks)
    (project.folder / "spec.yaml").write_text(SPEC.replace("{type: number, default: 0.8}", "{type: number}"))
    for argv in (("run",), ("run", "--param", "min_accuracy=0.5")):
        ended = project(*argv)
        assert ended.code == Exit.FINDINGS
        assert ended.err.startswith("error[MG604]: `mlopsgen run` needs a POSIX system, such as Linux, macOS or WSL")
        assert "every other command works here" in ended.err
    assert not (project.folder / ".mlopsgen").exists()


def test_nothing_needs_such_a_system_to_be_imported(tmp_path: Path) -> None:
    imports = "import sys; sys.modules['fcntl'] = None; import mlopsgen.targets.local.execution.run, mlopsgen.cli.run"
    assert call([], tmp_path, program=(sys.executable, "-c", imports)).err == ""


def test_python_m_is_the_same_program(tmp_path: Path) -> None:
    lay(tmp_path)
    program = (sys.executable, "-m", "mlopsgen")
    assert call(["--version"], tmp_path, program=program) == call(["--version"], tmp_path)
    assert call(["check", "missing.yaml"], tmp_path, program=program) == call(["check", "missing.yaml"], tmp_path)
    assert call(["check", "-t", "local"], tmp_path, program=program).out.startswith("spec.yaml: good for ")


def test_a_parameter_of_one_environment(project: Program) -> None:
    assert project("run", "--env", "production").code == Exit.GATE_SAID_NO
    assert (project.folder / "build" / "production" / "local" / "plan.json").is_file()


@pytest.mark.parametrize("argv", [("schema",), ("explain",), ("targets", "--features"), ("graph",)], ids=lambda a: a[0])
def test_a_reader_that_leaves_early_sees_no_traceback(argv: tuple[str, ...], tmp_path: Path) -> None:
    lay(tmp_path)
    program = shlex.join([*PROGRAM, *argv])
    ended = subprocess.run(
        ["bash", "-c", f"{program} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    assert ended.returncode in (0, 141)


def test_a_reader_that_is_gone_is_not_a_success(tmp_path: Path) -> None:
    program = shlex.join([*PROGRAM, "schema"])
    line = f"{{ sleep 0.1; {program}; echo $? > code; }} | true"
    ended = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    for _ in range(100):
        if (tmp_path / "code").is_file() and (tmp_path / "code").read_text():
            break
        time.sleep(0.1)
    assert (tmp_path / "code").read_text() == "141\n"
    assert ended.stderr == ""


def test_a_full_disk_behind_stdout_is_said_in_a_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    ended = subprocess.run(
        ["bash", "-c", f"{shlex.join(PROGRAM)} schema > /dev/full"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "Error: OSError: [Errno 28] No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_control_c_stops_a_run_and_its_steps(tmp_path: Path) -> None:
    lay(tmp_path)
    waiting = "import os, time\nopen('%s', 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    started = tmp_path / "started"
    (tmp_path / "src" / "train.py").write_text(waiting % started)
    with subprocess.Popen(
        [*PROGRAM, "run"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        try:
            _until(lambda: started.is_file() and started.read_text() != "")
            step = int(started.read_text())
            run.send_signal(signal.SIGINT)
            _, err = run.communicate(timeout=20)
        finally:
            run.kill()
    assert run.returncode == 130
    assert "Traceback" not in err
    _until(lambda: not _runs(step))


def test_control_c_anywhere_else(project: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(compiler, "check", stopped)
    ended = project("graph")
    assert (ended.code, ended.out, ended.err.strip()) == (130, "", "stopped")


def _runs(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def _until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_files_whose_names_are_not_utf_8(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "spec.yaml").rename(tmp_path / "sp\udcff.yaml")
    good = call(["check", b"sp\xff.yaml"], tmp_path)
    assert (good.code, good.out) == (
        0,
        "sp\udcff.yaml: good for local, sagemaker, without an environment, and in staging, production\n",
    )
    assert call(["compile", b"sp\xff.yaml", "-t", "local", "-o", b"b\xff"], tmp_path).out == "b\udcff/local/\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("form", FORMATS)
def test_findings_about_such_a_file(form: str, tmp_path: Path) -> None:
    (tmp_path / "wr\udcff.yaml").write_text(WRONG)
    wrong = call(["check", b"wr\xff.yaml", "--format", form], tmp_path)
    assert wrong.code == 1
    assert "MG104" in wrong.err
    assert "Traceback" not in wrong.err
    said = wrong.err
    if form in ("json", "sarif"):
        said = json.dumps(json.loads(said), ensure_ascii=False)
    assert said.encode("utf-8"), "no half of a pair, which is no character, in it or spelled in it"
    assert {"text": "wr<U+DCFF>.yaml", "github": "wr<U+DCFF>.yaml", "json": "wr\ufffd.yaml", "sarif": "wr%FF.yaml"}[
        form
    ] in said


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_code_with_a_name_that_is_not_utf_8_is_a_finding(project: Program) -> None:
    (project.folder / "src" / "x\udcff.py").write_text("")
    ended = project("compile", "-t", "local")
    assert ended.code == 1
    assert "error[MG118]: the name of the file 'x\\udcff.py' is not UTF-8" in ended.err
