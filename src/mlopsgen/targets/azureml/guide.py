"""What the bundle's README says: commands with this product's own names in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlopsgen.plan.steps import OnInvoke, Register
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.data import assets, copied
from mlopsgen.targets.azureml.native import Compute, Infrastructure, Pipeline, Schedule
from mlopsgen.targets.azureml.roles import starting_role
from mlopsgen.targets.azureml.told import Copied, Guide
from mlopsgen.targets.azureml.triggers import schedule_name
from mlopsgen.targets.readme import readable

DAY = 86400
FLOW = "Microsoft.Logic/workflows"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*")


def guide_of(
    context: Context,
    computes: tuple[Compute, ...],
    schedules: tuple[Schedule, ...],
    infra: tuple[Infrastructure, ...],
    handler: Pipeline | None,
) -> Guide:
    """The facts of the README."""
    plan, home = context.plan, context.home
    groups = [step.group for step in plan.steps if isinstance(step, Register)]
    kept = plan.governance.retention
    events = [one for one in infra if one.file.endswith("events.json")]
    return Guide(
        product=plan.name,
        description=readable(plan.description),
        subscription=home.subscription,
        resource_group=home.resource_group,
        workspace=home.workspace,
        datastore=home.datastore,
        built=plan.image.prebuilt is None,
        required=tuple(p.name for p in plan.parameters if p.required),
        uploads=tuple(one for one in copied(context) if _is_plain(one)),
        data=tuple(asset.file for asset in assets(context)),
        computes=tuple((one.file, one.name) for one in computes),
        schedules=tuple((one.file, one.name) for one in schedules if not one.kept),
        kept=tuple((one.file, one.name) for one in schedules if one.kept),
        called=tuple(schedule_name(context, one.name) for one in plan.triggers if isinstance(one, OnInvoke)),
        starts=starting_role(context).name,
        roles=tuple(f"{role}-{home.workspace}" for role in dict.fromkeys(_roles(infra))),
        flows=tuple(str(one["name"]) for file in events for one in file.resources if one["type"] == FLOW),
        events=bool(events),
        asks_store=any("container" in one.parameters for one in events),
        identity=home.identity,
        exit_handler=handler is not None,
        model=groups[0] if groups else None,
        fixed=tuple((name, f"{at}={context.parameters[name].default}") for name, at in context.fixed.items()),
        retention_days=-(-kept // DAY) if kept else None,
        changes=tuple(_changes(context)),
    )


def _roles(infra: tuple[Infrastructure, ...]) -> Iterator[str]:
    for one in (one for file in infra for one in file.resources if one["type"].endswith("/roleDefinitions")):
        # `[concat('<name>-', parameters('workspace'))]`
        yield one["properties"]["roleName"].split("'")[1].rstrip("-")


def _is_plain(one: Copied) -> bool:
    """Whether a shell takes the path for one word; any other stands in uploads.json alone."""
    return all(_PLAIN.fullmatch(path) is not None and "//" not in path for path in (one.path, one.name or one.path))


def _changes(context: Context) -> Iterator[Mapping[str, str]]:
    for name in context.options.steps:
        yield {"file": "pipeline.yml", "at": f"the node of `{readable(name)}`"}
    for patch in context.options.patches:
        yield {"file": readable(patch.file), "at": readable(patch.at)}
