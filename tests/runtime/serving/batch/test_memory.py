"""Memory is bounded by a lot of records, or a group of rows of parquet, not by the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Deployment

pytestmark = pytest.mark.slow
GROWTH = 64 * 2**20
"""Bytes that a file of 160 MB may take more than one of a few records."""


def peak(double: Deployment, run: str, **flags: object) -> int:
    """The most memory that a run has held, in bytes."""
    command = [sys.executable, "-m", "mlopsgen.runtime", "score", *double.flags(run, **flags)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def write_csv(path: Path, rows: int) -> None:
    with path.open("w") as file:
        file.write("id,x,note\n")
        file.writelines(f'{at:07d},{at + 100},"{at:07d}{"é, " * 400}"\n' for at in range(rows))


def write_parquet(path: Path, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("id", pa.string()), ("x", pa.float64()), ("note", pa.string())])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as file:
        for start in range(0, rows, 2000):
            numbers = range(start, min(rows, start + 2000))
            notes = [f"{at:07d}{'é, ' * 400}" for at in numbers]
            file.write_table(pa.table([[f"{at:07d}" for at in numbers], [100.0 + at for at in numbers], notes], schema))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_large_file_takes_no_more_memory_than_a_small_one(double: Deployment, ending: str) -> None:
    double.contract(id={"type": "string"}, x={"type": "number"}, note={"type": "string"})
    double.script("def load(folder): ...\ndef predict(model, rows):\n    return rows['x'].tolist()\n")
    write = write_csv if ending == "csv" else write_parquet
    small, large = double.root / "in" / f"small.{ending}", double.root / "in" / f"large.{ending}"
    write(small, 4000)
    write(large, 100_000)
    assert large.stat().st_size > 160_000_000
    flags = {"format": ending, "mini_batch": 1000}
    least = peak(double, "r1", **flags, input=small)
    most = peak(double, "r2", **flags, input=large)
    assert most - least < GROWTH, (least >> 20, most >> 20)
    assert double.success("r2")["records"]["scored"] == 100_000
