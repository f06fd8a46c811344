"""`mlopsgen lock`, then compile: what was named is fixed, and stays so until somebody locks again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlopsgen.cli.lock import command
from mlopsgen.compile import CompileRequest, check
from mlopsgen.lock import NAME, Lock, LockedData, write_lock
from tests.lock.conftest import Project

CHAMPION = "training: {run: train.py, start_from: champion}"


def test_a_locked_spec_names_digests_for_every_target_and_every_judge_agrees(project: Project) -> None:
    assert project.lock().exit_code == 0
    assert project.compile("--verify").exit_code == 0
    digest = project.registry.digest("library/python:3.11-slim")
    for target in ("local", "sagemaker"):
        docker = project.emitted(f"{target}/image/Dockerfile")
        assert f"FROM {project.base}@{digest}\n" in docker
        assert "pip install --no-cache-dir --require-hashes -r requirements.txt" in docker
        lines = project.emitted(f"{target}/image/requirements.txt").splitlines()
        assert [line.partition(" --hash=sha256:")[0] for line in lines] == ["acme-learn==1.2", "acme-tables==0.3"]
        assert all(re.fullmatch(r"\S+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)


def test_the_hashes_are_those_of_the_wheels(project: Project) -> None:
    digests = {project.index.add("acme-learn", "2.0"), project.index.add("acme-tables", "0.4")}
    project.write("src/requirements.txt", "acme-learn\nacme-tables\n")
    project.lock()
    (entry,) = project.locked().requirements.values()
    assert {line.rpartition(":")[2] for line in entry.packages} == digests


def test_pip_takes_what_is_emitted_and_nothing_else(project: Project) -> None:
    project.lock()
    project.compile()
    file = project.root / "build" / "sagemaker" / "image" / "requirements.txt"
    argv = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--ignore-installed",
        "--require-hashes",
        "-r",
        str(file),
    ]
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 0
    # The index now gives out another file under the same name and version.
    project.index.add("acme-learn", "1.2", "acme_tables", "acme-evil")
    refused = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def test_without_a_lock_everything_stays_as_it_is_written(project: Project) -> None:
    assert project.compile().exit_code == 0
    assert f"FROM {project.base}\n" in project.emitted("local/image/Dockerfile")
    assert project.emitted("local/image/requirements.txt") == "acme-learn>=1\n"
    assert not project.registry.requests


def test_two_locks_are_the_same_bytes(project: Project) -> None:
    first = project.lock()
    content, written = project.file.read_bytes(), project.file.stat().st_mtime_ns
    second = project.lock()
    assert (second.exit_code, second.stdout) == (0, f"{project.file}: nothing has changed\n")
    assert (project.file.read_bytes(), project.file.stat().st_mtime_ns) == (content, written)
    assert first.stdout.startswith("+ image ")


def test_a_summary_says_what_changed(project: Project) -> None:
    project.lock()
    project.index.add("acme-learn", "1.3", "acme-extra")
    project.index.add("acme-extra", "7")
    project.registry.images["library/python:3.11-slim"] = b'{"manifests": ["newer"]}'
    project.write("data/churn.csv", "a,b\n1,3\n")
    lines = project.lock().stdout.splitlines()
    assert lines[0].startswith(f"~ image {project.base} sha256:")
    assert lines[1:4] == ["+ package acme-extra 7", "~ package acme-learn 1.2 → 1.3", "- package acme-tables 0.3"]
    assert lines[4].startswith("~ data data/churn.csv ")
    assert lines[5:] == [str(project.file)]


def test_no_address_of_an_index_is_in_it(project: Project) -> None:
    project.lock()
    project.compile()
    texts = project.file.read_text() + project.emitted("sagemaker/image/requirements.txt")
    assert project.index.host not in texts
    assert "http" not in texts


def test_what_only_one_target_installs_is_locked_too(project: Project) -> None:
    project.change("training: {run: train.py}", CHAMPION)
    project.index.add("boto3", "1.50")
    assert project.lock().exit_code == 0
    assert project.compile().exit_code == 0
    assert "boto3==1.50 --hash=" in project.emitted("sagemaker/image/requirements.txt")
    assert "boto3" not in project.emitted("local/image/requirements.txt")


def test_a_requirement_that_is_new_since_is_found_where_it_was_written(project: Project) -> None:
    project.lock()
    project.index.add("acme-plots", "3")
    project.write("src/requirements.txt", "# what training needs\nacme-learn>=1\n\nacme-plots   # for the report\n")
    done = project.compile()
    assert done.exit_code == 1
    assert f"{project.root}/src/requirements.txt:4:1: error[MG316]: {NAME} does not know `acme-plots`" in done.stderr
    assert "`mlopsgen lock` renews it" in done.stderr
    assert not (project.root / "build").exists()
    project.lock()
    assert project.compile().exit_code == 0
    assert "acme-plots==3 --hash=" in project.emitted("local/image/requirements.txt")


def test_one_requirement_less_is_another_set(project: Project) -> None:
    project.write("src/requirements.txt", "acme-learn>=1\nacme-tables\n")
    project.lock()
    project.write("src/requirements.txt", "acme-tables\n")
    done = project.compile()
    assert done.exit_code == 1
    assert "in another combination only" in done.stderr


def test_what_one_target_alone_installs_since_is_found_too(project: Project) -> None:
    project.lock()
    project.change("training: {run: train.py}", CHAMPION)
    done = project.compile()
    assert done.exit_code == 1
    assert re.search(r"spec\.yaml:3:1: error\[MG316\]: mlopsgen\.lock does not know `boto3>=", done.stderr)


def test_the_locked_version_of_remote_data_is_registered(project: Project) -> None:
    project.change("data/churn.csv", "s3://acme-ml/churn.csv")
    version = LockedData("version:v7", 8)
    project.file.write_bytes(write_lock(Lock(data={"s3://acme-ml/churn.csv": version})))
    assert project.compile("--allow", "MG316").exit_code == 0
    pipeline = json.loads(project.emitted("sagemaker/pipeline.json"))
    register = next(step for step in pipeline["Steps"] if step["Type"] == "RegisterModel")
    assert "version:v7" in json.dumps(register)


def test_a_base_image_that_is_new_since_is_found_in_the_spec(project: Project) -> None:
    project.lock()
    project.change("3.11-slim", "3.11-slim-bookworm")
    done = project.compile()
    assert done.exit_code == 1
    assert re.search(r"spec\.yaml:4:9: error\[MG316\]: .*does not know the image", done.stderr)


def test_who_allows_it_compiles_with_what_is_not_locked(project: Project) -> None:
    project.lock()
    project.write("src/requirements.txt", "acme-learn>=1.1\n")
    done = project.compile("--allow", "MG316")
    assert done.exit_code == 0
    assert "warning[MG316]" in done.stderr
    assert project.emitted("local/image/requirements.txt") == "acme-learn>=1.1\n"


def test_changed_local_data_are_a_warning(project: Project) -> None:
    project.lock()
    project.write("data/churn.csv", "a,b\n1,3\n")
    done = project.compile()
    assert done.exit_code == 0
    assert "warning[MG316]: `data/churn.csv` is not what mlopsgen.lock says" in done.stderr


def test_a_locked_image_of_a_step_is_named_by_its_digest_alone(project: Project) -> None:
    project.registry.images["acme/zones:2.1"] = b"{}"
    image = f"{project.registry.host}/acme/zones"
    project.change("training:", f"steps: {{zones: {{run: [make], image: '{image}:2.1', outputs: [table]}}}}\ntraining:")
    # This machine runs no containers and SageMaker reads its own registry alone: that is for compile to say.
    assert project.lock().exit_code == 0
    plan = check(CompileRequest(project.spec, project.spec.read_bytes())).plan
    images = [getattr(step, "image", None) for step in plan.steps]
    assert f"{image}@{project.registry.digest('acme/zones:2.1')}" in images


def test_every_environment_is_locked(project: Project) -> None:
    project.registry.images["library/python:3.12-slim"] = b"another"
    other = project.base.replace("3.11", "3.12")
    with project.spec.open("a") as stream:
        stream.write(f"environments:\n  production: {{code: {{base: '{other}', python: '3.12'}}}}\n")
    project.lock()
    assert set(project.locked().images) == {project.base, other}
    assert {entry.python for entry in project.locked().requirements.values()} == {"3.11", "3.12"}
    assert project.compile("--env", "production").exit_code == 0
    assert f"FROM {other}@" in project.emitted("production/local/image/Dockerfile")


def test_one_environment_is_renewed_and_the_others_stay(project: Project) -> None:
    project.registry.images["library/python:3.11"] = b"another"
    other = project.base.removesuffix("-slim")
    with project.spec.open("a") as stream:
        stream.write(f"environments:\n  production: {{code: {{base: '{other}'}}}}\n")
    project.lock()
    before = project.locked().images
    project.registry.images = {"library/python:3.11": b"newer", "library/python:3.11-slim": b"newer"}
    project.lock("--env", "production")
    after = project.locked().images
    assert after[project.base] == before[project.base]
    assert after[other] != before[other]


def test_what_nothing_names_any_more_is_dropped(project: Project) -> None:
    project.lock()
    project.registry.images["library/python:3.11"] = b"another"
    project.change("3.11-slim", "3.11")
    project.lock()
    assert list(project.locked().images) == [project.base.removesuffix("-slim")]


def test_a_pushed_image_is_named_by_its_digest(project: Project) -> None:
    project.lock()
    project.compile()
    tagged = re.search(r"\d+\.dkr\.ecr\.[a-z0-9.-]+/churn:src-[0-9a-f]{16}", project.emitted("sagemaker/pipeline.json"))
    assert tagged
    digest = f"sha256:{'ab' * 32}"
    requests_before = len(project.registry.requests)
    done = project.lock("--pushed", f"{tagged[0]}@{digest}")
    assert done.stdout.startswith(f"+ pushed image {tagged[0]} sha256:abab")
    assert len(project.registry.requests) == requests_before
    project.compile()
    assert f"/churn@{digest}" in project.emitted("sagemaker/pipeline.json")
    assert tagged[0] not in project.emitted("sagemaker/pipeline.json")
    project.lock()
    assert digest in project.file.read_text()
    project.write("src/train.py", "print('changed')\n")
    project.compile()
    assert digest not in project.emitted("sagemaker/pipeline.json")


def test_pushed_images_that_no_bundle_names_any_more_are_dropped(project: Project) -> None:
    with project.spec.open("a") as stream:
        stream.write("environments:\n  production: {code: {ignore: [notes.txt]}}\n")
    project.write("src/notes.txt", "read me\n")
    project.lock()
    tags = [_pushed(project), _pushed(project, "production")]
    assert len(set(tags)) == 2
    project.lock()
    assert set(project.locked().pushed) == set(tags), "both are named still"
    project.write("src/notes.txt", "read me again\n")
    project.lock("--env", "production")
    assert set(project.locked().pushed) == set(tags), "one environment says nothing of the others"
    done = project.lock()
    assert set(project.locked().pushed) == {tags[1]}, "production does not have the notes"
    assert f"- pushed image {tags[0]} sha256:{'ab' * 6}\n" in done.stdout


def _pushed(project: Project, env: str = "") -> str:
    """Compiles, and notes the image as pushed; its name and tag."""
    project.compile(*(("--env", env) if env else ()))
    emitted = project.emitted(f"{env}/sagemaker/pipeline.json" if env else "sagemaker/pipeline.json")
    tagged = re.search(r"\d+\.dkr\.ecr\.[a-z0-9.-]+/[a-z-]+:src-[0-9a-f]{16}", emitted)
    assert tagged
    assert project.lock("--pushed", f"{tagged[0]}@sha256:{'ab' * 32}").exit_code == 0
    return tagged[0]


def test_an_environment_takes_no_image_out_of_anothers_repository(project: Project) -> None:
    """The same code has the same tag in both, and each stack makes a repository that its own jobs may pull from."""
    with project.spec.open("a") as stream:
        stream.write("environments: {staging: {}, production: {}}\n")
    project.lock()
    staging, production = _pushed(project, "staging"), _pushed(project, "production")
    assert staging.rpartition(":")[2] == production.rpartition(":")[2]
    for env in ("staging", "production"):
        project.compile("--env", env)
        assert f"/churn-{env}@sha256:" in project.emitted(f"{env}/sagemaker/pipeline.json")
    project.lock()
    assert set(project.locked().pushed) == {staging, production}


def test_a_lock_of_an_earlier_version_knows_what_was_pushed(project: Project) -> None:
    project.lock()
    name, _, tag = _pushed(project).rpartition(":")
    document = json.loads(project.file.read_text())
    project.file.write_text(json.dumps({**document, "pushed": {tag: f"{name}@sha256:{'cd' * 32}"}}))
    project.compile()
    assert f"{name}@sha256:{'cd' * 32}" in project.emitted("sagemaker/pipeline.json")


@pytest.mark.parametrize("image", ["churn:latest", "churn:src-0123456789abcdef", f"churn@sha256:{'0' * 64}"])
def test_a_pushed_image_without_tag_or_digest_is_wrong_usage(project: Project, image: str) -> None:
    assert project.lock("--pushed", image).exit_code == 2


def test_check_asks_nobody(project: Project) -> None:
    none = project.lock("--check")
    assert none.exit_code == 1
    assert "MG316" in none.stderr
    project.lock()
    requests_before = len(project.registry.requests)
    fine = project.lock("--check")
    assert (fine.exit_code, fine.stdout) == (0, f"{project.file}: holds all that {project.spec} names\n")
    project.write("src/requirements.txt", "acme-learn>=1\nacme-plots\n")
    stale = project.lock("--check")
    assert stale.exit_code == 1
    assert "src/requirements.txt:2:1: error[MG316]" in stale.stderr
    assert len(project.registry.requests) == requests_before


def test_a_wrong_spec_is_not_locked(project: Project) -> None:
    project.change("training:", "traning:")
    done = project.lock()
    assert done.exit_code == 1
    assert "MG104" in done.stderr
    assert not project.registry.requests
    assert not project.file.exists()


def test_the_old_lock_stays_when_the_new_one_cannot_be_written(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.lock()
    before = project.file.read_bytes()
    project.index.add("acme-learn", "1.4")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    done = project.lock()
    assert done.exit_code == 1
    assert "MG410" in done.stderr
    assert project.file.read_bytes() == before
    assert sorted(path.name for path in project.root.iterdir()) == ["data", NAME, "spec.yaml", "src"]


def test_others_can_read_what_is_written(project: Project) -> None:
    old = os.umask(0o022)
    try:
        project.lock()
    finally:
        os.umask(old)
    assert project.file.stat().st_mode & 0o777 == 0o644


def test_nothing_is_left_beside_the_lock(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)
    done = CliRunner().invoke(command, [])
    assert done.stdout.splitlines()[-1] == NAME
    assert sorted(path.name for path in Path().iterdir()) == ["data", NAME, "spec.yaml", "src"]


def test_the_file_is_sorted_json_that_a_diff_can_show(project: Project) -> None:
    project.lock()
    text = project.file.read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


def test_an_image_that_moves_is_locked_and_then_compiles(project: Project) -> None:
    """The hint of MG129 says that `lock` finds the digest, so MG129 must not stop `lock`."""
    project.change(project.base, project.base.replace("3.11-slim", "latest"))
    project.registry.images["library/python:latest"] = b"{}"
    before = project.compile()
    assert "MG129" in before.output
    locked = project.lock()
    assert locked.exit_code == 0, locked.output
    assert project.compile().exit_code == 0
    assert "@sha256:" in project.emitted("local/image/Dockerfile")
