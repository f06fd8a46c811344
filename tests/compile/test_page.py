"""The page that shows the whole language in one spec: it checks, and compiles for every target as far as that goes.

Deployments, monitors and what belongs to them are not emitted yet (MG302, allowed here); all else has to be right. What
is a fact of somebody's account (a key, a network, who people are) stands on the page for one cloud alone, and is filled
in for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mlopsgen.cli.checking import see_all, together
from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import SpecError, errors
from tests.wrong import SPECS

PAGE = (SPECS / "page" / "spec.yaml").read_text(encoding="utf-8")
TABLE = (
    "activity_id,at,project_schedule,activity_hours,contractor_type,schedule_adherence\na1,2026-01-01,1,2,own,late\n"
)
SCRIPTS = ("train", "evaluate", "zones", "outliers", "predict")
GUIDS = "[00000000-1111-2222-3333-444444444444]"
BUCKET = ("bucket: acme-ml-models", "bucket: acme-ml-models, bucket_exists: true")
"""Terraform makes a bucket once: environments that share it say that it is there."""
VPC = "subnets: [subnet-0a1b2c3d4e5f60718], security_groups: [sg-0a1b2c3d4e5f60718]"
KEY = "encryption: {key: alias/ml}"
FACTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "local": (),
    "sagemaker": (("bucket: acme-ml,", f"bucket: acme-ml, {VPC},"), ("steps: [0.1, 0.5, 1.0]", "steps: [0.1, 1.0]")),
    "azureml": (
        (KEY, "encryption: null"),
        ("[release-managers]", GUIDS),
        ("[planning-app]", GUIDS),
        ("compute: {default", "managed_network: true, compute: {default"),
    ),
    "vertex": (
        ("alias/ml", "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/ml"),
        ("bucket_exists: true", "bucket_exists: true, network: projects/1234/global/networks/ml"),
    ),
    "kubeflow": ((KEY, "encryption: null"), ("namespace: ml,", "namespace: ml, timezone: Europe/Paris,")),
}
NOT_THERE = frozenset({"MG301", "MG302", "MG313"})
"""In production new data arrives in S3: other clouds read it nowhere, and Kubeflow is told of no file."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "data").mkdir()
    for name in SCRIPTS:
        (tmp_path / "src" / f"{name}.py").write_text("print()\n")
    (tmp_path / "src" / "requirements.txt").write_text("scikit-learn\n")
    (tmp_path / "data" / "schedule_management.csv").write_text(TABLE)
    return tmp_path


def asked(project: Path, allow: frozenset[str], env: str | None = None, *changes: tuple[str, str]) -> CompileRequest:
    text = PAGE
    for old, new in (BUCKET, *changes):
        assert old in text
        text = text.replace(old, new)
    return CompileRequest(project / "spec.yaml", text.encode(), env, allow=allow)


def test_the_page_of_the_language_holds_together_in_every_environment(project: Path) -> None:
    found = together(see_all(asked(project, NOT_THERE), ("local",)))
    assert errors(found) == ()


@pytest.mark.parametrize("target", FACTS)
def test_the_page_of_the_language_compiles_for_every_target(project: Path, target: str) -> None:
    made = compile_spec(asked(project, frozenset({"MG302"}), None, *FACTS[target]), target)
    assert len(made.bundle.files) > 4


@pytest.mark.parametrize("env", ["staging", "production"])
@pytest.mark.parametrize("target", FACTS)
def test_the_environments_of_the_page_compile_for_every_target(project: Path, target: str, env: str) -> None:
    try:
        made = compile_spec(asked(project, NOT_THERE, env, *FACTS[target]), target)
    except SpecError as wrong:
        pytest.fail(str(wrong))
    assert made.bundle.environment == env
