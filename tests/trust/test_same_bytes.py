"""The same spec gives the same bytes: in any process, place and year, whoever asks, and in its long form."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mlopsgen.compile import CompileRequest, check, compile_spec, resolve_targets
from mlopsgen.source import plain, read_yaml
from mlopsgen.spec.resolve import environments
from mlopsgen.spec.write import long_form
from tests.compile.outcome import WHOLE
from tests.projects import EXAMPLES, ROOT, spec_of
from tests.wrong import lay

pytestmark = pytest.mark.slow

FRESH = Path(__file__).with_name("fresh.py")
ORDERED = {"columns"}
"""Maps whose order says something: the fields of a file without a header."""
WIDE = ("built-in", "script")
"""Of the specs that together use the whole language those that every target takes."""
Said: TypeAlias = dict[str, Any]
HEAVY = {
    "azure", "boto3", "botocore", "google", "jsonschema", "kfp", "lightgbm", "matplotlib", "mlflow", "numpy",
    "optuna", "pandas", "pandera", "pyarrow", "requests", "sagemaker", "scipy", "sklearn", "torch",
    "urllib3", "xgboost",
}  # fmt: skip
"""SDKs of clouds and what a step needs: `mlopsgen` alone compiles."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every example, and a project with the specs that use most of the language."""
    return copied(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def usual(project: Path) -> Said:
    """What comes out on an ordinary day."""
    return fresh(project, {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C.UTF-8", "HOME": str(project), "USER": "ann"})


def copied(folder: Path) -> Path:
    for example in EXAMPLES:
        leave_out = shutil.ignore_patterns("build", ".mlopsgen", "__pycache__")
        shutil.copytree(spec_of(example).parent, folder / example, ignore=leave_out)
    for wide in WIDE:
        (lay(folder / wide) / "spec.yaml").write_bytes(WHOLE[wide])
    return folder


def fresh(project: Path, around: Mapping[str, str], umask: str = "022", cwd: Path | None = None, *flags: str) -> Said:
    specs = sorted(project.glob("*/spec.yaml"))
    named = [os.path.relpath(spec, cwd) if cwd else str(spec) for spec in specs]
    process = subprocess.run(
        [sys.executable, *flags, str(FRESH), umask, *named],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **around},
        cwd=cwd or project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    digests: Said = json.loads(process.stdout)
    return digests


AROUND = {
    "another seed of hashes": {"PYTHONHASHSEED": "1"},
    "yet another": {"PYTHONHASHSEED": "4242"},
    "east, in Turkish": {"TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    "west, in plain C": {"TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"},
    "another day": {"FRESH_OFFSET": "1000000000", "SOURCE_DATE_EPOCH": "1"},
    "somebody else": {"HOME": "/nonexistent", "USER": "bob", "LOGNAME": "bob", "HOSTNAME": "elsewhere", "TMPDIR": "/"},
}  # fmt: skip


@pytest.mark.parametrize("name", AROUND)
def test_what_lies_around_changes_nothing(name: str, project: Path, usual: Said) -> None:
    assert fresh(project, AROUND[name])["files"] == usual["files"]


def test_where_it_is_started_and_who_may_read_changes_nothing(project: Path, usual: Said) -> None:
    assert fresh(project, {}, "077", project / EXAMPLES[0])["files"] == usual["files"]
    assert fresh(project, {}, "000", Path("/"), "-O", "-B")["files"] == usual["files"]


@pytest.mark.parametrize("seed", range(3))
def test_where_it_lies_and_the_order_of_its_keys_change_nothing(seed: int, tmp_path: Path, usual: Said) -> None:
    project = copied(tmp_path / "another folder" / str(seed))
    for spec in project.glob("*/spec.yaml"):
        data = shuffled(plain(read_yaml(spec.read_bytes(), "spec.yaml").root), random.Random(seed))
        spec.write_text(json.dumps(data, indent=seed, ensure_ascii=False), encoding="utf-8")
    assert fresh(project, {"PYTHONHASHSEED": str(seed)})["files"] == usual["files"]


def shuffled(value: Any, luck: random.Random, key: str = "") -> Any:
    if isinstance(value, list):
        return [shuffled(item, luck) for item in value]
    if not isinstance(value, dict):
        return value
    items = [(name, shuffled(item, luck, name)) for name, item in value.items()]
    if key not in ORDERED:
        luck.shuffle(items)
    return dict(items)


def test_nothing_heavy_is_loaded_by_compile(usual: Said) -> None:
    loaded = {module.partition(".")[0] for module in usual["modules"]}
    assert "mlopsgen" in loaded
    assert not loaded & HEAVY


def test_no_bundle_names_the_machine_it_was_made_on(project: Path) -> None:
    secret_words = [str(project).encode(), os.fsencode(Path.home()), os.uname().nodename.encode()]
    for spec in project.glob("*/spec.yaml"):
        request = CompileRequest(spec, spec.read_bytes(), allow=frozenset({"MG302"}))
        for target in resolve_targets(request, ("all",)):
            for path, content in compile_spec(request, target).bundle.files.items():
                words = [word for word in secret_words if len(word) > 5 and word in content]
                assert not words, (target, path)


@pytest.mark.parametrize("example", [*EXAMPLES, *WIDE])
def test_the_long_form_compiles_to_the_same_bytes(example: str, project: Path) -> None:
    """`check --resolved` prints a spec that says the same, in every environment and for every target."""
    spec = project / example / "spec.yaml"
    for env in (None, *environments(read_yaml(spec.read_bytes(), "spec.yaml"))):
        short = CompileRequest(spec, spec.read_bytes(), env=env, allow=frozenset({"MG302"}))
        long = CompileRequest(spec, long_form(check(short).spec).encode(), allow=frozenset({"MG302"}))
        for target in resolve_targets(short, ("all",)):
            expected, other = compile_spec(short, target), compile_spec(long, target)
            assert other.bundle.files.keys() == expected.bundle.files.keys()
            for path, content in other.bundle.files.items():
                # The long form is a spec without environments; all but these words of the README is the same.
                short_form = expected.bundle.files[path]
                for named, unnamed in (
                    (f", for its environment `{env}`", ""),
                    (f" --env {env}", ""),
                    ("/../..\n", "/..\n"),
                ):
                    short_form = short_form.replace(named.encode(), unnamed.encode()) if env else short_form
                assert content == short_form, (env, target, path)
