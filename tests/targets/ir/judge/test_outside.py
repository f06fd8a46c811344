"""kfp itself, and the schemas of the clouds, say what our linters say: nothing about what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.targets.kubeflow import judge as kubeflow
from mlopsgen.targets.vertex import judge as vertex
from tests.targets.judging.mutation import mutants
from tests.targets.judging.outside import ask, of_judge

from .faults import FAULTS
from .seed import Seeded

HERE = Path(__file__).parent
TARGETS = HERE.parents[1]
BUNDLES = [TARGETS / name / "judge" / "bundle" for name in ("kubeflow", "vertex")]


OUTSIDE = {judge.name: of_judge(judge) for judge in (*kubeflow.judges()[1:], *vertex.judges()[1:])}
"""The first judge of each target is our own linter."""
KFP_ITSELF, SCHEMAS, SDK, CHECKOV = (OUTSIDE[name] for name in ("kfp", "kubernetes", "aiplatform", "checkov"))


@pytest.mark.slow
def test_kfp_takes_every_package() -> None:
    folders = [*BUNDLES, HERE / "foreign", TARGETS / "kubeflow" / "judge" / "foreign"]
    assert ask(KFP_ITSELF, folders) == [[], [], [], []]


@pytest.mark.slow
def test_kfp_sees_broken_messages(tmp_path: Path) -> None:
    """Of the renamed and retyped keys it sees nearly all; what names what is none of its business."""
    folders = []
    for number, (fault, broken) in enumerate(mutants(BUNDLES[0], FAULTS[:20], seeded=Seeded)):
        if broken is not None and fault.kind == "rename":
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "pipeline.yaml").write_text((broken / "pipeline.yaml").read_text())
            folders.append(folder)
    said = ask(KFP_ITSELF, folders)
    assert sum(bool(findings) for findings in said) >= 0.9 * len(said)
    assert {finding["code"] for findings in said for finding in findings} <= {"MG430", "MG431", "MG441"}


@pytest.mark.slow
def test_schemas_take_every_manifest() -> None:
    assert ask(SCHEMAS, [BUNDLES[0], TARGETS / "kubeflow" / "judge" / "foreign"]) == [[], []]


@pytest.mark.slow
def test_schemas_name_the_place(tmp_path: Path) -> None:
    (tmp_path / "role.yaml").write_text(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nimagePullSecret: []\n---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\nrules: [{verbs: get}]\n"
    )
    (said,) = ask(SCHEMAS, [tmp_path])
    assert [(found["code"], found["at"]) for found in said] == [("MG430", "/0"), ("MG431", "/1/rules/0/verbs")]


@pytest.mark.slow
def test_the_sdk_takes_every_request() -> None:
    assert ask(SDK, [BUNDLES[1], TARGETS / "vertex" / "judge" / "foreign"]) == [[], []]


@pytest.mark.slow
def test_the_sdk_refuses_two_documents_and_unknown_keys(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text((BUNDLES[0] / "pipeline.yaml").read_text())
    (tmp_path / "schedule.json").write_text('{"cron": "0 * * * *", "maxRuns": 1}')
    (said,) = ask(SDK, [tmp_path])
    assert {(found["code"], found["file"]) for found in said} == {
        ("MG433", "pipeline.yaml"),
        ("MG430", "schedule.json"),
    }


@pytest.mark.slow
def test_checkov_sees_an_open_bucket(tmp_path: Path) -> None:
    good = (BUNDLES[1] / "infra" / "main.tf.json").read_text()
    for name, text in (("good", good), ("open", good.replace('"enforced"', '"inherited"'))):
        (tmp_path / name / "infra").mkdir(parents=True)
        (tmp_path / name / "infra" / "main.tf.json").write_text(text)
    closed, opened = ask(CHECKOV, [tmp_path / "good", tmp_path / "open"])
    assert closed == []
    assert [found["at"] for found in opened] == ["/resource/google_storage_bucket/artifacts"]
