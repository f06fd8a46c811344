"""How a version gets to its endpoint: a build of CodeBuild that runs the product's own image, one at a time.

EventBridge starts it when a version is approved, by a person or by the gates. SageMaker tells of every change of a
version, and more than once: changes of the life cycle alone, which the rollout itself makes, are not listened to, and a
version that came before the live one is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from mlopsgen.plan.services import RealTime
from mlopsgen.render.job import FileJob
from mlopsgen.targets.rollouts import rollout_file
from mlopsgen.targets.sagemaker.commands import registry_uri
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.resources import RolloutProject
from mlopsgen.targets.sagemaker.serving.resources import Live
from mlopsgen.targets.sagemaker.triggers import trigger_name

TEMPLATE, PLAN = "serving.yaml", "rollout.json"
# Words come as variables and are quoted, so that a shell reads nothing into them.
COMMAND = " ".join(
    (
        *("python -m mlopsgen_runtime rollout", '"--plan=$PLAN"', '"--version=$VERSION"', '"--only=$ONLY"'),
        '"--run-id=$CODEBUILD_BUILD_ID"',
    )
)


def project(context: Context, live: Live) -> RolloutProject:
    """What rolls a deployment's versions out."""
    service = live.service
    variables = (_variable("VERSION", "<version>"), _variable("ONLY", "newer"))
    automatic = not service.manual and service.version is None
    return RolloutProject(
        id=f"{live.id}Rollout",
        logs_id=f"{live.id}RolloutLogs",
        rule_id=f"{live.id}Approved",
        name=live.project,
        description=f"Rolls a version of {service.model} out to the endpoint {live.endpoint.name}",
        image=context.image,
        plan=f"{context.home.prefix}/{live.folder}/{PLAN}",
        region=context.home.region,
        minutes=live.minutes,
        role_id=f"{live.id}RolloutRole",
        rule=trigger_name(context, f"{service.name}-approved", service.origin) if automatic else None,
        pattern={
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Model Package State Change"],
            "detail": {
                "ModelPackageGroupName": [service.model],
                "ModelApprovalStatus": ["Approved"],
                "UpdatedModelPackageFields": [{"exists": False}, {"anything-but": ["ModelLifeCycle"]}],
            },
        },
        buildspec=json.dumps({"version": 0.2, "phases": {"build": {"commands": [COMMAND]}}}, indent=1),
        log_group=f"/aws/codebuild/{live.project}",
        input=json.dumps({"environmentVariablesOverride": variables}),
    )


def _variable(name: str, value: str) -> Mapping[str, str]:
    return {"name": name, "type": "PLAINTEXT", "value": value}


def plan_file(context: Context, live: Live) -> FileJob:
    """What the runtime's `rollout` reads."""
    home = context.home
    return rollout_file(
        f"{live.folder}/{PLAN}",
        live.service,
        registry=registry_uri(context, live.service.model),
        fleet=f"sagemaker-endpoint://{home.region}/{live.endpoint.name}",
        state=f"{home.prefix}/state/deployments/{live.name}",
        native={
            "template": f"{home.prefix}/{live.folder}/{TEMPLATE}",
            "role": home.role_arn(f"{context.role_path[1:]}{home.role('deploy')}"),
            "tags": context.tags,
        },
    )


def is_served(service: RealTime, group: str) -> bool:
    """Whether a version of the group becomes the champion only when this deployment answers with it."""
    return service.model == group and service.version is None
