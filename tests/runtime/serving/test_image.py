"""What a server needs lies in the images that serve, and nothing of it in the others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import mlopsgen.runtime
from mlopsgen.runtime.requirements import REQUIREMENTS

HERE = Path(mlopsgen.runtime.__file__).parent


def test_an_image_without_the_server_says_so(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "mlopsgen_runtime", ignore=shutil.ignore_patterns("__pycache__", "serving"))
    argv = [sys.executable, "-S", "-m", "mlopsgen_runtime", "serve", "--model=model"]
    done = subprocess.run(argv, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "mlopsgen: this image was built for a spec that serves nothing, and holds no server\n",
    )


def test_flags_are_told_and_refused_without_any_library(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "mlopsgen_runtime", ignore=shutil.ignore_patterns("__pycache__"))
    for argv, code in ((["--help"], 0), (["--modle=model"], 2)):
        command = [sys.executable, "-S", "-m", "mlopsgen_runtime", "serve", *argv]
        done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert "--model" in done.stdout + done.stderr


def test_a_script_is_served_without_the_libraries_that_train(tmp_path: Path) -> None:
    """`serve` alone promises that it needs pandas and what speaks HTTP."""
    assert {line.partition(">")[0] for line in REQUIREMENTS["serve"]} == {
        *("pandas", "starlette", "uvicorn", "prometheus-client"),
    }
    (tmp_path / "predict.py").write_text("def load(d): return 1\ndef predict(m, r): return r['age']\n")
    program = """
import sys
for name in ("sklearn", "scipy", "skops", "pyarrow.parquet", "xgboost", "lightgbm", "joblib"):
    sys.modules[name] = None
from pathlib import Path
from mlopsgen.runtime.serving import app, server
from mlopsgen.runtime.serving.scorer import open_scorer
from mlopsgen.runtime.serving.service import Question, instances, reply, warm
service = warm(open_scorer(Path("."), Path("predict.py"), version="1"), "m")
app.app_of(service, app.Limits())
print(reply(service, instances, Question(body=b'[{"age": 3}]')).body.decode())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ('{"predictions":[{"prediction":3}]}\n', 0), done.stderr
