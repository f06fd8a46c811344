"""Two environments never overwrite each other: their names differ, or a finding says which one they share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlopsgen.cli.checking import see_all, together
from mlopsgen.compile import Compiled, CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic, Severity, SpecError
from tests.projects import TARGETS

HEAD = """apiVersion: mlopsgen/v1
name: churn
training: {run: train.py}
targets:
  sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}
  azureml: {subscription: 00000000-1111-2222-3333-444444444444, resource_group: ml, workspace: acme, region: westeurope}
  vertex: {project: acme-ml, region: europe-west1, bucket: acme-ml-models, bucket_exists: true}
  kubeflow: {namespace: ml, endpoint: "https://kf.example.com", storage: "s3://acme-ml", images: ghcr.io/acme}
"""


def compiled(folder: Path, environments: str, env: str | None, target: str = "sagemaker", more: str = "") -> Compiled:
    (folder / "train.py").write_text("")
    text = f"{HEAD}{more}environments: {environments}\n"
    return compile_spec(CompileRequest(folder / "spec.yaml", text.encode(), env), target)


def shared(
    folder: Path, environments: str, env: str | None, target: str = "sagemaker", more: str = ""
) -> list[Diagnostic]:
    try:
        findings = compiled(folder, environments, env, target, more).findings
    except SpecError as refused:
        findings = tuple(refused.findings)
    return [one for one in findings if one.code == "MG133"]


@pytest.mark.parametrize("target", TARGETS)
def test_every_file_names_the_environment_in_what_it_makes(tmp_path: Path, target: str) -> None:
    """Nothing is left that a compile without the environment, or for another one, would make too."""
    result = compiled(tmp_path, "{blue: {}}", "blue", target)
    files = result.bundle.files
    assert result.product == "churn"
    assert b"environment `blue`" in files["README.md"]
    assert any(b"churn-blue" in content for path, content in files.items() if path != "README.md")
    for path, content in files.items():
        assert re.findall(rb".*churn(?![-_]blue).*", content) == [], path


@pytest.mark.parametrize(
    ("environments", "name"),
    [
        ("{blue: }", "churn-blue"),
        ("{blue: {suffix: null}}", "churn-blue"),
        ('{blue: {suffix: ""}}', "churn"),
        ("{blue: {suffix: 2}}", None),
        ("{blue: {suffix: -b}}", "churn-b"),
        ("{blue: {name: leave}}", "leave"),
        ("{blue: {name: leave, suffix: -b}}", "leave-b"),
    ],
)
def test_an_environment_says_what_names_end_with(tmp_path: Path, environments: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(SpecError, match="`suffix` is text"):
            compiled(tmp_path, environments, "blue")
        return
    files = dict(compiled(tmp_path, environments, "blue").bundle.files)
    assert f"PipelineName: {name}\n".encode() in files["stack.yaml"]


def test_a_name_that_grows_too_long_is_found_where_it_is_written(tmp_path: Path) -> None:
    long = "a" * 40
    text = HEAD.replace("name: churn", f"name: {long}") + "environments: {production: {}}\n"
    (tmp_path / "train.py").write_text("")
    with pytest.raises(SpecError) as stopped:
        compile_spec(CompileRequest(tmp_path / "spec.yaml", text.encode(), "production"), "sagemaker")
    (finding,) = stopped.value.findings
    assert finding.span is not None
    assert (finding.code, finding.span.line) == ("MG106", 2)
    assert "{suffix: -p}" in str(finding.hint)
    short = text.replace("{production: {}}", "{production: {suffix: -p}}")
    compile_spec(CompileRequest(tmp_path / "spec.yaml", short.encode(), "production"), "sagemaker")


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "local"])
@pytest.mark.parametrize("env", ["blue", "green"])
def test_two_environments_of_one_name_in_one_place_are_refused(tmp_path: Path, target: str, env: str) -> None:
    (finding, *rest) = shared(tmp_path, "{blue: {suffix: -x}, green: {suffix: -x}}", env, target)
    assert (finding.severity, rest) == (Severity.ERROR, [])
    assert "`blue` and `green` make `churn-x` in one place" in finding.message
    assert finding.span is not None
    assert finding.span.column == 52


def test_the_same_name_in_another_account_or_region_is_fine(tmp_path: Path) -> None:
    for elsewhere in ('account: "210987654321"', "region: us-east-1"):
        apart = (
            f"{{blue: {{suffix: -x}}, green: {{suffix: -x, targets: {{sagemaker: {{{elsewhere}, bucket: other}}}}}}}}"
        )
        assert shared(tmp_path, apart, "green") == []


def test_two_workspaces_of_one_resource_group_are_one_place(tmp_path: Path) -> None:
    """The identity, its roles and the Logic Apps lie in the group: the second deployment would take them over."""
    two = '{blue: {suffix: ""}, green: {suffix: "", targets: {azureml: {workspace: two}}}}'
    (finding,) = shared(tmp_path, two, "green", "azureml")
    assert "`blue` and `green` and the spec without one make `churn`" in finding.message
    apart = two.replace("workspace: two", "workspace: two, resource_group: two")
    assert shared(tmp_path, apart, "green", "azureml") == []


def test_one_bucket_of_two_accounts_is_one_place(tmp_path: Path) -> None:
    one = '{blue: {suffix: -x}, green: {suffix: -x, targets: {sagemaker: {account: "210987654321"}}}}'
    assert len(shared(tmp_path, one, "green")) == 1


def test_a_model_of_one_name_is_refused(tmp_path: Path) -> None:
    (finding,) = shared(tmp_path, "{blue: {}, green: {}}", "green", more="registry: {model: winner}\n")
    assert "versions of `winner`" in finding.message
    assert shared(tmp_path, "{blue: {}, green: {}}", "green") == []


def test_a_bucket_that_two_would_make_is_refused(tmp_path: Path) -> None:
    made = "{blue: {}, green: {targets: {vertex: {bucket_exists: false}}}}"
    assert shared(tmp_path, made, "green", "vertex") == []
    both = "{blue: {targets: {vertex: {bucket_exists: false}}}, green: {targets: {vertex: {bucket_exists: false}}}}"
    (finding,) = shared(tmp_path, both, "green", "vertex")
    assert "the bucket `acme-ml-models`" in finding.message


def test_one_name_is_said_once_however_many_share_it_on_however_many_targets(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    text = f"{HEAD}registry: {{model: winner}}\nenvironments: {{blue: {{}}, green: {{}}, red: {{}}}}\n"
    (tmp_path / "spec.yaml").write_text(text)
    said = [one.message for one in together(see_all(request_of(tmp_path, text), ("all",))) if one.code == "MG133"]
    (message,) = said
    assert "`blue` and `green` and `red` and the spec without one make versions of `winner`" in message
    assert "(`targets.azureml`, `targets.kubeflow`, `targets.sagemaker`, `targets.vertex`)" in message


def request_of(folder: Path, text: str) -> CompileRequest:
    return CompileRequest(folder / "spec.yaml", text.encode())


def test_without_an_environment_it_is_a_warning(tmp_path: Path) -> None:
    (finding,) = shared(tmp_path, '{live: {suffix: ""}}', "live")
    assert finding.severity is Severity.WARNING
    assert shared(tmp_path, '{live: {suffix: ""}}', None) == [finding]
