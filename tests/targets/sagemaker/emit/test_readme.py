"""The README: its commands are the ones that work for this bundle."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.plan.steps import FromRegistry, Governance, Image, Input, LocalData, Resources, RunParameter, Secret
from mlopsgen.plan.values import PortKind
from mlopsgen.spec.values import Ref
from tests.targets.sagemaker.emit.plans import (
    LOCAL,
    PARAMETERS,
    bundle,
    definition,
    evaluate,
    findings,
    plan,
    prepare,
    register,
    run,
    script,
    stack,
    step,
    train,
    values,
)
from tests.targets.sagemaker.emit.test_stack import FULL, KEY, NETWORK


def test_every_file_of_the_bundle_is_explained() -> None:
    files = bundle()
    named = set(re.findall(r"^\| `([^`]+)` \|", files["README.md"], re.MULTILINE))
    assert set(files) - {"README.md"} <= named


def test_data_beside_the_spec_is_uploaded_to_where_it_is_read() -> None:
    files = bundle()
    assert f"aws s3 cp --region eu-west-1 data/churn.csv s3://acme-ml/churn/data/{'ab' * 32}/\n" in files["README.md"]
    folder = LocalData(path="data/zones", digest="cd" * 32, files=("a.csv", "b/c.csv"))
    files = bundle(plan(sources=(replace(LOCAL, local=folder),)))
    assert f" data/zones s3://acme-ml/churn/data/{'cd' * 32}/\n" in files["README.md"]
    assert '"path": "data/zones/b/c.csv"' in files["uploads.json"]


@pytest.mark.parametrize(
    "path", ["data/a b.csv", "./data/churn.csv", 'data/$(id) "&".csv', "data/it's.csv", "data/müde.csv"]
)
def test_a_path_of_any_spelling_has_its_command(path: str) -> None:
    """An empty block of commands was all that a source with a blank in its name got: its first run found no data."""
    odd = LocalData(path=path, digest="cd" * 32, files=(path.rpartition("/")[2],))
    files = bundle(plan(sources=(replace(LOCAL, local=odd),)))
    (command,) = (line for line in files["README.md"].splitlines() if line.endswith(f"/data/{'cd' * 32}/"))
    assert shlex.split(command)[-2] == path.removeprefix("./")
    assert "uploads.json` says where its files belong" not in files["README.md"]


@pytest.mark.parametrize("path", ["data/a\nb.csv", "data/\u202evsc.csv"])
def test_a_path_that_no_command_line_takes_is_left_to_the_list(path: str) -> None:
    odd = LocalData(path=path, digest="cd" * 32, files=(path.rpartition("/")[2],))
    files = bundle(plan(sources=(replace(LOCAL, local=odd),)))
    assert "uploads.json` says where its files belong" in files["README.md"]
    assert [one["path"] for one in json.loads(files["uploads.json"])] == [path]


def test_whoever_starts_a_run_is_told_what_its_parameters_are_for() -> None:
    """No definition of the SDK's own has a place for it (sagemaker-python-sdk, workflow/parameters.py, `to_request`).

    The published schema of definitions knows a parameter's `Description`, but neither its `EnumValues`, which the SDK
    does send: a definition that the service refuses is too much to pay for a description.
    """

    def declared(name: str, description: str = "", **facts: Any) -> RunParameter:
        return RunParameter(**{"name": name, "type": "string", "required": False, "description": description, **facts})

    given = (
        declared("day", "The day to\npredict", required=True),
        declared("bare", required=True),
        declared("area", "Where", default="a|b"),
        declared("limit", "Rows at most", type="integer"),
        declared("rate", type="number", default=1),
        declared("deep", "Takes *hours*", type="boolean", default=True),
        declared("which", "Its models", type="list", default=("a", 1)),
    )
    names = [parameter.name for parameter in given]
    job = run("use", argv=script("u.py", (), (), *names), params=values(**{name: Ref(name) for name in names}))
    readme = bundle(plan(job, parameters=(*given, declared("unread", "Nobody's"))))["README.md"]
    starting = readme[readme.index("### Start a run") : readme.index("start-pipeline-execution")]
    assert re.findall("^- (.*)$", starting, re.MULTILINE) == [
        "`day`: The day to predict (a run has to give it)",
        "`bare`: a run has to give it",
        r"`area`: Where (by default a\|b)",
        "`limit`: Rows at most (no value by default)",
        "`rate`: by default 1",
        r"`deep`: Takes \*hours\* (by default true)",
        r"`which`: Its models (by default a, 1)",
    ]
    assert "What a run may be given" not in bundle(plan(run("use")))["README.md"]


def test_the_image_that_is_built_is_one_that_a_version_can_be_deployed_with() -> None:
    # Current Docker pushes an OCI image, which CreateModel refuses (aws/amazon-sagemaker-feedback, issue 180).
    readme = bundle(plan(), repository="ml/churn")["README.md"]
    command = readme.partition("docker buildx build ")[2].partition("```")[0]
    assert {"--provenance=false", "--sbom=false", "type=image,oci-mediatypes=false,push=true"} <= set(command.split())
    _, _, pushed = command.partition("--tag ")
    _, tag = pushed.split()[0].rsplit(":", 1)
    assert "--repository-name ml/churn \\\n  --image-ids imageTag=" + tag in readme


def test_an_image_that_exists_is_not_built() -> None:
    image = Image(prebuilt="123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1", base="", python="3.11")
    assert "docker" not in bundle(plan(image=image))["README.md"].lower()


def test_what_is_left_to_the_owner_of_a_bucket_is_said() -> None:
    said = bundle(FULL, **NETWORK)["README.md"]
    assert "put-bucket-notification-configuration --region eu-west-1 --bucket lake" in said
    assert "the age 90 days" in said
    assert "lifecycle" not in bundle(plan(governance=Governance()))["README.md"]


def test_nobody_is_led_to_expire_the_models_of_registered_versions() -> None:
    assert "No rule may expire `churn/models/`" in bundle(FULL, **NETWORK)["README.md"]
    unregistered = plan(run("use"), governance=Governance(retention=86400))
    assert "/models/" not in bundle(unregistered)["README.md"]


def test_data_that_is_uploaded_lies_under_the_key_like_what_is_made_of_it() -> None:
    readme = bundle(plan(governance=Governance(encryption_key=KEY)))["README.md"]
    assert f"churn/data/{'ab' * 32}/ --sse aws:kms --sse-kms-key-id {KEY}\n" in readme
    assert "--sse" not in bundle()["README.md"]


def test_only_files_that_the_digest_knows_are_uploaded() -> None:
    folder = LocalData(path="data/zones", digest="cd" * 32, files=("a.csv", "b/c.csv"))
    readme = bundle(plan(sources=(replace(LOCAL, local=folder),)))["README.md"]
    # `--exclude` looks at whole keys below the folder, and its `*` matches slashes (AWS CLI, s3, "Use of Exclude").
    assert 'aws s3 cp --region eu-west-1 --recursive --exclude ".*" --exclude "*/.*" data/zones ' in readme


def test_every_command_says_its_region() -> None:
    tell = run("tell", always=True)
    folder = replace(LOCAL, name="zones", local=LocalData(path="data/zones", digest="cd" * 32, files=("a.csv",)))
    given = replace(FULL, steps=(*FULL.steps, tell), sources=(*FULL.sources, LOCAL, folder))
    readme = bundle(given, **NETWORK)["README.md"]
    assert readme.count("aws s3 cp") == 4
    shown = re.sub(r"\\\n\s*", " ", readme)
    commands = re.findall(r"(?:^|`|< |\$\()(aws (?!cloudformation describe)[^`\n]+)", shown, re.MULTILINE)
    assert len(commands) > 15
    assert [command for command in commands if "--region eu-west-1" not in command] == []


def test_a_digest_can_be_taken_on_a_mac(tmp_path: Path) -> None:
    readme = bundle()["README.md"]
    (lines,) = re.findall(r"```sh\n(sha256.*?)aws s3 cp", readme, re.DOTALL)
    content = b"{}"
    (tmp_path / "pipeline.json").write_bytes(content)
    for tool in ("shasum", "cut"):
        found = shutil.which(tool)
        if found is None:
            pytest.skip(f"no {tool} here")
        (tmp_path / tool).symlink_to(found)
    # A folder of `shasum` alone: macOS has no sha256sum.
    told = subprocess.run(
        ["/bin/bash", "-c", f"{lines}echo $DIGEST"],
        env={"PATH": f"{tmp_path}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == hashlib.sha256(content).hexdigest()


def test_an_image_is_built_once_for_its_tag() -> None:
    # The repository is IMMUTABLE: a second build has another digest, and its push is refused.
    readme = bundle()["README.md"]
    (guard,) = re.findall(r"--image-ids imageTag=(\S+) >/dev/null \|\| \\\n  docker buildx build", readme)
    assert f"churn:{guard} image\n" in readme


def test_the_stack_is_changed_when_what_its_runs_need_is_there() -> None:
    readme = bundle()["README.md"]
    assert "Change the stack last" in readme[readme.index("## Change") : readme.index("## Delete")]


def test_policies_that_others_got_are_detached_before_the_stack_is_deleted() -> None:
    """ "Cannot delete a policy attached to entities" (IAM API reference, DeletePolicy: DeleteConflict)."""
    readme = bundle(FULL, **NETWORK)["README.md"]
    deleting = readme[readme.index("## Delete") : readme.rindex("aws cloudformation delete-stack")]
    assert re.findall(r"^`(.*)`$", deleting, re.MULTILINE) == ["churn-eu-west-1-invoke", "churn-eu-west-1-deploy"]
    assert "list-entities-for-policy" not in bundle()["README.md"]


def test_the_champion_under_another_key_is_spoken_of() -> None:
    assert "lets the role of the jobs decrypt with the old key" in bundle()["README.md"]
    assert "decrypt with the old key" not in bundle(plan(run("use")))["README.md"]


def test_whoever_approves_versions_is_told_how() -> None:
    def commands(approval: Any) -> bool:
        given = plan(prepare(), train(), evaluate(), register(approval=approval))
        readme = bundle(given)["README.md"]
        return "update-model-package" in readme and "--model-package-group-name churn \\\n  --sort-by" in readme

    assert commands("manual")
    assert commands(Ref("folds")), "a run may leave the approval to somebody"
    assert not commands("automatic")


def test_parameters_that_no_shorthand_can_say() -> None:
    which = RunParameter(name="which", type="list", required=False, default=("a",))
    job = run("use", argv=script("u.py", (), (), "which"), params=values(which=Ref("which")))
    readme = bundle(plan(job, parameters=(*PARAMETERS, which)))["README.md"]
    (given,) = re.findall(r"--pipeline-parameters '(.*?)'`", readme)
    assert json.loads(given) == [{"Name": "<parameter>", "Value": "[1, 2]"}]
    assert "it should have no value" not in readme
    optional = RunParameter(name="day", type="string", required=False)
    job = run("use", argv=script("u.py", (), (), "day"), params=values(day=Ref("day")))
    assert "Leave `day` out" in bundle(plan(job, parameters=(*PARAMETERS, optional)))["README.md"]


def test_a_private_network_is_told_what_jobs_call() -> None:
    secret = Secret("TOKEN", "token", ("training", "secrets", "TOKEN"))
    given = plan(prepare(), train(secrets=(secret,), resources=Resources(nodes=2)))
    readme = bundle(given, **NETWORK)["README.md"]
    assert "gateway endpoint of S3" in readme
    assert "`com.amazonaws.eu-west-1.secretsmanager`" in readme
    assert "sagemaker.api" not in readme
    assert "several machines need a security group" in readme
    assert "endpoint" not in bundle(given)["README.md"]
    # A registered model is fetched by the launcher, which asks the registry for it.
    champion = Input(port="previous", kind=PortKind.MODEL, source=FromRegistry("churn", "champion"), origin=())
    compared = bundle(plan(prepare(), train(inputs=(*train().inputs, champion))), **NETWORK)["README.md"]
    assert "`com.amazonaws.eu-west-1.sagemaker.api`" in compared
    assert "secretsmanager" not in compared


def test_nobody_is_invited_to_deploy_what_cannot_serve() -> None:
    files = bundle()
    assert "cannot be deployed as it is" in files["README.md"]
    assert "cannot be deployed" not in bundle(plan(run("use")))["README.md"]
    version = step(json.loads(files["pipeline.json"]), "registry")["Arguments"]
    assert version["ModelPackageDescription"].endswith("its image has no server.)")
    assert version["ModelPackageDescription"].startswith("Predicts who leaves")


def test_a_key_of_a_stack_that_exists_is_told_from_the_repositorys() -> None:
    """ECR's EncryptionConfiguration is create-only, and CloudFormation replaces nothing that has a fixed name."""
    given = plan(governance=Governance(encryption_key=KEY))
    (note,) = findings(given)
    assert (note.code, note.severity, note.spec_path) == ("MG315", "note", ("governance", "encryption", "key"))
    assert "`targets.sagemaker.repository: churn`" in bundle(given)["README.md"]
    assert findings(given, repository="churn") == []
    assert "Repository" not in stack(given, repository="churn")["Resources"]
    image = step(definition(given), "prepare")["Arguments"]["AppSpecification"]["ImageUri"]
    assert step(definition(given, repository="churn"), "prepare")["Arguments"]["AppSpecification"]["ImageUri"] == image
