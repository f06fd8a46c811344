"""Regions and machines by name: a slip is found where it stands, and a newer one is taken when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic, Severity, SpecError
from mlopsgen.targets.azureml.sizes import REGIONS as AZURE_REGIONS
from mlopsgen.targets.azureml.sizes import is_size
from mlopsgen.targets.listed import AWS_REGIONS, listed
from mlopsgen.targets.sagemaker import machines as sagemaker
from mlopsgen.targets.vertex import machines as vertex
from mlopsgen.targets.vertex.checks import REGIONS as GOOGLE_REGIONS
from tests.hops.spec import OPTIONS
from tests.wrong import lay

SLIPS: list[tuple[str, dict[str, Any], str, str]] = [
    ("sagemaker", {"region": "us-esat-1"}, "region", "us-east-1"),
    ("sagemaker", {"region": "eu-west1"}, "region", "eu-west-1"),
    ("sagemaker", {"machines": {"training": "ml.m5.xxlarge"}}, "machines.training", "ml.m5.xlarge"),
    ("sagemaker", {"machines": {"training": "m5.xlarge"}}, "machines.training", "ml.m5.xlarge"),
    ("azureml", {"region": "westeuropa"}, "region", "westeurope"),
    ("azureml", {"region": "west-europe"}, "region", "westeurope"),
    ("azureml", {"compute": {}, "machines": {"default": "Standard_D4ds_v44"}}, "machines.default", "Standard_D4ds_v4"),
    ("vertex", {"region": "europe-west11"}, "region", "europe-west1"),
    ("vertex", {"region": "europewest4"}, "region", "europe-west4"),
    ("vertex", {"machines": {"default": "n2-standart-8"}}, "machines.default", "n2-standard-8"),
    ("kubeflow", {"region": "eu-wset-1"}, "region", "eu-west-1"),
]


def asked(folder: Path, target: str, options: Mapping[str, Any], **more: Any) -> CompileRequest:
    spec = {
        "apiVersion": "mlopsgen/v1",
        "name": "churn",
        "data": {"source": "data/churn.csv", "label": "churned"},
        "training": {"run": "train.py"},
        **more,
        "targets": {target: {**OPTIONS[target], **options}},
    }
    path = lay(folder) / "spec.yaml"
    path.write_text(json.dumps(spec))
    return CompileRequest(path, path.read_bytes())


def found(request: CompileRequest, target: str) -> list[Diagnostic]:
    try:
        return list(compile_spec(request, target).findings)
    except SpecError as wrong:
        return list(wrong.findings)


@pytest.mark.parametrize(("target", "options", "where", "meant"), SLIPS, ids=[str(slip[1]) for slip in SLIPS])
def test_a_slip_in_a_region_or_a_machine_is_found_at_its_line(
    target: str, options: dict[str, Any], where: str, meant: str, tmp_path: Path
) -> None:
    request = asked(tmp_path, target, options)
    (one,) = [one for one in found(request, target) if one.severity is Severity.ERROR]
    assert (one.code, ".".join(map(str, one.spec_path))) == ("MG319", f"targets.{target}.{where}")
    assert one.fix is not None
    assert one.fix.text == meant
    assert f"did you mean `{meant}`?" in str(one.hint)
    newer = CompileRequest(request.file, request.text, allow=frozenset({"MG319"}))
    (one,) = [one for one in found(newer, target) if one.code == "MG319"]
    assert one.severity is Severity.WARNING


@pytest.mark.parametrize("target", ["sagemaker", "azureml", "vertex"])
def test_a_machine_that_a_run_may_choose_is_one_that_there_is(target: str, tmp_path: Path) -> None:
    right = {"sagemaker": "ml.m5.xlarge", "azureml": "Standard_D4ds_v4", "vertex": "n2-standard-8"}[target]
    size = {"type": "string", "default": f"{right}x", "values": [f"{right}x", right]}
    machines = {"machines": {"training": "${parameters.size}"}}
    findings = found(asked(tmp_path, target, machines, parameters={"size": size}), target)
    wrong = [one.spec_path for one in findings if one.code == "MG319"]
    assert wrong == [("parameters", "size", "default"), ("parameters", "size", "values", 0)]


def test_whatever_is_chosen_is_on_the_list() -> None:
    chosen = {one.name for training in (True, False) for one in sagemaker.catalogue(training=training).machines}
    assert chosen <= set(listed(sagemaker.MACHINE_TYPES))
    assert {one.name for one in vertex.catalogue().machines} <= set(listed(vertex.MACHINE_TYPES))


def test_the_lists_hold_what_the_libraries_of_the_clouds_know() -> None:
    """botocore, endpoints.json: regions of the partitions whose addresses the runtime knows; cfn-lint, REGIONS."""
    loader = pytest.importorskip("botocore.loaders").Loader()
    partitions = loader.load_data("endpoints")["partitions"]
    ours = {"aws", "aws-cn", "aws-us-gov"}
    assert {region for one in partitions if one["partition"] in ours for region in one["regions"]} == set(
        listed(AWS_REGIONS)
    )
    shapes = loader.load_service_model("sagemaker", "service-2")["shapes"]
    kinds = (shapes[name]["enum"] for name in ("TrainingInstanceType", "ProcessingInstanceType"))
    assert {one for kind in kinds for one in kind} == set(listed(sagemaker.MACHINE_TYPES))


def test_every_name_stands_once_and_examples_are_on_the_lists() -> None:
    for file in (AWS_REGIONS, AZURE_REGIONS, GOOGLE_REGIONS, sagemaker.MACHINE_TYPES, vertex.MACHINE_TYPES):
        assert len(set(listed(file))) == len(listed(file)) > 30, file
        assert file.read_text(encoding="utf-8").startswith("# "), "where it is from, and of which day"
    assert is_size("standard_d4ds_v4")


def test_a_region_that_cfn_lint_does_not_know_does_not_break_it_off(tmp_path: Path) -> None:
    from mlopsgen.targets.sagemaker.judge.cfn import _matches

    template = tmp_path / "stack.yaml"
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "x"}}
    template.write_text(yaml.safe_dump({"Resources": {"Topic": topic}}))
    assert list(_matches(template, "us-esat-1")) == []
