"""Credentials in the code and the requirements are found before they enter an image, and shown nowhere."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from mlopsgen import targets
from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.credentials import find_credential
from mlopsgen.credentials.pasted import pasted
from mlopsgen.diagnostics import Diagnostic, Severity, SpecError, errors
from mlopsgen.findings.text import as_text
from mlopsgen.verify import verify
from tests.diagnostics.secret_forms import OTHERS, Chance
from tests.diagnostics.test_credentials import SECRETS, benign
from tests.projects import ROOT, TARGETS

SPEC = "apiVersion: mlopsgen/v1\nname: churn\ntraining: {run: train.py}\n"
DRAWS = 8
FORMS: dict[str, Callable[[Chance], str]] = {**{name: lambda _, s=s: s for name, s in SECRETS.items()}, **OTHERS}  # type: ignore[misc]


def in_script(secret: str) -> list[tuple[str, bytes]]:
    return [("src/train.py", f"import os\n\nKEY = {secret!r}\n".encode())]


def in_requirements(secret: str) -> list[tuple[str, bytes]]:
    line = f"git+https://{secret}@git.acme.example/x.git" if secret.isalnum() else f"x @ https://h/x.whl # {secret}"
    return [("requirements.txt", f"pandas>=2.2\n{line}\n".encode())]


def in_configuration(secret: str) -> list[tuple[str, bytes]]:
    return [("src/settings.ini", f"[service]\n# copied\n{secret}\n".encode())]


def in_files(files: Callable[[str], list[tuple[str, bytes]]]) -> Callable[[str], bool]:
    return lambda secret: bool(pasted(files(secret)))


PLACES: dict[str, Callable[[str], bool]] = {
    "spec": lambda secret: find_credential(secret) is not None,
    "env": lambda secret: find_credential(f"env: {secret}") is not None,
    "script": in_files(in_script),
    "requirements": in_files(in_requirements),
    "configuration": in_files(in_configuration),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_found_wherever_it_stands(place: str) -> None:
    found = {name: sum(PLACES[place](form(Chance(seed))) for seed in range(DRAWS)) for name, form in FORMS.items()}
    missed = {name: count for name, count in found.items() if count < DRAWS * 0.9}
    assert len(FORMS) >= 96
    assert set(missed) <= {"Azure AI key"}, "32 hexadecimal digits, of which chance makes many"


def test_what_projects_really_hold_is_left_alone() -> None:
    """The texts of the corpus of specs, and every file of this repository's own code and of some libraries."""
    lines = [line for line in benign() if "${" not in line]
    wrong = pasted([(f"{n}", f"NAME = {line!r}\n".encode()) for n, line in enumerate(lines)])
    assert len(wrong) <= 0.02 * len(lines), wrong
    code = [(str(path), path.read_bytes()) for path in sorted((ROOT / "src").rglob("*.py"))]
    code += [(str(path), path.read_bytes()) for path in sorted(Path(ast.__file__).parent.glob("[a-h]*.py"))]
    assert len(code) > 400
    assert not [found for found in pasted(code) if found.sure]
    assert len(pasted(code)) <= 5


HARMLESS = """
password = os.environ["DB_PASSWORD"]
password = getpass.getpass()
client.login(password=args.password, token=token)
api_key = config.api_key_v2
api_key = settings["openai"]["api_key"]
"api_key": "YOUR_API_KEY"
parser.add_argument("--api-key", "api_key_name")
access_token = get_access_token(request1)
PASSWORD=changeme
password: "${DB_PASSWORD}"
secret_key = secrets.token_urlsafe(32)
tokenizer.pad_token = "<pad_1>"
account_key = "account-key-name"
url = "postgresql://user:password@localhost/db"
url = f"https://{user}:{password}@host/"
assert key.startswith("-----BEGIN PRIVATE KEY-----")
pattern = re.compile(r"AKIA[A-Z0-9]{16}")
KEY = "AKIAIOSFODNN7EXAMPLE"
hashes = ["%s"]
"""


def test_code_that_speaks_of_secrets_holds_none() -> None:
    text = HARMLESS % ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
    assert pasted([("src/a.py", text.encode())]) == ()


def said(folder: Path, target: str = "local") -> tuple[Diagnostic, ...]:
    spec = folder / "spec.yaml"
    try:
        return compile_spec(CompileRequest(spec, spec.read_bytes()), target).findings
    except SpecError as wrong:
        return wrong.findings


def project(root: Path, **files: str) -> Path:
    (root / "src").mkdir(parents=True)
    (root / "spec.yaml").write_text(SPEC)
    (root / "src" / "train.py").write_text("print()\n")
    for name, text in files.items():
        (root / "src" / name.replace("_", ".")).write_text(text)
    return root


TOKEN = "gh" + "p_" + Chance(5).some("abcdefghiJKLMNO012345", 36)


def test_a_token_in_a_script_is_an_error_at_its_line(tmp_path: Path) -> None:
    root = project(tmp_path, help_py=f"import os\n\nTOKEN = '{TOKEN}'\n")
    (found,) = said(root)
    assert (found.code, found.severity) == ("MG115", Severity.ERROR)
    assert str(found.span) == f"{root / 'src/help.py'}:3:10"
    assert TOKEN not in as_text([found], {})


def test_a_token_in_the_requirements_is_an_error_at_its_line(tmp_path: Path) -> None:
    root = project(tmp_path, requirements_txt=f"pandas\n\ngit+https://{TOKEN}@github.com/x/y.git\n")
    found = errors(said(root))
    assert [(d.code, str(d.span)) for d in found] == [("MG115", f"{root / 'src/requirements.txt'}:3:13")]


def test_a_token_in_a_conda_file_is_an_error_at_its_line(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "spec.yaml").write_text(SPEC + "code: {requirements: conda.yml}\n")
    (root / "conda.yml").write_text(f"dependencies:\n- pip:\n  - git+https://{TOKEN}@github.com/x/y.git\n")
    found = [d for d in errors(said(root)) if d.code == "MG115"]
    assert {d.span.line for d in found if d.span} == {3}
    assert {d.span.file for d in found if d.span} == {str(root / "conda.yml")}


def test_a_password_in_a_script_is_a_warning_that_a_comment_takes_away(tmp_path: Path) -> None:
    line = "password = " + f"'{Chance(3).password()}'"
    (found,) = said(project(tmp_path / "a", help_py=f"{line}\n"))
    assert found.severity is Severity.WARNING
    assert said(project(tmp_path / "b", help_py=f"{line}  # pragma: allowlist secret\n")) == ()
    # Requirements have no use for anything that looks like one.
    (found,) = said(project(tmp_path / "c", requirements_txt=f"# {line}\npandas\n"))
    assert (found.code, found.severity) == ("MG115", Severity.ERROR)


@pytest.mark.parametrize("target", TARGETS)
def test_verify_reads_what_the_image_is_made_of(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled before anything was looked for, or put there since; whatever the target's own judges say."""
    from mlopsgen.bundle import Bundle

    monkeypatch.setattr(targets, "load", lambda _: SimpleNamespace(judges=tuple))
    files = {"image/app/help.py": f"T = '{TOKEN}'\n".encode(), "image/requirements.txt": b"pandas\n"}
    write(Bundle(target, files), tmp_path / target)
    (found,) = verify(tmp_path / target).findings
    assert (found.code, str(found.span), found.severity) == ("MG433", "image/app/help.py:1:6", Severity.ERROR)
