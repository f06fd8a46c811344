"""What the documents show is true: specs compile, links lead somewhere, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mlopsgen.cli.group import COMMANDS
from mlopsgen.codes import CODES
from mlopsgen.compile import CompileRequest, check, compile_for
from tests.projects import ROOT

PAGES = sorted([ROOT / "README.md", *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("examples/*/*.md")])
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
COMMAND = re.compile(r"`mlopsgen ([a-z]+)")
CODE = re.compile(r"\bMG[1-6]\d\d\b")
SCRIPTS = ("train", "evaluate", "clean", "page", "tell", "prepare")
TABLE = "customer,months,plan,churned\n" + "".join(f"c{n},{n},basic,{'yes' if n % 3 else 'no'}\n" for n in range(120))


def blocks() -> list[object]:
    return [
        pytest.param(block, id=f"{page.name}-{number}")
        for page in PAGES
        for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
    ]


def whole(block: str) -> str:
    """A fragment stands in a small spec: its sections replace those."""
    document = yaml.safe_load(block)
    base = {
        "apiVersion": "mlopsgen/v1",
        "name": "churn",
        "data": {"source": "data/churn.csv", "label": "churned"},
        "training": {"run": "train.py"},
        "targets": {"sagemaker": {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"}},
    }
    return block if "apiVersion" in document else yaml.safe_dump({**base, **document}, sort_keys=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "churn.csv").write_text(TABLE)
    (tmp_path / "data" / "calls.csv").write_text("customer,calls\nc1,3\n")
    for script in SCRIPTS:
        (tmp_path / f"{script}.py").write_text("")
    return tmp_path


@pytest.mark.parametrize("block", blocks())
def test_a_spec_in_a_document_compiles(block: str, project: Path) -> None:
    text = whole(block).encode()
    targets = ("local", "sagemaker") if "sagemaker" in yaml.safe_load(text).get("targets", {}) else ("local",)
    checked = check(CompileRequest(project / "spec.yaml", text), targets)
    assert [d for d in checked.findings if d.code != "MG204"] == []
    for target in targets:
        assert compile_for(checked, target).bundle.files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_commands_and_codes_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []
    assert set(COMMAND.findall(text)) <= {*COMMANDS}
    assert set(CODE.findall(text)) <= {*CODES}
