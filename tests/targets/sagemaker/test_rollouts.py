"""Rollouts by the emitted files: the stack's rule, build and rights, the plan, and the endpoint's template."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.runtime import cli
from mlopsgen.runtime.platforms import aws, sagemaker, sagemaker_endpoint

from .executor.cloud import Cloud, Cut

SPEC = """\
apiVersion: mlopsgen/v1
name: churn
data: {source: data/churn.csv, label: churned}
training: {run: train.py}
deployments:
  live:
    mode: real-time
    serve: {run: predict.py}
    replicas: {min: 2, max: 4}
    scale_on: {requests_per_minute: 750}
    rollout: {strategy: canary, steps: [0.5, 1.0], bake: 10m, abort_on: [errors]}
monitoring: {monitors: {errors: {kind: errors, at_most: 0.01}}}
targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}
"""
FILES = {"train.py": "", "predict.py": "", "data/churn.csv": "age,churned\n1,yes\n"}

LOCK = "s3://acme-ml/churn/state/deployments/live/lock.json"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    for name, text in {**FILES, "spec.yaml": SPEC}.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)
    request = CompileRequest(project / "spec.yaml", (project / "spec.yaml").read_bytes())
    write(compile_spec(request, "sagemaker").bundle, project / "bundle")
    return project / "bundle"


@pytest.fixture
def cloud(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The account once the README's commands were run."""
    live = bundle / "deployments/live"
    objects = {f"s3://acme-ml/churn/deployments/live/{path.name}": path.read_bytes() for path in live.iterdir()}
    made = Cloud(yaml.safe_load((bundle / "stack.yaml").read_text()), objects)
    for module in (aws, sagemaker, sagemaker_endpoint):
        monkeypatch.setattr(module, "client_for", made.client)
    monkeypatch.setattr(sagemaker_endpoint, "PAUSE", 0.0)
    return made


def build(cloud: Cloud, **told: str) -> int:
    """What a build of the stack's project does: its one command, through the shell that reads it."""
    project = cloud.stack["Resources"]["LiveRollout"]["Properties"]
    declared = {one["Name"]: one["Value"] for one in project["Environment"]["EnvironmentVariables"]}
    (command,) = yaml.safe_load(project["Source"]["BuildSpec"])["phases"]["build"]["commands"]
    shown = 'python() { for word; do printf "%s\\n" "$word"; done; }\n' + command
    env = {**declared, **told, "CODEBUILD_BUILD_ID": "churn-live-rollout:1"}
    words = subprocess.run(["sh", "-c", shown], env=env, capture_output=True, text=True, check=True).stdout.splitlines()
    assert words[:2] == ["-m", "mlopsgen_runtime"]
    return cli.main(words[2:])


def events(cloud: Cloud) -> list[int]:
    """What everything that has happened starts, until nothing more does."""
    ends: list[int] = []
    while started := cloud.started():
        ends += [build(cloud, **told) for told in started]
        assert len(ends) < 9, "approvals start one another"
    return ends


def live(cloud: Cloud) -> str:
    return cloud.stacks["churn-live"].version


def test_an_approved_version_makes_the_endpoint_and_then_is_the_champion(cloud: Cloud) -> None:
    first = cloud.register(1)
    assert not cloud.champion
    assert events(cloud) == [0]
    assert (live(cloud), cloud.champion) == (first, first)


def test_the_next_version_takes_its_place_and_starts_no_loop(cloud: Cloud) -> None:
    cloud.register(1)
    events(cloud)
    second = cloud.register(2)
    assert events(cloud) == [0]
    assert (live(cloud), cloud.champion) == (second, second)
    stages = [one["ModelLifeCycle"]["Stage"] for one in cloud.packages.values()]
    assert stages == ["Archived", "Production"]


def test_a_bad_version_is_taken_back_and_the_old_one_stays_champion(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    first = cloud.register(1)
    events(cloud)
    bad = cloud.register(2)
    cloud.trips = frozenset((bad,))
    assert events(cloud) == [4]
    assert (live(cloud), cloud.champion) == (first, first)
    assert "Endpoint (AWS::SageMaker::Endpoint): One or more alarms are in ALARM state" in capsys.readouterr().err


def test_a_first_version_that_never_answers_is_in_nobodys_way(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """A stack in ROLLBACK_COMPLETE can be deleted alone."""
    bad = cloud.register(1)
    cloud.broken = frozenset((bad,))
    assert events(cloud) == [1]
    assert "The container did not answer" in capsys.readouterr().err
    second = cloud.register(2)
    assert events(cloud) == [0]
    assert (live(cloud), cloud.champion) == (second, second)


def test_a_rollout_that_is_cut_off_anywhere_is_gone_on_with(cloud: Cloud) -> None:
    first = cloud.register(1)
    events(cloud)
    second = cloud.register(2)
    cloud.events = []
    for call in range(1, 60):
        cloud.calls, cloud.cut_at = [], call
        try:
            ended = build(cloud, VERSION=second)
        except Cut:
            cloud.cut_at = None
            # A minute later the lock is nobody's.
            cloud.objects.pop(LOCK, None)
            assert build(cloud, VERSION=second) == 0
            assert (live(cloud), cloud.champion) == (second, second), f"cut off after {cloud.calls}"
            assert build(cloud, VERSION=first) == 0
            continue
        assert ended == 0
        break
    assert call > 10
    assert (live(cloud), cloud.champion) == (second, second)


def test_a_rollout_that_was_cut_off_and_taken_back_meanwhile_says_so(cloud: Cloud) -> None:
    cloud.register(1)
    events(cloud)
    bad = cloud.register(2)
    cloud.trips = frozenset((bad,))
    cloud.cut_at = "UpdateStack"
    with pytest.raises(Cut):
        build(cloud, VERSION=bad)
    cloud.cut_at, cloud.calls = None, []
    assert build(cloud, VERSION=bad) == 4
    assert "UpdateStack" not in cloud.calls


def test_a_rollback_is_a_rollout_of_the_version_before_and_no_event_undoes_it(cloud: Cloud) -> None:
    first = cloud.register(1)
    events(cloud)
    cloud.register(2)
    events(cloud)
    assert build(cloud, VERSION=first) == 0
    assert (live(cloud), cloud.champion) == (first, first)
    assert events(cloud) == []
    assert (live(cloud), cloud.champion) == (first, first)


def test_a_late_event_of_an_old_version_brings_it_not_back(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    first = cloud.register(1)
    events(cloud)
    second = cloud.register(2)
    events(cloud)
    assert build(cloud, VERSION=first, ONLY="newer") == 0
    assert "nothing is done" in capsys.readouterr().out
    assert (live(cloud), cloud.champion) == (second, second)


def test_two_at_once_keep_out_of_each_others_way(cloud: Cloud) -> None:
    first = cloud.register(1)
    other = b'{"run": "other", "nodes": {"0": {"owner": "x", "host": "h", "pid": 1, "space": "", "since": 9e9, '
    other += b'"beat": 9e9, "every": 10.0}}}'
    cloud.objects[LOCK] = other
    assert build(cloud, VERSION=first) == 5
    assert not cloud.stacks


def test_a_version_that_nobody_approved_is_not_rolled_out(cloud: Cloud) -> None:
    waits = cloud.register(1)
    cloud.packages[waits]["ModelApprovalStatus"] = "PendingManualApproval"
    assert build(cloud, VERSION=waits) == 1
    assert not cloud.stacks


def test_an_event_is_words_and_never_a_command(cloud: Cloud, tmp_path: Path) -> None:
    there = tmp_path / "there"
    assert build(cloud, VERSION=f'x"; touch {there}; $(touch {there})') == 1
    assert not there.exists()
