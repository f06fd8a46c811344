"""What the documents show is true: specs compile, links lead somewhere, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mlopsgen.cli.group import COMMANDS
from mlopsgen.codes import CODES
from mlopsgen.compile import CompileRequest, check, compile_for
from mlopsgen.spec.product import Spec
from mlopsgen.targets import names
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
    (tmp_path / "data" / "sales.csv").write_text("shop,day,sold\ns1,2026-01-01,3\n")
    (tmp_path / "requirements.txt").write_text("scikit-learn\n")
    for script in SCRIPTS:
        (tmp_path / f"{script}.py").write_text("")
    return tmp_path


@pytest.mark.parametrize("block", blocks())
def test_a_spec_in_a_document_compiles(block: str, project: Path) -> None:
    text = whole(block).encode()
    targets = ("local", *yaml.safe_load(text).get("targets", {}))
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


SPEC_PAGE = (ROOT / "docs" / "writing-a-spec.md").read_text(encoding="utf-8")


def test_a_section_of_the_language_that_is_emitted_stands_on_the_page_that_users_read() -> None:
    """The README did not name the page, and the page lacked triggers, registry, requirements, resources and blocks."""
    assert "docs/writing-a-spec.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [yaml.safe_load(block) for block in BLOCK.findall(SPEC_PAGE)]
    sections = {key for block in shown for key in block}
    not_emitted = {"deployment", "deployments", "monitoring", "ci", "feature_store"}
    assert set(Spec.model_fields) | {"environments", "variables"} <= sections | not_emitted | {"api_version"}
    assert {target for block in shown for target in block.get("targets", {})} >= {*names()} - {"local"}
    assert "resources" in SPEC_PAGE
    assert "requirements" in SPEC_PAGE


def test_an_address_of_a_schema_leads_to_what_init_writes() -> None:
    addresses = {a for page in PAGES for a in re.findall(r"\$schema=(\S+)", page.read_text(encoding="utf-8"))}
    assert addresses == {".mlopsgen.schema.json"}
