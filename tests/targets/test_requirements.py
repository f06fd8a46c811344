"""Requirements against what steps need: bounds of the runtime, modules that scripts import, twins of a library."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic, Severity, SpecError
from mlopsgen.plan.steps import Image
from mlopsgen.targets.image import requirements
from mlopsgen.targets.local.execution.interpreter import Python, _unmet
from mlopsgen.targets.pins import excluded

SPEC = """apiVersion: mlopsgen/v1
name: churn
data: {source: data.csv, label: churned, split: {test: 0.2}}
training: {framework: sklearn.RandomForestClassifier}
evaluation: {task: classification}
"""
OWN = "apiVersion: mlopsgen/v1\nname: churn\ntraining: {run: train.py}\n"


def said(root: Path, spec: str, **files: str) -> list[Diagnostic]:
    (root / "src").mkdir(exist_ok=True)
    (root / "spec.yaml").write_text(spec)
    (root / "data.csv").write_text("age,churned\n1,yes\n2,no\n")
    for name, text in files.items():
        (root / "src" / name.replace("_", ".")).write_text(text)
    try:
        found = compile_spec(CompileRequest(root / "spec.yaml", (root / "spec.yaml").read_bytes()), "local").findings
    except SpecError as wrong:
        found = wrong.findings
    return [d for d in found if d.severity is not Severity.NOTE]


def test_a_pin_that_the_built_in_steps_cannot_work_with_is_told_at_its_line(tmp_path: Path) -> None:
    found = said(tmp_path, SPEC, requirements_txt="# ours\npandas==1.5.3\nscikit-learn<1.5\nscipy\n")
    assert [(d.code, d.span.line if d.span else 0) for d in found] == [("MG317", 2), ("MG317", 3)]


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("pandas", True), ("pandas>=2", True), ("pandas>1.9,<3", True), ("pandas==2.*", True), ("pandas~=2.2", True),
        ("pandas==2.2.3", True), ("pandas>2.2", True), ("pandas!=2.2", True),
        ("pandas<2.2.1 ; python_version>'3'", True),
        ("pandas @ https://h/pandas-1.0-py3-none-any.whl", True), ("Pandas[test]>=2.2,<2.3", True),
        ("pandas<2.2", False), ("pandas==1.*", False), ("pandas~=2.1.0", False), ("pandas>=1,<2", False),
        ("pandas===1.5.3", False), ("Pandas[test]<2", False),
    ],
)  # fmt: skip
def test_bounds_exclude_each_other_only_where_no_version_is_left(line: str, good: bool) -> None:
    image = Image(prebuilt=None, base="b", python="3.11", requirements=(line,), written={line: None})
    assert (not list(excluded(image, {"pandas": "pandas>=2.2"}))) is good


def test_the_build_for_processors_is_xgboost_too() -> None:
    python = Python("python", "3.11.2", {"xgboost-cpu": "2.1.4"})
    assert _unmet("xgboost>=2.1", python) is None
    assert _unmet("xgboost>=3", python) == "xgboost is 2.1.4, not >=3"
    image = Image(
        prebuilt=None, base="b", python="3.11", requirements=("xgboost-cpu",), runtime_commands=("train:xgboost",)
    )
    assert requirements(image) == ("xgboost-cpu",)


def test_an_import_that_no_requirement_brings_is_told_at_its_line(tmp_path: Path) -> None:
    script = "import os\nimport numpy as np\nfrom sklearn import svm\n\nimport matplotlib.pyplot as plt\n"
    (found,) = said(tmp_path, OWN, train_py=script, requirements_txt="scikit-learn>=1.5\n")
    assert (found.code, found.severity, str(found.span)) == (
        "MG318", Severity.WARNING, f"{tmp_path / 'src/train.py'}:5:1",
    )  # fmt: skip
    assert "matplotlib" in (found.hint or "")


def test_scripts_without_any_requirements_file_are_told_what_they_lack(tmp_path: Path) -> None:
    (found,) = said(tmp_path, OWN, train_py="import pandas\n")
    assert "write a requirements.txt" in (found.hint or "")


@pytest.mark.parametrize(
    "line",
    [
        "try:\n    import cudf\nexcept ImportError:\n    cudf = None",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import cudf",
        '"""\nimport cudf\n"""',
        "import helper\nfrom helper import x",
        "from parts import one\nimport parts.two",
        "import importlib.metadata, tomllib",
    ],
)
def test_what_a_script_can_do_without_or_has_itself_is_not_told(line: str, tmp_path: Path) -> None:
    (tmp_path / "src" / "parts").mkdir(parents=True)
    (tmp_path / "src" / "parts" / "one.py").write_text("")
    assert said(tmp_path, OWN, train_py=f"{line}\n", helper_py="x = 1\n") == []


def test_what_a_module_of_the_code_imports_is_told_where_it_does(tmp_path: Path) -> None:
    (found,) = said(tmp_path, OWN, train_py="import helper\n", helper_py="def f():\n    import polars\n")
    assert str(found.span) == f"{tmp_path / 'src/helper.py'}:2:5"


def test_of_a_base_of_ones_own_nobody_knows_what_it_has(tmp_path: Path) -> None:
    found = said(tmp_path, OWN + 'code: {base: "acme/ml@sha256:' + "0" * 64 + '"}\n', train_py="import polars\n")
    assert found == []


@pytest.mark.parametrize(
    ("text", "line"), [("import os\nif x\n", 2), ("def f(:\n", 1), ("x = '\n", 1), ("(" * 9000, 1)]
)
def test_a_script_that_python_cannot_read_is_told_at_its_line(text: str, line: int, tmp_path: Path) -> None:
    (found,) = said(tmp_path, OWN, train_py=text)
    assert (found.code, found.severity) == ("MG211", Severity.ERROR)
    assert found.span is not None
    assert found.span.line == line


def test_a_script_in_a_later_python_than_ours_is_a_warning(tmp_path: Path) -> None:
    found = said(tmp_path, OWN + 'code: {python: "3.99"}\n', train_py="def f(:\n")
    assert [(d.code, d.severity) for d in found if d.code == "MG211"] == [("MG211", Severity.WARNING)]


@pytest.mark.parametrize(
    "line", ["./wheels/a.whl", "a @ file:///mnt/x/a.whl", "../lib", "a.tar.gz", "-e .", "file:a", "x/y"]
)
def test_a_path_among_the_requirements_is_told_at_its_line(line: str, tmp_path: Path) -> None:
    found = said(tmp_path, OWN, train_py="", requirements_txt=f"numpy\n{line}\n")
    assert [(d.code, d.span.line if d.span else 0) for d in found] == [("MG117", 2)]


@pytest.mark.parametrize(
    "line",
    [
        "git+https://github.com/x/y.git@v1",
        "a @ https://h/a-1.0.whl",
        "https://h/a-1.0.tar.gz",
        "a[b]>=1 ; sys_platform == 'x/y'",
    ],
)
def test_an_address_among_the_requirements_is_no_path(line: str, tmp_path: Path) -> None:
    assert said(tmp_path, OWN, train_py="", requirements_txt=f"{line}\n") == []
