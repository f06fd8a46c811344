"""Judges with an environment of their own: made once and whole, used by everybody, and what it is when that fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets import judge_environment as module
from mlopsgen.targets.judge_environment import JudgeEnvironment
from mlopsgen.targets.judging import Heard, Judge, hear, hear_each, judge_in, outside

Script: TypeAlias = Callable[..., Path]


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of this module's own: an environment takes seconds to make, so tests share them."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text("steps:\n  - name: a\n    run: b\n---\nkind: second\n")
    (folder / "plan.json").write_text('{\n  "steps": [\n    {"name": "a"}\n  ]\n}\n')
    return folder


@pytest.fixture
def script(tmp_path: Path) -> Script:
    def write(*lines: object, code: str = "") -> Path:
        path = tmp_path / "outside.py"
        said = "".join(f"print({line if isinstance(line, str) else json.dumps(line)!r})\n" for line in lines)
        path.write_text(f"import sys\n{code}\n{said}")
        return path

    return write


def asked(judge: Judge, bundle: Path) -> tuple[Heard, list[str]]:
    told: list[str] = []
    return hear(judge, bundle, told.append), told


def only(heard: Heard) -> Diagnostic:
    (found,) = heard.findings
    return found


def test_its_findings_stand_at_their_places(bundle: Path, script: Script) -> None:
    judge = outside(
        "words",
        (),
        script(
            {
                "code": "MG430",
                "message": "no `run`",
                "file": "pipeline.yaml",
                "at": "/0/steps/0/run",
                "hint": "leave it",
            },
            {"code": "MG433", "message": "a bad name", "file": "plan.json", "at": "/steps/0/name"},
            {"code": "ACME7", "message": "somewhere", "file": "image/Dockerfile", "severity": "warning"},
            {"code": "MG441", "message": "the whole bundle", "file": None, "at": None, "hint": None},
        ),
    )
    heard, _ = asked(judge, bundle)
    assert heard.ran
    assert [(d.code, d.message, d.hint, d.severity, str(d.span)) for d in heard.findings] == [
        ("MG430", "no `run`", "leave it", "error", "pipeline.yaml:3:10"),
        ("MG433", "a bad name", None, "error", "plan.json:3:14"),
        ("ACME7", "somewhere", None, "warning", "image/Dockerfile:1:1"),
        ("MG441", "the whole bundle", None, "error", "None"),
    ]


def test_a_file_that_breaks_is_shown_where_it_breaks(bundle: Path, script: Script) -> None:
    (bundle / "plan.json").write_text('{\n "a" 1}')
    judge = outside("words", (), script({"code": "MG438", "message": "no JSON", "file": "plan.json", "at": "/a"}))
    assert str(only(asked(judge, bundle)[0]).span) == "plan.json:2:6"


def test_the_environment_is_made_once_and_says_so_once(bundle: Path, script: Script, cache: Path) -> None:
    written = script(code="assert sys.argv[1].endswith('bundle') and sys.prefix != sys.base_prefix")
    constraints = written.with_name("constraints.txt")
    constraints.write_text("# of this test\n")
    first, told = asked(outside("once", (), written, constraints), bundle)
    again, nothing = asked(outside("once", (), written, constraints), bundle)
    assert (first.ran, first.findings, again.ran) == (True, (), True)
    (line,) = told
    assert line.startswith(f"making the environment of the judge `once` once, in {cache}/mlopsgen/judges/once-")
    assert nothing == []


def test_other_requirements_are_another_environment(tmp_path: Path) -> None:
    constraints = tmp_path / "c.txt"
    constraints.write_text("b==1\n")
    made = [
        JudgeEnvironment("a", ("b==1",), tmp_path),
        JudgeEnvironment("a", ("b==2",), tmp_path),
        JudgeEnvironment("a", ("b==1",), tmp_path, constraints),
        JudgeEnvironment("b", ("b==1",), tmp_path),
    ]
    assert len({one.folder for one in made}) == 4
    before = made[2].folder
    constraints.write_text("b==2\n")
    assert made[2].folder != before


@pytest.mark.slow
def test_it_sees_what_it_requires_and_nothing_of_ours(tmp_path: Path, bundle: Path, script: Script) -> None:
    tiny = wheel(tmp_path, "tiny")
    (tmp_path / "secrets.py").write_text("raise SystemExit('a module beside the script was read')")
    code = (
        "import importlib.util as u, json, secrets, tiny\n"
        "print(json.dumps({'code': 'MG441', 'message': f'{tiny.WORD} {u.find_spec(\"mlopsgen\")}'}))"
    )
    heard, _ = asked(outside("tiny", (str(tiny),), script(code=code)), bundle)
    assert only(heard).message == "hello None"


def test_modules_beside_the_script_hide_none_of_the_standard_library(bundle: Path, script: Script) -> None:
    written = script(code="import secrets; secrets.token_hex()")
    written.with_name("secrets.py").write_text("raise SystemExit('the wrong one')")
    assert asked(outside("words", (), written), bundle)[0].findings == ()


def test_a_script_may_be_a_folder(tmp_path: Path, bundle: Path) -> None:
    folder = tmp_path / "judging"
    folder.mkdir()
    (folder / "words.py").write_text("WORD = 'from beside'")
    (folder / "__main__.py").write_text(
        "import json, words\nprint(json.dumps({'code': 'MG441', 'message': words.WORD}))"
    )
    assert only(asked(outside("words", (), folder), bundle)[0]).message == "from beside"


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        ([], "print('Traceback')", "it printed what is no finding: Traceback"),
        ([{"code": "MG430"}], "", "it printed what is no finding"),
        ([{"code": "MG999", "message": "m"}], "", "it printed what is no finding"),
        ([{"code": "MG430", "message": 5}], "", "it printed what is no finding"),
        ([{"code": "MG430", "message": "m", "severity": "bad"}], "", "it printed what is no finding"),
        ([{"code": "MG430", "message": "m", "file": "../x.yaml"}], "", "it printed what is no finding"),
        ([["MG430", "m"]], "", "it printed what is no finding"),
        ([], "print('{}'); sys.exit('no luck')", "exit code 1: no luck"),
        ([], "sys.exit(3)", "exit code 3: it said nothing"),
        ([], "import time; time.sleep(60)", "it was still at it after 1 seconds"),
    ],
)
def test_one_that_breaks_has_not_judged(
    lines: list[object], code: str, said: str, bundle: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sleep" in code:
        monkeypatch.setattr(module, "LONGEST", 1)
    found = only(asked(outside("words", (), script(*lines, code=code)), bundle)[0])
    assert found.code == "MG441"
    assert found.message.startswith(f"the judge `words` broke off: {said}")
    assert found.hint is not None
    assert "rm -r " in found.hint


@pytest.fixture
def bundles(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for number, folder in enumerate(folders):
        folder.mkdir()
        (folder / "plan.json").write_text("\n" * number + '{"name": "a"}\n')
    return folders


ABOUT = """
import json, os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
assert sys.argv[2:] == []
sys.loads = getattr(sys, "loads", 0) + ("fractions" not in sys.modules)
import fractions
print(json.dumps({"code": "MG433", "message": f"{folder.name} {sys.loads}", "file": "plan.json", "at": "/name"}))
"""


def test_several_bundles_are_judged_by_one_process(bundles: list[Path], script: Script) -> None:
    """A library is loaded for the first alone, and every finding stands in its own bundle."""
    heard = hear_each(outside("words", (), script(code=ABOUT)), bundles, lambda _: None)
    assert [[(d.message, str(d.span)) for d in one.findings] for one in heard] == [
        [("first 1", "plan.json:1:10")],
        [("second 1", "plan.json:2:10")],
        [("third 1", "plan.json:3:10")],
    ]


@pytest.mark.parametrize(
    ("end", "message", "third"),
    [
        ("sys.exit('no luck')", "exit code 1: no luck", "third 1"),
        ("raise ValueError('no value')", "ValueError: no value", "third 1"),
        ("print('Traceback')", "it printed what is no finding: Traceback", "third 1"),
        ("os.write(2, b'gone'); os._exit(9)", "exit code 9: gone", "exit code 9: gone"),
        ("os._exit(0)", "it said nothing", "it said nothing"),
    ],
)
def test_one_bundle_that_breaks_the_judge_leaves_the_others_judged(
    end: str, message: str, third: str, bundles: list[Path], script: Script
) -> None:
    code = f"{ABOUT}\nif folder.name == 'second':\n    {end}"
    heard = hear_each(outside("words", (), script(code=code)), bundles, lambda _: None)
    first, second, last = (one.findings[-1] for one in heard)
    assert first.message == "first 1"
    assert (second.code, second.message.endswith(message)) == ("MG441", True)
    assert last.message.endswith(third)


def test_what_a_library_prints_past_python_is_no_finding(bundle: Path, script: Script) -> None:
    written = script({"code": "MG441", "message": "judged"}, code="import os; os.write(1, b'hello from C')")
    assert only(asked(outside("words", (), written), bundle)[0]).message == "judged"


@pytest.mark.slow
def test_what_cannot_be_installed_is_a_finding_with_the_command(bundle: Path, script: Script, tmp_path: Path) -> None:
    gone = tmp_path / "gone-1.0-py3-none-any.whl"
    judge = JudgeEnvironment("gone", (str(gone),), script())
    heard, told = asked(judge_in(judge), bundle)
    found = only(heard)
    assert (heard.ran, found.code, len(told)) == (False, "MG440", 1)
    assert found.message.startswith("the judge `gone` did not run: its environment cannot be made: ")
    assert found.hint is not None
    assert f"{judge.python} -m pip install" in found.hint
    assert str(gone) in found.hint
    assert judge.folder.is_dir()
    assert not judge.ready(), "half of one is never used"
    wheel(tmp_path, "gone")
    heard, _ = asked(judge_in(judge), bundle)
    assert (heard.ran, heard.findings) == (True, ())


def test_a_cache_folder_that_cannot_be_is_a_finding(
    bundle: Path, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    found = only(asked(outside("words", (), script()), bundle)[0])
    assert found.code == "MG440"
    assert found.hint is not None
    assert "XDG_CACHE_HOME" in found.hint


def test_the_cache_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for said in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", said)
        assert module.cache_folder() == tmp_path / ".cache"


def test_without_what_makes_environments_it_is_not_installed(
    bundle: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "ensurepip" else name)
    found = only(asked(outside("words", (), script()), bundle)[0])
    assert (found.code, found.message) == ("MG440", "the judge `words` did not run: it is not installed")
    assert "python3-venv" in (found.hint or "")


def test_two_verifications_at_once_make_one_environment(bundle: Path, script: Script) -> None:
    """Each waits for the other, and both judge; whoever is second makes nothing."""
    words = repr(str(script({"code": "MG441", "message": "judged"})))
    program = (
        "from pathlib import Path\nfrom mlopsgen.targets.judging import hear, outside\n"
        f"heard = hear(outside('both', (), Path({words})), Path({str(bundle)!r}), lambda line: print('made'))\n"
        "print(heard.findings[0].message)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ)
        for _ in range(3)
    ]
    said = sorted(process.communicate(timeout=120)[0] for process in running)
    assert said == ["judged\n", "judged\n", "made\njudged\n"]


def test_an_environment_that_was_cut_off_is_made_anew(bundle: Path, script: Script) -> None:
    judge = JudgeEnvironment("cut", (), script())
    assert not judge.ready()
    judge.folder.mkdir(parents=True)
    (judge.folder / "half").write_text("")
    assert asked(judge_in(judge), bundle)[0].ran
    assert not (judge.folder / "half").exists()
    (judge.folder / "complete").unlink()
    assert not judge.ready()
    (judge.folder / "complete").touch()
    assert judge.ready()
    judge.python.unlink()  # the Python that it was made with is gone
    assert not judge.ready()
    assert asked(judge_in(judge), bundle)[0].ran


def wheel(folder: Path, name: str) -> Path:
    """The smallest package there can be."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "WORD = 'hello'\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path
