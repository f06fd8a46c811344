"""The README: its commands are the ones that work for this bundle."""

from __future__ import annotations

import re
from dataclasses import replace

from mlopsgen.plan.steps import Governance, Image, LocalData, RunParameter
from mlopsgen.spec.values import Ref
from tests.targets.sagemaker.emit.plans import LOCAL, PARAMETERS, bundle, plan, run, script, values
from tests.targets.sagemaker.emit.test_stack import FULL, NETWORK


def test_every_file_of_the_bundle_is_explained() -> None:
    files = bundle()
    named = set(re.findall(r"^\| `([^`]+)` \|", files["README.md"], re.MULTILINE))
    assert set(files) - {"README.md"} <= named


def test_data_beside_the_spec_is_uploaded_to_where_it_is_read() -> None:
    files = bundle()
    assert f"aws s3 cp data/churn.csv s3://acme-ml/churn/data/{'ab' * 32}/\n" in files["README.md"]
    folder = LocalData(path="data/zones", digest="cd" * 32, files=("a.csv", "b/c.csv"))
    files = bundle(plan(sources=(replace(LOCAL, local=folder),)))
    assert f"aws s3 cp --recursive data/zones s3://acme-ml/churn/data/{'cd' * 32}/\n" in files["README.md"]
    assert '"path": "data/zones/b/c.csv"' in files["uploads.json"]


def test_a_path_that_no_command_line_takes_is_left_to_the_list() -> None:
    odd = LocalData(path="data/a b.csv", digest="cd" * 32, files=("a b.csv",))
    files = bundle(plan(sources=(replace(LOCAL, local=odd),)))
    assert "aws s3 cp data/a" not in files["README.md"]
    assert '"path": "data/a b.csv"' in files["uploads.json"]


def test_parameters_that_a_start_must_give() -> None:
    day = RunParameter(name="day", type="string", required=True)
    job = run("use", argv=script("u.py", (), (), "day"), params=values(day=Ref("day")))
    assert "`day`" in bundle(plan(job, parameters=(*PARAMETERS, day)))["README.md"]


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
    assert "put-bucket-notification-configuration --bucket lake" in said
    assert "the age 90 days" in said
    assert "lifecycle" not in bundle(plan(governance=Governance()))["README.md"]
