"""Files that wait for ever, never end, or are more than they seem, and names that speak to whoever prints them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from mlopsgen.bundle import Bundle, write
from mlopsgen.compile import locked
from mlopsgen.diagnostics import SpecError
from mlopsgen.targets.local.execution import folders
from mlopsgen.targets.local.execution.events import Note
from mlopsgen.targets.local.execution.progress import Lines
from mlopsgen.verify import verify
from tests.trust.test_what_enters_an_image import SPEC, entering, project, refused

FILES = {"plan.json": b"{}\n", "image/app/train.py": b"print()\n"}


def pipe(path: Path) -> None:
    os.mkfifo(path)


def without_end(path: Path) -> None:
    path.symlink_to("/dev/zero")


def nested(path: Path) -> None:
    path.write_text("[" * 200_000)


def enormous(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2**32)


ODD = (pipe, without_end, nested, enormous)


@pytest.mark.parametrize("make", ODD)
def test_a_manifest_that_cannot_be_read_to_its_end_is_told(make: Callable[[Path], None], tmp_path: Path) -> None:
    folder = tmp_path / "local"
    write(Bundle("local", FILES), folder)
    (folder / "manifest.json").unlink()
    make(folder / "manifest.json")
    with pytest.raises(SpecError) as stopped:
        verify(folder)
    assert [d.code for d in stopped.value.findings] == ["MG444"]
    with pytest.raises(SpecError) as refused:
        write(Bundle("local", {**FILES, "plan.json": b"[]\n"}), folder)
    assert [d.code for d in refused.value.findings] == ["MG407"]


@pytest.mark.parametrize("make", [pipe, without_end])
def test_no_judge_reads_what_is_no_file_of_the_bundle(make: Callable[[Path], None], tmp_path: Path) -> None:
    write(Bundle("local", FILES), tmp_path / "local")
    (tmp_path / "local/plan.json").unlink()
    make(tmp_path / "local/plan.json")
    verdict = verify(tmp_path / "local")
    assert verdict.ran == ("integrity",)
    assert [d.message for d in verdict.findings] == ["`plan.json` is not what was compiled: its digest differs"]


@pytest.mark.parametrize("make", [nested, enormous])
def test_a_lock_that_no_memory_holds_is_told(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "mlopsgen.lock")
    with pytest.raises(SpecError) as stopped:
        locked(tmp_path)
    assert [d.code for d in stopped.value.findings] == ["MG130"]


@pytest.mark.parametrize("pattern", ["*a" * 12 + "b", "**/a/" * 12 + "b"])
def test_a_pattern_that_would_take_minutes_is_told(pattern: str, tmp_path: Path) -> None:
    root = project(tmp_path, "a" * 120 + ".py", "a/" * 50 + "x.py")
    (root / "spec.yaml").write_text(SPEC + f"code: {{ignore: ['{pattern}']}}\n")
    start = time.process_time()
    assert [(d.code, d.span is not None) for d in refused(root)] == [("MG106", True)]
    (root / "spec.yaml").write_text(SPEC)
    (root / ".gitignore").write_text(f"# {'*' * 40}\n{pattern}\n")
    assert [d.code for d in refused(root)] == ["MG118"]
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "entry", ['"pandas\\n--index-url https://a.example"', 'pip: ["pandas\\r-r /etc/passwd"]', 'pip: [" -r other.txt"]']
)
def test_an_entry_of_a_conda_file_is_one_line_for_pip(entry: str, tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "spec.yaml").write_text(SPEC + "code: {requirements: conda.yml}\n")
    (root / "conda.yml").write_text(f"dependencies:\n- {entry}\n")
    (found,) = refused(root)
    assert (found.code, found.span and found.span.line) == ("MG117", 2)


@pytest.mark.parametrize("entry", ["{a: b}", "null", "pip: [null]", "pip: [[pandas]]"])
def test_an_entry_of_a_conda_file_that_names_no_package_is_told(entry: str, tmp_path: Path) -> None:
    """Each was written into the image's requirements as Python shows it."""
    root = project(tmp_path)
    (root / "spec.yaml").write_text(SPEC + "code: {requirements: conda.yml}\n")
    (root / "conda.yml").write_text(f"dependencies:\n- {entry}\n")
    if entry != "{a: b}":  # a map without pip says nothing to pip
        assert [d.code for d in refused(root)] == ["MG117"]


@pytest.mark.parametrize(
    "line", ["pandas --index-url https://a.example", "pandas \\\n  -i https://a.example", "pan\0das"]
)
def test_what_pip_would_pass_over_in_a_line_is_told(line: str, tmp_path: Path) -> None:
    """pip's own parser takes `--index-url` behind a package for that package's, where it means nothing."""
    root = project(tmp_path)
    (root / "requirements.txt").write_text(f"{line}\n")
    assert [d.code for d in refused(root)] == ["MG117"]
    (root / "requirements.txt").write_text(f"pandas==2.2.3 --hash=sha256:{'0' * 64}\n")
    assert len(entering(root)) == 2


@pytest.mark.parametrize("text", ["[z-a]\n", "[\n!\n[[:alpha:\n//\n"])
def test_a_line_of_gitignore_that_is_no_pattern_is_passed_over(text: str, tmp_path: Path) -> None:
    root = project(tmp_path, "a.py")
    (root / ".gitignore").write_text(text)
    assert entering(root) == ["a.py", "train.py"]


def test_a_gitignore_of_megabytes_is_told(tmp_path: Path) -> None:
    root = project(tmp_path)
    enormous(root / ".gitignore")
    assert [d.code for d in refused(root)] == ["MG118"]


@pytest.mark.parametrize(
    "more",
    [
        "environments: {'..': {suffix: ''}}", "environments: {a/b: {suffix: ''}}", "environments: {con: {}}",
        "steps: {con: {run: train.py}}", "steps: {a: {run: train.py, outputs: {nul: files}}}",
    ],
)  # fmt: skip
def test_a_name_that_becomes_a_folder_is_a_folder_s_everywhere(more: str, tmp_path: Path) -> None:
    """An environment `..` wrote its bundles outside of the folder that was named for them."""
    root = project(tmp_path)
    (root / "spec.yaml").write_text(f"{SPEC}{more}\n")
    assert [(d.code, d.span is not None) for d in refused(root)] == [("MG106", True)]


def test_links_that_lead_to_each_other_by_two_ways_end_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_LINKED", 500)
    for level in range(30):
        (tmp_path / f"{level:02}").mkdir()
        for name in ("a", "b"):
            (tmp_path / f"{level:02}" / name).symlink_to(f"../{level + 1:02}")
    (tmp_path / "30").mkdir()
    assert "links lead to more than 500 files and folders" in folders.replace_links(tmp_path)


def test_a_step_s_last_words_command_no_terminal() -> None:
    stream = StringIO()
    Lines(stream)(Note("it said \x1b[2J\x1b[Hdone"))
    assert stream.getvalue() == "  it said <U+001B>[2J<U+001B>[Hdone\n"
