"""A project that has every file a spec may name, so that only what a spec says can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mlopsgen.compile import CompileRequest, check, compile_spec
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.findings.text import as_text

SPECS = Path(__file__).parent / "specs"
INVALID = SPECS / "invalid"
HEAD = "apiVersion: mlopsgen/v1\nname: churn\n"
TARGETS = ("local", "sagemaker")
ALL: tuple[tuple[str, str | None], ...] = ((".", None), ("plan", None), *((name, name) for name in TARGETS))
"""Folders of wrong specs, and the target that each is compiled for; None: what is the same for every target."""
SCRIPTS = ("train", "evaluate", "prepare", "clean", "fetch", "tell", "a", "b", "c")
TABLE = "id,age,city,at,weight,churned\n1,30,rome,2026-01-01,1,no\n2,40,oslo,2026-01-02,2,yes\n"


def lay(root: Path) -> Path:
    """The files of the project, without a spec."""
    files = {f"{folder}/{name}.py": f"print('{folder}')\n" for folder in ("src", "lib") for name in SCRIPTS}
    files |= {"data/churn.csv": TABLE, "data/zones.csv": "zone\n1\n", "src/notes.txt": "read me\n"}
    files |= {"pip.txt": "--index-url https://example.com\npandas\n", "src/score.sh": "echo\n"}
    files |= {"listed.txt": "pandas>=2\n", "others.txt": "numpy>=2\n", "needs.txt": "no-such-package-at-all>=3\n"}
    files |= {
        "odd/broken.py": "import os\ndef main(:\n",
        "odd/draws.py": "import matplotlib\n",
        "old.txt": "pandas==1.5.3\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def asked(root: Path, text: str | bytes, allow: Iterable[str] = ()) -> CompileRequest:
    """The project's spec with this text."""
    spec = root / "spec.yaml"
    spec.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CompileRequest(spec, spec.read_bytes(), allow=frozenset(allow))


def said(root: Path, text: str | bytes, target: str | None = None, allow: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
    """Everything that is said about a spec: its plan, or what a target makes of it."""
    wanted = asked(root, text, allow)
    try:
        found = check(wanted).findings if target is None else compile_spec(wanted, target).findings
    except SpecError as wrong:
        found = wrong.findings
    return tuple(_anywhere(d, root) for d in found)


def _anywhere(finding: Diagnostic, root: Path) -> Diagnostic:
    """A finding in a file of the project names it as one would from the project's folder."""
    span = finding.span
    return finding.at(span and replace(span, file=span.file.removeprefix(f"{root}/")))


def printed(findings: Iterable[Diagnostic], text: str | bytes) -> str:
    """What a terminal shows."""
    return as_text(findings, {"spec.yaml": text})


def cases(folder: str) -> tuple[Path, ...]:
    """Wrong specs, each beside the text that it earns."""
    return tuple(sorted((INVALID / folder).glob("*.yaml")))
