"""Machines: the cheapest that fits, or the nearest named."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from mlopsgen.plan.steps import Gpu, Resources
from mlopsgen.render.parseback import render
from mlopsgen.spec.values import Ref
from mlopsgen.targets.machines import GIB
from mlopsgen.targets.sagemaker import target
from mlopsgen.targets.sagemaker.machines import catalogue
from tests.targets.sagemaker.emit.plans import codes, definition, findings, lowered, plan, prepare, run, step, train


def cluster(asked: Resources, **machines: Any) -> Any:
    found = step(definition(plan(run("job", resources=asked)), machines=machines), "job")["Arguments"]
    return found["ProcessingResources"]["ClusterConfig"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (Resources(), "ml.m5.xlarge"),
        (Resources(cpu=2), "ml.m5.large"),
        (Resources(cpu=4), "ml.c5.xlarge"),
        (Resources(cpu=4, memory=16 * GIB), "ml.m5.xlarge"),
        (Resources(memory=100 * GIB), "ml.r5.4xlarge"),
        (Resources(gpu=Gpu("t4", 1)), "ml.g4dn.xlarge"),
        (Resources(gpu=Gpu("NVIDIA-T4", 4)), "ml.g4dn.12xlarge"),
        (Resources(gpu=Gpu("t4", 1), disk=500 * GIB), "ml.g4dn.8xlarge"),
        (Resources(gpu=Gpu("a100", 1)), "ml.p4d.24xlarge"),
    ],
)
def test_the_cheapest_that_fits(asked: Resources, name: str) -> None:
    found = catalogue(training=True).choose(asked)
    assert found is not None
    assert found.name == name


def test_every_machine_exists_for_its_jobs() -> None:
    service = botocore.session.get_session().get_service_model("sagemaker")
    training = set(service.shape_for("TrainingInstanceType").enum)
    processing = set(service.shape_for("ProcessingInstanceType").enum)
    assert {m.name for m in catalogue(training=True).machines} <= training
    assert {m.name for m in catalogue(training=False).machines} <= processing


def test_what_targets_say_wins() -> None:
    assert cluster(Resources(cpu=2), job="ml.c5.xlarge")["InstanceType"] == "ml.c5.xlarge"
    assert cluster(Resources(), default="ml.m5.large")["InstanceType"] == "ml.m5.large"
    assert cluster(Resources(cpu=2), default="ml.m5.large")["InstanceType"] == "ml.m5.large"


def test_a_default_that_is_too_small_is_not_taken() -> None:
    assert cluster(Resources(memory=60 * GIB), default="ml.m5.large")["InstanceType"] == "ml.r5.2xlarge"


def test_a_machine_may_be_a_run_parameter() -> None:
    assert cluster(Resources(), job=Ref("folds"))["InstanceType"] == {"Get": "Parameters.folds"}


def test_disks() -> None:
    assert cluster(Resources())["VolumeSizeInGB"] == 30
    assert cluster(Resources(disk=50 * GIB + 1))["VolumeSizeInGB"] == 51


def test_none_fits() -> None:
    (found,) = findings(plan(prepare(), train(resources=Resources(cpu=1000, origin=("training", "resources")))))
    assert (found.code, found.spec_path) == ("MG307", ("training", "resources"))
    assert "ml.r5.24xlarge" in (found.hint or "")
    (kind,) = findings(plan(prepare(), train(resources=Resources(gpu=Gpu("tpu", 1), origin=("r",)))))
    assert "t4" in (kind.hint or "")


def test_names_that_are_no_machines_or_no_steps() -> None:
    assert codes(plan(run("job")), machines={"job": "m5.xlarge"}) == ["MG307"]
    assert codes(plan(run("job")), machines={"jop": "ml.m5.xlarge"}) == ["MG309"]


def test_a_container_sees_the_accelerators_of_its_machine() -> None:
    """NVIDIA's runtime shows an image without NVIDIA_VISIBLE_DEVICES no accelerator (its documentation, "Docker
    Specialized Configurations"), and python's own slim image has none."""

    def dockerfile(asked: Resources, **machines: Any) -> tuple[bool, str]:
        native, _ = lowered(plan(prepare(), train(resources=asked)), machines=machines)
        (job,) = [job for job in target.layout(native) if job.path == "image/Dockerfile"]
        text = render([job], target.templates)[job.path].decode()
        wanted = "ENV NVIDIA_VISIBLE_DEVICES=all \\\n    NVIDIA_DRIVER_CAPABILITIES=compute,utility\n"
        assert (wanted in text) == ("NVIDIA" in text)
        return wanted in text, native.guide.image_tag

    without, tag = dockerfile(Resources())
    assert not without
    by_run = dockerfile(Resources(), training=Ref("folds"))
    of_the_spec = (dockerfile(Resources(gpu=Gpu("t4", 1))), dockerfile(Resources(), training="ml.g5.xlarge"))
    for shown, other in (*of_the_spec, by_run):
        assert shown
        assert other != tag


def test_a_job_that_a_new_account_would_end_is_told_of() -> None:
    given = plan(prepare(), train(timeout=6 * 86400))
    (note,) = findings(given)
    assert (note.code, note.severity, note.spec_path) == ("MG315", "note", ("training", "timeout"))
    (note,) = findings(plan(run("slow", timeout=6 * 86400)))
    assert "`Longest run time for a processing job`" in (note.hint or "")
    assert findings(plan(prepare(), train(timeout=5 * 86400))) == []
