"""A table of a warehouse, which this machine does not read."""

from __future__ import annotations

from pathlib import Path

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.targets.local.execution.sources import cannot_read
from mlopsgen.targets.local.native import Remote

SPEC = """
apiVersion: mlopsgen/v1
name: churn
code: {path: src}
data: {source: "bq://acme-data.churn.rows", version: "2026-11-30T12:00:00Z", split: none}
training: {run: train.py}
environments: {here: {data: {source: data/rows.parquet, format: parquet}}}
"""


def test_a_copy_of_a_table_runs_here_as_the_hint_says(tmp_path: Path) -> None:
    for name in ("src/train.py", "data/rows.parquet"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("print()\n")
    spec = tmp_path / "spec.yaml"
    (said,) = compile_spec(CompileRequest(spec, SPEC.encode()), "local").findings
    assert (said.code, "`source: data/rows.parquet`, `format: parquet`" in str(said.hint)) == ("MG313", True)
    assert not compile_spec(CompileRequest(spec, SPEC.encode(), env="here"), "local").findings


def test_a_run_says_the_same(tmp_path: Path) -> None:
    hint = str(cannot_read("rows", "bq://acme-data.churn.rows", Remote(uri="bq://x", place=())).hint)
    assert "`environments: {here: {data: {sources: {rows: {uri: data/rows.parquet, format: parquet}}}}}`" in hint
    files = str(cannot_read("rows", "s3://acme/rows", Remote(uri="s3://x", place=())).hint)
    assert "`environments: {here: {data: {sources: {rows: {uri: …}}}}}`" in files
