"""`explain` beside an evaluation of one's own: on each target the runtime explains, in the same container."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsgen.compile import CompileRequest, check, compile_for
from tests.projects import TARGETS
from tests.wrong import lay

SAGEMAKER = {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"}
SPEC: dict[str, Any] = {
    "apiVersion": "mlopsgen/v1",
    "name": "churn",
    "data": {"source": "data/churn.csv", "label": "churned"},
    "training": {"run": "train.py"},
    "evaluation": {"run": "evaluate.py", "explain": {"method": "shap", "sample": 77}},
}
GATES = {"accuracy": {"at_least": 0.5}}
OUTPUT = re.compile(r'--explanation=|"flag": "explanation"')


def block(target: str) -> dict[str, Any]:
    if target == "sagemaker":
        return SAGEMAKER
    return {} if target == "local" else import_module(f"tests.targets.{target}.asked").BLOCK


def emitted(root: Path, target: str, **evaluation: Any) -> dict[str, str]:
    said = {**SPEC, "evaluation": {**SPEC["evaluation"], **evaluation}, "targets": {target: block(target)}}
    request = CompileRequest(lay(root) / "spec.yaml", yaml.safe_dump(said, sort_keys=False).encode())
    files = compile_for(check(request, (target,)), target).bundle.files
    return {path: body.decode() for path, body in files.items() if "/app/" not in path and path != "README.md"}


@pytest.mark.parametrize("gates", [{}, GATES], ids=["alone", "around the gates"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_script_s_model_is_explained_in_its_own_container(target: str, gates: dict[str, Any], tmp_path: Path) -> None:
    """It was refused with MG302, as if nobody but the built-in evaluator could load the model."""
    files = emitted(tmp_path, target, gates=gates)
    (command,) = (text for text in files.values() if "explain-method" in text)
    places = [command.index(word) for word in ("explain-method", *(("on-failure",) if gates else ()), "evaluate.py")]
    assert places == sorted(places), "the explanation is outermost: a champion that is judged again is not explained"
    if "--passed=" in command:
        assert command.index("--passed=") > command.index("mlopsgen_runtime", command.index("explain-method"))
    assert len(OUTPUT.findall(command)) == 1, "the script is not told where the runtime writes"
    assert "77" in command
    assert re.search("^shap", files["image/requirements.txt"], re.MULTILINE) or target == "local"


@pytest.mark.parametrize("target", ["sagemaker", "vertex"])
def test_an_explanation_works_on_one_machine(target: str, tmp_path: Path) -> None:
    from mlopsgen.diagnostics import SpecError

    with pytest.raises(SpecError) as wrong:
        emitted(tmp_path, target, resources={"nodes": 2})
    said = [finding.message for finding in wrong.value.findings if finding.code == "MG301"]
    assert "the model is explained where `evaluation` has run, on one machine" in said
