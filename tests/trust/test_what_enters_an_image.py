"""What of a project enters its image: git's own rules, no environment, no bundle, nothing that cannot be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlopsgen.compile import CompileRequest, check, locked
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.plan.application import LARGEST, code_files
from mlopsgen.plan.files import Files

SPEC = "apiVersion: mlopsgen/v1\nname: churn\ntraining: {run: train.py}\n"


def project(root: Path, *names: str, **texts: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "spec.yaml").write_text(SPEC)
    for name in ("train.py", *names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get(name, "print()\n"))
    return root


def entering(root: Path, path: str = ".", ignore: tuple[str, ...] = ()) -> list[str]:
    return [name for name, _ in code_files(Files(root), path, ignore, ["spec.yaml"], ("code", "path"))]


def refused(root: Path) -> list[Diagnostic]:
    spec = root / "spec.yaml"
    with pytest.raises(SpecError) as stopped:
        check(CompileRequest(spec, spec.read_bytes()))
    return [*stopped.value.findings]


def repository(root: Path, **patterns: str) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for folder, lines in patterns.items():
        (root / folder.replace("_", "/").strip("/") / ".gitignore").write_text(lines)


NAMES = (
    "keys.json", "src/keys.json", "src/a/keys.json", "src/scratch/x.py", "src/kept/keys.json", "src/b/c/d.py",
    "src/b/c/e.py", "notes/x.md", "src/notes/x.md", "src/log.txt", "src/important.txt", "src/d e/f.py", "tmp/z.py",
)  # fmt: skip


def test_git_s_rules_hold_from_the_repository_s_root_to_the_file(tmp_path: Path) -> None:
    """Held against git itself (`git ls-files --others --exclude-standard`)."""
    root = project(tmp_path / "products" / "churn", *NAMES)
    repository(tmp_path, _="keys.json\n/products/*/tmp/\n*.txt\n!important.txt\n\\#x\n")
    (tmp_path / "products" / ".gitignore").write_text("churn/notes/\n")
    (root / "src" / ".gitignore").write_text("scratch/\nb/*\n!b/c/\n/log.txt\n")
    (root / "src" / "kept" / ".gitignore").write_text("!keys.json\n")
    (root / "src" / "b" / "c" / ".gitignore").write_text("*\n!e.py\n")
    argv = ["git", "-C", str(root), "ls-files", "--others", "--exclude-standard"]
    by_git = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    visible = [name.strip('"') for name in by_git if not Path(name).name.startswith(".") and name != "spec.yaml"]
    assert entering(root) == sorted(visible)
    assert "src/kept/keys.json" in visible
    assert "src/a/keys.json" not in visible


def test_a_folder_that_is_itself_ignored_is_compiled_all_the_same(tmp_path: Path) -> None:
    root = project(tmp_path / "scratch" / "try", "a.py")
    repository(tmp_path, _="scratch/\n*.md\n")
    assert entering(root) == ["a.py", "train.py"]


def test_a_word_of_the_spec_weighs_more_than_git_s(tmp_path: Path) -> None:
    root = project(tmp_path, "model.json", "b.py")
    repository(tmp_path, _="*.json\n")
    assert entering(root, ignore=("!model.json", "b.py")) == ["model.json", "train.py"]


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history", ""])
@pytest.mark.parametrize("folder", ["venv", "env", "myenv", "src/.venv", "node_modules"])
def test_an_environment_beside_the_script_is_not_walked(folder: str, mark: str, tmp_path: Path) -> None:
    """Known by its name, or by what `python -m venv` and conda leave in it."""
    if folder == "myenv" and not mark:
        return
    root = project(tmp_path, f"{folder}/lib/x.py", *([f"{folder}/{mark}"] if mark else []))
    (root / folder / "python").symlink_to(sys.executable)
    assert entering(root) == ["train.py"]


def test_a_link_that_leads_outside_is_told_unless_it_is_left_out(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "x.py").symlink_to("/etc/passwd")
    (found,) = refused(root)
    assert (found.code, found.message) == ("MG118", "`x.py` leads outside the spec's folder")
    assert entering(root, ignore=("x.py",)) == ["train.py"]


def test_bundles_under_any_name_and_other_specs_do_not_enter(tmp_path: Path) -> None:
    from mlopsgen.bundle import Bundle, write

    root = project(tmp_path, "other.yaml", "settings.yaml", **{"other.yaml": SPEC, "settings.yaml": "a: 1\n"})
    write(Bundle("local", {"image/app/train.py": b""}), root / "out" / "local")
    assert entering(root) == ["settings.yaml", "train.py"]


def link_outside(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def link_to_one_outside(path: Path) -> None:
    """A file of the same kind, in which nothing is wrong."""
    texts = {"mlopsgen.lock": '{"version": 1}', "conda.yml": "dependencies: []\n"}
    other = path.parent.with_name(f"elsewhere-{path.name}")
    other.write_text(texts.get(path.name, ""))
    path.symlink_to(other)


def link_inside(path: Path) -> None:
    path.symlink_to("train.py")


def to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("make", [link_outside, link_to_one_outside, to_itself, os.mkfifo, Path.mkdir])
@pytest.mark.parametrize("name", [".gitignore", "mlopsgen.lock", "requirements.txt", "conda.yml", "train.py"])
def test_what_is_no_file_of_the_project_is_told_and_not_read(name: str, make: object, tmp_path: Path) -> None:
    root = project(tmp_path / "product")
    if name == "conda.yml":
        (root / "spec.yaml").write_text(SPEC + "code: {requirements: conda.yml}\n")
    (root / name).unlink(missing_ok=True)
    make(root / name)  # type: ignore[operator]
    codes = {d.code for d in refused(root)}
    assert codes == ({"MG130"} if name == "mlopsgen.lock" else {"MG118"})
    assert all(d.span and d.hint for d in refused(root))


def test_a_gitignore_that_is_a_link_is_not_read_as_git_does_not(tmp_path: Path) -> None:
    """git's own page on gitignore: it follows no symbolic link when it reads a .gitignore of the work tree."""
    root = project(tmp_path)
    link_inside(root / ".gitignore")
    (found,) = refused(root)
    assert "is a link" in found.message


def test_a_lock_inside_the_project_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "a.lock").write_text('{"version": 1}')
    (tmp_path / "mlopsgen.lock").symlink_to("locks/a.lock")
    locked(tmp_path)


AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root reads everything, but for one that was not given the right to."""


@pytest.mark.parametrize(
    "name", ["data/d.csv", "data", "src/train.py", "src", "src/a", ".gitignore", "mlopsgen.lock", "."]
)
def test_what_may_not_be_read_is_a_finding_with_its_place(name: str, tmp_path: Path) -> None:
    root = project(tmp_path / "p", "src/train.py", "src/a/b.py", "data/d.csv", ".gitignore", "mlopsgen.lock")
    (root / "spec.yaml").write_text(SPEC + "data: {source: data/d.csv, split: none}\n")
    (root / "mlopsgen.lock").write_text('{"version": 1}')
    root_too = AS_ANYBODY if os.geteuid() == 0 else ()
    if root_too and shutil.which(root_too[0]) is None:
        pytest.skip("root reads everything, and there is no setpriv")
    (root / name).chmod(0)
    try:
        argv = [*root_too, sys.executable, "-m", "mlopsgen", "check", str(root / "spec.yaml")]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    finally:
        (root / name).chmod(0o755)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert ("MG100" if name == "." else "MG130" if name.endswith("lock") else "MG118") in done.stderr
    assert name == "." or "spec.yaml:" in done.stderr
    assert "ermission denied" in done.stderr


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A project with 1,500 folders in each other, which pytest itself could not take away."""
    root = project(tmp_path)
    here = root
    try:
        for _ in range(1500):
            (here / "d").mkdir()
            os.chdir(here / "d")
            here = Path()
        os.chdir(tmp_path.parent)
        yield root
    finally:
        os.chdir(tmp_path.parent)
        subprocess.run(["rm", "-rf", str(root / "d")], check=True)


def test_folders_in_each_other_end_soon(deep: Path) -> None:
    start = time.process_time()
    (found,) = refused(deep)
    assert time.process_time() - start < 2
    assert "64 folders deep" in found.message


def test_a_file_that_no_repository_takes_is_told_and_not_read(tmp_path: Path) -> None:
    root = project(tmp_path, "model.bin")
    with (root / "model.bin").open("wb") as stream:
        stream.truncate(20 * LARGEST)
    (found,) = refused(root)
    assert "`model.bin` has 2,000 MB" in found.message


@pytest.mark.parametrize("name", ["a:b.py", "a\nb.py", "CON", "x" * 200, "a\u202eb.py", "e\u0301.py"])
def test_a_name_that_no_bundle_can_have_is_told_at_the_code(name: str, tmp_path: Path) -> None:
    root = project(tmp_path, name)
    (found,) = refused(root)
    assert found.code == "MG409"
    assert found.span is not None
