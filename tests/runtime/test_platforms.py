from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from ast import literal_eval
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from mlopsgen.runtime import platforms
from mlopsgen.runtime.budget import count_up
from mlopsgen.runtime.platforms import fetch_secret, file_path, open_registry, open_store, requirements_of
from mlopsgen.runtime.platforms.local import FileStore
from mlopsgen.runtime.platforms.sagemaker import PackageGroup, command_from_hyperparameters
from mlopsgen.runtime.problems import Failed, Usage
from mlopsgen.runtime.requirements import REQUIREMENTS

from .conftest import Run

REGION = "eu-west-1"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto's AWS, with credentials that no real account has."""
    import moto

    for name, value in (
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_DEFAULT_REGION", REGION),
    ):
        monkeypatch.setenv(name, value)
    with moto.mock_aws():
        yield


def client(service: str) -> Any:
    import boto3

    return boto3.client(service, region_name=REGION)


def hyperparameters(base: Path, **values: str) -> Path:
    folder = base / "input" / "config"
    folder.mkdir(parents=True)
    (folder / "hyperparameters.json").write_text(json.dumps(values))
    return base


def test_a_tuning_job_finds_its_command_in_the_hyperparameters(tmp_path: Path) -> None:
    text = json.dumps(["step", "--metrics=/x", "--", "python", "train.py", "--long=" + "y" * 6000])
    parts = {"mlopsgen_command": text[:2500], "mlopsgen_command_2": text[2500:5000], "mlopsgen_command_3": text[5000:]}
    assert command_from_hyperparameters(hyperparameters(tmp_path, C="0.1", **parts)) == tuple(json.loads(text))


def test_train_without_flags_runs_what_the_platform_left(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way of a SageMaker trial: one bare word, parameters as text, metrics told on stdout."""
    from mlopsgen.runtime.platforms import sagemaker

    (tmp_path / "train.py").write_text(
        "import sys, json, pathlib\n"
        "flags = dict(w[2:].split('=', 1) for w in sys.argv[1:])\n"
        "folder = pathlib.Path(flags['metrics']); folder.mkdir(parents=True)\n"
        "(folder / 'metrics.json').write_text(json.dumps({'score': float(flags['C']) + int(flags['folds'])}))\n"
    )
    file = tmp_path / "input" / "config" / "hyperparameters.json"
    command = [
        *("step", f"--params-file={file}", "--param=C:number", "--param=folds:integer", f"--metrics={tmp_path / 'm'}"),
        *("--", "python", str(tmp_path / "train.py"), f"--metrics={tmp_path / 'm'}"),
    ]
    hyperparameters(tmp_path, C="0.25", folds="5", mlopsgen_command=json.dumps(command))
    monkeypatch.setattr(sagemaker.command_from_hyperparameters, "__defaults__", (tmp_path,))
    done = run("train")
    assert (done.code, done.out, done.err) == (0, "score=5.25\n", "")


@pytest.mark.parametrize("text", ["not json", "{}", "[]", "[1]"])
def test_a_command_that_is_no_list_of_words_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Usage, match="is not a JSON list of words"):
        command_from_hyperparameters(hyperparameters(tmp_path, mlopsgen_command=text))


def test_train_without_flags_elsewhere_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="train needs flags; without any it reads the command from"):
        command_from_hyperparameters(tmp_path)
    with pytest.raises(Usage, match="holds no `mlopsgen_command`"):
        command_from_hyperparameters(hyperparameters(tmp_path, C="1"))


@pytest.mark.parametrize(
    ("uri", "path"),
    [("file:///a/b", "/a/b"), ("file:/a/b", "/a/b"), ("file:a/b", "a/b"), ("file:///a%20b", "/a b")],
)
def test_file_uris_name_paths(uri: str, path: str) -> None:
    assert file_path(uri) == Path(path)


def test_unknown_schemes_are_refused_with_the_known_ones() -> None:
    with pytest.raises(Usage, match=r"no store at `ftp:`; known: (.*, )?file, (.*, )?s3"):
        open_store("ftp://bucket/x")
    with pytest.raises(Usage, match=r"no registry at `ftp:`; known: (.*, )?file, (.*, )?sagemaker"):
        open_registry("ftp://x")
    with pytest.raises(Usage, match=r"secret cannot be read from `ftp:`; known: aws-secretsmanager, (.*, )?env, file"):
        fetch_secret("ftp://x")
    with pytest.raises(Usage, match=r"no adapter opens `ftp:`; known: (.*, )?aws-secretsmanager, "):
        requirements_of("ftp")
    with pytest.raises(Usage, match="`/just/a/path` is not a URI"):
        open_store("/just/a/path")


ADAPTERS = [import_module(f"{platforms.__name__}.{one.name}") for one in iter_modules(platforms.__path__)]
OPENED = [
    (name, scheme)
    for adapter in ADAPTERS
    for name in ("SECRETS", "STORES", "REGISTRIES", "TRACKERS", "TABLES", "FLEETS")
    for scheme in getattr(adapter, name, {})
]


def test_every_scheme_has_its_requirements() -> None:
    for _, scheme in OPENED:
        assert isinstance(requirements_of(scheme), tuple)
    assert REQUIREMENTS["step"] == ()


def test_no_two_adapters_open_the_same() -> None:
    assert len(OPENED) == len(set(OPENED))
    needed = [scheme for adapter in ADAPTERS for scheme in getattr(adapter, "REQUIREMENTS", {})]
    assert sorted(needed) == sorted({scheme for _, scheme in OPENED})


def test_looking_for_a_scheme_imports_no_library_of_a_cloud() -> None:
    program = (
        "import sys; from mlopsgen.runtime.platforms import open_store\n"
        "try: open_store('ftp://x')\nexcept Exception as e: print(type(e).__name__)\n"
        "home = __import__('sysconfig').get_path('purelib')\n"
        "print([n for n, m in sys.modules.items() if (getattr(m, '__file__', None) or '').startswith(home)])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    kind, libraries = done.stdout.splitlines()
    assert kind == "Usage"
    assert [name for name in literal_eval(libraries) if not name.startswith(("_", "mlopsgen"))] == []


def test_an_adapter_is_found_by_being_there(tmp_path: Path) -> None:
    runtime = tmp_path / "mlopsgen_runtime"
    shutil.copytree(Path(platforms.__file__).parents[1], runtime, ignore=shutil.ignore_patterns("__pycache__"))
    (runtime / "platforms" / "vault.py").write_text(
        "SECRETS = {'vault': lambda uri: uri.removeprefix('vault:').upper()}\n"
        "BARE_WORDS = {'step': lambda: ['step', '--secret=TOKEN=vault:abc', '--', 'python', '-c', "
        "'import os; print(os.environ[\"TOKEN\"])']}\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-m", "mlopsgen_runtime", "step"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ABC\n", "")


def test_a_store_of_files_writes_only_what_nobody_changed(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    nothing = store.read("a/b.json")
    assert nothing.body is None
    assert store.write("a/b.json", b"1", nothing)
    assert not store.write("a/b.json", b"2", nothing)
    assert store.write("a/b.json", b"2", store.read("a/b.json"))
    assert store.read("a/b.json").body == b"2"
    with pytest.raises(Usage, match="is not a name inside a store"):
        store.read("../up")


def test_a_secret_comes_from_the_secrets_manager(cloud: None) -> None:
    client("secretsmanager").create_secret(Name="team/token", SecretString="hidden")
    assert fetch_secret(f"aws-secretsmanager://{REGION}/team/token") == "hidden"
    with pytest.raises(Failed, match="the secret `other` cannot be read: ResourceNotFoundException"):
        fetch_secret(f"aws-secretsmanager://{REGION}/other")
    with pytest.raises(Usage, match="must read aws-secretsmanager://REGION/NAME"):
        fetch_secret("aws-secretsmanager://token")


def test_a_store_in_a_bucket_writes_only_what_nobody_changed(cloud: None) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="acme-ml", CreateBucketConfiguration={"LocationConstraint": REGION})
    store = open_store("s3://acme-ml/state/")
    nothing = store.read("c.json")
    assert nothing.body is None
    assert store.write("c.json", b"1", nothing)
    assert not store.write("c.json", b"2", nothing), "IfNoneMatch"
    seen = store.read("c.json")
    s3.put_object(Bucket="acme-ml", Key="state/c.json", Body=b"by somebody else")
    assert not store.write("c.json", b"2", seen), "IfMatch"
    s3.delete_object(Bucket="acme-ml", Key="state/c.json")
    assert [count_up(store, "c.json") for _ in range(3)] == [1, 2, 3]
    with pytest.raises(Failed, match=r"s3://nowhere/c\.json cannot be read: NoSuchBucket"):
        open_store("s3://nowhere").read("c.json")


def packed(s3: Any, key: str, **files: str) -> str:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    s3.put_object(Bucket="acme-ml", Key=key, Body=body.getvalue())
    return f"s3://acme-ml/{key}"


def model_of_sagemaker(*absent: str) -> ServiceModel:
    """The API's model as botocore has it, without some members of a model package's description."""
    model = Loader().load_service_model("sagemaker", "service-2")
    for member in absent:
        del model["shapes"]["DescribeModelPackageOutput"]["members"][member]
    return ServiceModel(model, "sagemaker")


class FakePackages:
    """The two calls of SageMaker that are made, over packages that are given; pages hold two."""

    def __init__(self, *packages: dict[str, Any]) -> None:
        self.packages = {package["ModelPackageArn"]: package for package in packages}
        self.asked: list[dict[str, Any]] = []
        self.meta = SimpleNamespace(service_model=model_of_sagemaker())

    def list_model_packages(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        status = asked.get("ModelApprovalStatus")
        found = [p for p in self.packages.values() if status in (None, p["ModelApprovalStatus"])]
        if asked["SortOrder"] == "Descending":
            found.reverse()
        start = int(asked.get("NextToken", 0))
        page = {
            "ModelPackageSummaryList": [{"ModelPackageArn": p["ModelPackageArn"]} for p in found[start : start + 2]]
        }
        return page | ({"NextToken": str(start + 2)} if start + 2 < len(found) else {})

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        return self.packages[ModelPackageName]


def package(number: int, approval: str, stage: str | None, model: str, metrics: str) -> dict[str, Any]:
    about: dict[str, Any] = {
        "ModelPackageArn": f"arn:{number}",
        "ModelApprovalStatus": approval,
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": metrics}}},
        "InferenceSpecification": {"Containers": [{"Image": "i", "ModelDataUrl": model}]},
    }
    return about | ({"ModelLifeCycle": {"Stage": stage, "StageStatus": "Live"}} if stage else {})


@pytest.fixture
def group(cloud: None) -> PackageGroup:
    s3 = client("s3")
    s3.create_bucket(Bucket="acme-ml", CreateBucketConfiguration={"LocationConstraint": REGION})
    packages = []
    for number, (approval, stage) in enumerate(
        [
            ("Approved", "Production"),
            ("Approved", "Production"),
            ("Approved", "Staging"),
            ("Approved", None),
            ("PendingManualApproval", "Production"),
        ]
    ):
        model = packed(s3, f"{number}/model.tar.gz", **{"model/model.txt": f"m{number}", "metrics/metrics.json": "{}"})
        s3.put_object(
            Bucket="acme-ml", Key=f"{number}/metrics.json", Body=json.dumps({"accuracy": number / 10}).encode()
        )
        packages.append(package(number, approval, stage, model, f"s3://acme-ml/{number}/metrics.json"))
    return PackageGroup(f"sagemaker://{REGION}/wine#model", FakePackages(*packages), s3)


def test_the_champion_is_the_newest_approved_package_in_production(group: PackageGroup, tmp_path: Path) -> None:
    champion = group.champion()
    assert champion is not None
    assert (champion.name, champion.metrics) == ("arn:1", {"accuracy": 0.1})
    group.fetch_model(champion, tmp_path / "model")
    assert [(path.name, path.read_text()) for path in (tmp_path / "model").iterdir()] == [("model.txt", "m1")]


def test_all_packages_are_versions(group: PackageGroup) -> None:
    assert [version.metrics["accuracy"] for version in group.versions()] == [0.0, 0.1, 0.2, 0.3, 0.4]


def test_a_group_without_production_has_no_champion(cloud: None) -> None:
    fake = FakePackages(package(1, "Approved", "Staging", "s3://acme-ml/m", "s3://acme-ml/x"))
    assert PackageGroup(f"sagemaker://{REGION}/wine", fake, client("s3")).champion() is None


def test_a_client_that_drops_the_stage_does_not_pass_for_a_group_without_a_champion(cloud: None) -> None:
    # botocore 1.35.40 and 1.35.48 have no ModelLifeCycle in DescribeModelPackageOutput, 1.35.52 has.
    fake = FakePackages(package(1, "Approved", None, "s3://acme-ml/m", "s3://acme-ml/x"))
    fake.meta.service_model = model_of_sagemaker("ModelLifeCycle")
    with pytest.raises(Failed, match=r"needs boto3>=1\.35\.52"):
        PackageGroup(f"sagemaker://{REGION}/wine", fake, client("s3")).champion()
    assert requirements_of("sagemaker") == ("boto3>=1.35.52",), "the image installs one that knows the stage"


def test_a_package_whose_archive_is_unsafe_is_not_unpacked(cloud: None, tmp_path: Path) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="acme-ml", CreateBucketConfiguration={"LocationConstraint": REGION})
    model = packed(s3, "m.tar.gz", **{"../evil": "x"})
    s3.put_object(Bucket="acme-ml", Key="x", Body=b"{}")
    group = PackageGroup(
        f"sagemaker://{REGION}/wine", FakePackages(package(1, "Approved", "Production", model, "s3://acme-ml/x")), s3
    )
    champion = group.champion()
    assert champion is not None
    with pytest.raises(Failed, match="lies outside its folder"):
        group.fetch_model(champion, tmp_path / "model")
    assert not (tmp_path / "evil").exists()


def test_what_is_asked_of_sagemaker_is_what_its_api_knows() -> None:
    """botocore's own model of the service judges the calls and the answers that are read."""
    session = pytest.importorskip("botocore.session", reason="botocore is not installed")
    service = session.get_session().get_service_model("sagemaker")
    asked = service.operation_model("ListModelPackages").input_shape.members
    assert {"ModelPackageGroupName", "SortBy", "SortOrder", "ModelApprovalStatus", "NextToken"} <= set(asked)
    answer = service.operation_model("DescribeModelPackage").output_shape.members
    assert "Stage" in answer["ModelLifeCycle"].members
    assert "S3Uri" in answer["ModelMetrics"].members["ModelQuality"].members["Statistics"].members
    container = answer["InferenceSpecification"].members["Containers"].member.members
    assert {"ModelDataUrl", "ModelDataSource"} <= set(container)
