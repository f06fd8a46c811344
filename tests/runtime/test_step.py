from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from mlopsgen.runtime.once import once
from mlopsgen.runtime.parameters import decode
from mlopsgen.runtime.problems import Failed
from mlopsgen.runtime.unpack import merge_folders

from .conftest import Run

ECHO = ("python", "-c", "import sys; print(sys.argv[1:])")


def echoed(tmp_path: Path) -> tuple[str, ...]:
    """A command that writes down the flags it got."""
    return ("python", "-c", f"import sys, json; json.dump(sys.argv[1:], open(r'{tmp_path}/argv.json', 'w'))")


def archive(path: Path, **files: str) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))


def test_parameters_of_a_file_reach_the_script_in_their_types(run: Run, tmp_path: Path) -> None:
    given = {"folds": "5.0", "C": "0.1", "fast": "True", "name": "a b", "grid": "[1, 2]", "none": "", "unread": "x"}
    (tmp_path / "p.json").write_text(json.dumps(given))
    declared = ("folds:integer", "C:number", "fast:boolean", "name:string", "grid:list", "none:number")
    params = [f"--param={entry}" for entry in declared]
    done = run("step", f"--params-file={tmp_path}/p.json", *params, "--", *echoed(tmp_path), "--train=DIR")
    assert (done.code, done.err) == (0, "")
    argv = json.loads((tmp_path / "argv.json").read_text())
    assert argv == ["--train=DIR", "--folds=5", "--C=0.1", "--fast=true", "--name=a b", "--grid=[1, 2]"]


@pytest.mark.parametrize(
    ("raw", "kind"), [("2.5", "integer"), ("yes", "boolean"), ("x", "number"), ("{}", "list"), ("[1", "list")]
)
def test_a_parameter_of_the_wrong_type_is_refused_by_name(raw: str, kind: str) -> None:
    with pytest.raises(Failed, match=f"parameter `p` must be of type {kind}, not `"):
        decode("p", raw, kind)


def test_a_parameter_that_is_missing_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"a": "1"}')
    done = run("step", f"--params-file={tmp_path}/p.json", "--param=b:number", "--", *ECHO)
    assert (done.code, done.err) == (1, f"mlopsgen: parameter `b` is missing in {tmp_path}/p.json; it holds a\n")


def test_an_empty_optional_parameter_is_no_flag_at_all(run: Run, tmp_path: Path) -> None:
    run("step", "--optional=note", "--", *echoed(tmp_path), "--note=", "--kept=")
    assert json.loads((tmp_path / "argv.json").read_text()) == ["--kept="]


def test_when_is_false_nothing_runs(run: Run, tmp_path: Path) -> None:
    done = run("step", "--when=False", "--secret=X=env:NOT_THERE", "--", *echoed(tmp_path))
    assert (done.code, done.out) == (0, "skipped: `when` is false\n")
    assert not (tmp_path / "argv.json").exists()


def test_secrets_reach_the_child_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_A", "alpha")
    (tmp_path / "b").write_text("beta\n")
    program = f"import os; open(r'{tmp_path}/out', 'w').write(os.environ['A'] + os.environ['B'])"
    done = run("step", "--secret=A=env:VAULT_A", f"--secret=B=file://{tmp_path}/b", "--", "python", "-c", program)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "out").read_text() == "alphabeta"
    assert "A" not in os.environ


def test_a_secret_that_is_not_there_stops_the_step(run: Run) -> None:
    done = run("step", "--secret=A=env:NOT_THERE", "--", *ECHO)
    assert (done.code, done.err) == (1, "mlopsgen: the environment holds no variable `NOT_THERE`\n")
    done = run("step", "--secret=A=vault:x", "--", *ECHO)
    assert (done.code, "a secret cannot be read from `vault:`" in done.err) == (2, True)


def test_metrics_are_told_on_stdout_or_in_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"b": 2, "accuracy": 0.25, "name": "x", "flag": true, "nan": NaN}')
    done = run("step", f"--metrics={tmp_path}", "--", "python", "-c", "")
    assert done.out == "accuracy=0.25\nb=2.0\n"
    assert done.err == "note: `flag` is true, not a number; `name` is the text `x`, not a number; `nan` is NaN\n"
    done = run("step", f"--metrics={tmp_path}", f"--scalars=file:{tmp_path}/out/s", "--", "python", "-c", "")
    assert (done.out, (tmp_path / "out" / "s").read_text()) == ("", "accuracy=0.25\nb=2.0\n")


def test_a_step_that_fails_leaves_its_last_words_and_its_exit_code(run: Run, tmp_path: Path) -> None:
    program = "import sys; [print('line', n, file=sys.stderr) for n in range(100)]; sys.exit(7)"
    done = run("step", f"--failure-file={tmp_path}/failure", "--", "python", "-c", program)
    assert done.code == 7
    assert "line 0\n" in done.err, "everything streams through"
    assert (tmp_path / "failure").read_text().splitlines() == [f"line {n}" for n in range(80, 100)]


def test_the_end_of_a_reason_is_not_cut_off_where_letters_take_several_bytes(run: Run, tmp_path: Path) -> None:
    """A platform keeps the first 1,024 bytes of the file (AWS: ProcessingJob, ExitMessage: the first 1 KB)."""
    program = "import sys; sys.stderr.write('ж' * 900 + ' column age has nulls'); sys.exit(3)"
    done = run("step", f"--failure-file={tmp_path}/failure", "--", "python", "-c", program)
    assert done.code == 3
    assert (tmp_path / "failure").read_bytes()[:1024].decode().endswith("ж column age has nulls")


def test_whatever_ends_the_launcher_is_written_down(run: Run, tmp_path: Path) -> None:
    done = run("step", f"--failure-file={tmp_path}/failure", "--secret=TOKEN", "--", "python", "-c", "")
    assert (done.code, (tmp_path / "failure").read_text()) == (2, "--secret takes ENV=URI")
    (tmp_path / "file").touch()
    done = run("step", f"--failure-file={tmp_path}/failure", f"--make={tmp_path}/file", "--", "python", "-c", "")
    assert done.code == 1
    assert (tmp_path / "failure").read_text().startswith("FileExistsError: ")


def test_a_failure_of_the_launcher_is_written_down_too(run: Run, tmp_path: Path) -> None:
    done = run("step", f"--failure-file={tmp_path}/failure", "--", str(tmp_path / "no-such-program"))
    assert done.code == 1
    assert (
        tmp_path / "failure"
    ).read_text() == f"`{tmp_path}/no-such-program` cannot be started: No such file or directory"


def test_sigterm_reaches_the_child_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time, pathlib\n"
        f"def bye(*_): pathlib.Path(r'{tmp_path}/bye').write_text('saved'); sys.exit(3)\n"
        "signal.signal(signal.SIGTERM, bye)\n"
        f"pathlib.Path(r'{tmp_path}/ready').touch()\n"
        "time.sleep(60)"
    )
    argv = [sys.executable, "-m", "mlopsgen.runtime", "step", "--", "python", "-c", program]
    with subprocess.Popen(argv) as launcher:
        while not (tmp_path / "ready").exists():
            time.sleep(0.05)
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(timeout=20) == 3
    assert (tmp_path / "bye").read_text() == "saved"


def test_a_child_killed_by_a_signal_ends_like_in_a_shell(run: Run) -> None:
    assert run("step", "--", "python", "-c", "import os; os.kill(os.getpid(), 9)").code == 137


def test_archives_are_unpacked_in_place_and_one_folder_kept(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    archive(folder / "model.tar.gz", **{"model/a.txt": "A", "metrics/metrics.json": "{}"})
    assert run("step", f"--unpack={folder}:model", "--", "python", "-c", "").code == 0
    assert [(p.name, p.read_text()) for p in folder.iterdir()] == [("a.txt", "A")]


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..\\evil"])
def test_an_archive_that_leaves_its_folder_is_refused_whole(run: Run, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    archive(folder / "model.tar.gz", **{"good.txt": "x", name: "x"})
    done = run("step", f"--unpack={folder}", "--", *ECHO)
    assert done.code == 1
    assert "lies outside its folder; nothing was unpacked" in done.err
    assert [path.name for path in folder.iterdir()] == ["model.tar.gz"]
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_archives_are_refused(run: Run, tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("link")
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as tar:
        tar.addfile(member)
    done = run("step", f"--unpack={tmp_path}", "--", *ECHO)
    assert (done.code, "neither a file nor a folder" in done.err) == (1, True)


def test_merging_appends_data_sets_without_a_second_header(tmp_path: Path) -> None:
    for name, text in (("a", "x,y\n1,2"), ("b", "x,y\n3,4\n"), ("c", "5,6\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.csv").write_text(text)
    merge_folders(f"{tmp_path}/out={tmp_path}/a,{tmp_path}/b")
    assert (tmp_path / "out" / "data.csv").read_text() == "x,y\n1,2\n3,4\n"
    # Without headers the first rows may be equal by chance, and both stay.
    merge_folders(f"{tmp_path}/plain={tmp_path}/c,{tmp_path}/c")
    assert (tmp_path / "plain" / "data.csv").read_text() == "5,6\n5,6\n"


def test_merging_different_files_of_one_name_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").write_text(name)
    with pytest.raises(Failed, match=r"two folders to merge hold a different `model\.bin`"):
        merge_folders(f"{tmp_path}/out={tmp_path}/a,{tmp_path}/b")


def test_processes_of_one_machine_do_not_mix_the_rows_that_they_merge(tmp_path: Path) -> None:
    rows = "".join(f"{number},{'x' * 40}\n" for number in range(20_000))
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "data.csv").write_text(f"id,{part}\n".replace(part, "text") + rows)
    merge = f"--merge={tmp_path}/out={tmp_path}/a,{tmp_path}/b"
    step = (sys.executable, "-m", "mlopsgen.runtime", "step", f"--once={tmp_path}/once", merge, "--", *ECHO)
    running = [subprocess.Popen(step, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert (tmp_path / "out" / "data.csv").read_text() == "id,text\n" + 2 * rows


def test_a_process_does_not_begin_while_another_one_prepares(tmp_path: Path) -> None:
    begun, go, prepared = threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        begun.set()
        go.wait(30)
        prepared.append("first")

    waiting = [threading.Thread(target=once, args=(tmp_path, first))]
    waiting[0].start()
    assert begun.wait(30)
    waiting.append(threading.Thread(target=once, args=(tmp_path, lambda: prepared.append("second"))))
    waiting[1].start()
    waiting[1].join(0.3)
    still = waiting[1].is_alive()
    go.set()
    for thread in waiting:
        thread.join(30)
    assert (still, prepared) == (True, ["first"])


def test_a_process_does_not_use_what_another_one_could_not_prepare(run: Run, tmp_path: Path) -> None:
    words = ("step", f"--once={tmp_path}/once", f"--merge={tmp_path}/out={tmp_path}/missing", "--", *ECHO)
    assert run(*words).code == 1
    second = run(*words)
    assert (second.code, "another process of this machine" in second.err) == (1, True)
