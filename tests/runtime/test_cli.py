from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mlopsgen.runtime
from mlopsgen.runtime.cli import _command
from mlopsgen.runtime.commands import COMMANDS
from mlopsgen.runtime.requirements import REQUIREMENTS

from .conftest import Run

HERE = Path(mlopsgen.runtime.__file__).parent


def test_an_unknown_command_is_wrong_usage_and_names_the_nearest(run: Run) -> None:
    done = run("evalute")
    assert (done.code, done.err) == (2, "mlopsgen: there is no command `evalute`; did you mean evaluate?\n")


def test_an_unknown_flag_is_wrong_usage_and_names_the_nearest(run: Run) -> None:
    done = run("register", "--modle=x")
    assert (done.code, done.err) == (2, "mlopsgen: register knows no --modle; did you mean --model?\n")


def test_words_without_a_value_and_flags_given_twice_are_refused(run: Run) -> None:
    assert run("register", "--model").err == "mlopsgen: --model of register has no value; write --model=value\n"
    assert run("register", "model").err == "mlopsgen: register takes --name=value, not `model`\n"
    assert run("register", "--model=a", "--model=b").err == "mlopsgen: --model stands twice\n"


def test_every_command_tells_its_flags(run: Run) -> None:
    for command in COMMANDS:
        done = run(command, "--help")
        assert done.code == 0
        assert f"\n{command} " in done.out
        assert callable(_command(command))


def test_it_runs_under_the_name_it_has_in_an_image(tmp_path: Path) -> None:
    """Copied as `mlopsgen_runtime`, on a machine that has no mlopsgen and none of the heavy libraries."""
    shutil.copytree(HERE, tmp_path / "mlopsgen_runtime", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    argv = ["-m", "mlopsgen_runtime", "step", "--", "python", "-c", "print('ran')"]
    done = subprocess.run([sys.executable, "-S", *argv], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_the_launcher_imports_no_library_beside_the_standard_one() -> None:
    heavy = ["numpy", "pandas", "pandera", "sklearn", "skops", "scipy", "matplotlib", "fairlearn", "boto3", "shap"]
    program = (
        "import sys; from mlopsgen.runtime.cli import main; main(['step','--when=false','--','true']);"
        "import mlopsgen.runtime.requirements;"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['pandas'] = None; from mlopsgen.runtime.cli import main;"
        f"sys.exit(main(['split', '--contract={tmp_path}/c.json', '--source={tmp_path}', '--train={tmp_path}/t']))"
    )
    (tmp_path / "c.json").write_text('{"format_version":1,"main":"source","sources":{"source":{}},"split":{}}')
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "mlopsgen: this command needs the library `pandas`; add it to the image's requirements\n"


def test_what_needs_no_library_runs_without_any(tmp_path: Path) -> None:
    """A gate on thresholds, `select` and `register`: REQUIREMENTS promises that they need nothing."""
    shutil.copytree(HERE, tmp_path / "mlopsgen_runtime", ignore=shutil.ignore_patterns("__pycache__"))
    for folder, file in (("t/a/metrics", "metrics.json"), ("t/a/model", "m.bin")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / file).write_text('{"accuracy": 0.5}')
    ports = ("--model=model", "--metrics=metrics")
    for argv in (
        ("select", "--trials=t", "--metric=accuracy", "--direction=maximize", *ports),
        ("gate", "--metrics=metrics", "--gate=gate", "--accuracy.at_least=0.4"),
        ("register", "--registry=file:registry", "--name=m", "--gate=gate", *ports),
    ):
        assert REQUIREMENTS[argv[0]] == ()
        command = [sys.executable, "-S", "-m", "mlopsgen_runtime", *argv]
        done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "registry" / "m" / "champion.json").exists()
