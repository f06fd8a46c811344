"""The README of what answers requests: pasted in order, it makes each thing before what needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.targets.test_readmes import SHELLS, SPEC, Guide, laid

LIVE = """\
deployments:
  live: {mode: real-time, serve: {run: train.py}, replicas: {min: 1, max: 3}, scale_on: {cpu: 0.7}}
"""
UPLOAD = (
    "az storage blob upload --auth-mode login --account-name acmestore --container-name blobs --overwrite "
    "--file deployments/live/rollout.json --name churn/deployments/live/rollout.json"
)
ABSENT = """\
#!/bin/sh
case "$*" in *"online-endpoint show"*"--query"*) ;; *"online-endpoint show"*) exit 3 ;; esac
exec {0}.real "$@"
"""


def words(guide: Guide, shell: str, *sections: str) -> list[str]:
    pasted = guide.paste(shell, *sections)
    assert pasted.err == ""
    assert pasted.out.endswith("whole\n")
    return [" ".join(call[1:]).replace("az.real", "az") for call in pasted.calls]


def absent(guide: Guide) -> None:
    """No endpoint is there."""
    az = guide.bundle.parent.parent / "tools" / "az"
    az.rename(f"{az}.real")
    az.write_text(ABSENT.format(az))
    az.chmod(0o755)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("said", ["manual", "automatic"])
def test_each_thing_is_made_before_what_needs_it(tmp_path: Path, shell: str, said: str) -> None:
    guide = laid(tmp_path, "azureml", spec=SPEC.replace("approval: manual", f"approval: {said}") + LIVE)
    absent(guide)
    calls = words(guide, shell)
    order = [
        "az ml environment create",
        "az deployment group create --name churn-deployments --template-file infra/deployments.json",
        "az ml compute create --file compute/churn-rollouts.yml",
        "az ml online-endpoint create --file deployments/live/endpoint.yml",
        UPLOAD,
        "az ml job create --file pipeline.yml",
        "az ml job create --file deployments/live/rollout.yml --set inputs.version=1",
        "curl --fail-with-body",
        "az ml online-endpoint delete --yes",
        "az role assignment delete",
        "az identity delete --name churn-rollouts",
    ]
    places = [next(at for at, call in enumerate(calls) if call.startswith(start)) for start in order]
    assert places == sorted(places)
    approved = "az ml model update --name churn --version 1 --set tags.status=approved"
    assert (approved in calls) == (said == "manual")


def test_an_endpoint_that_answers_is_not_made_anew(tmp_path: Path) -> None:
    """That would send no shares, and take the live version's requests away."""
    calls = words(laid(tmp_path, "azureml", spec=SPEC + LIVE), "sh")
    assert not [call for call in calls if "online-endpoint create" in call or "online-endpoint update" in call]
