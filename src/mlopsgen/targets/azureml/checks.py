"""What can be known wrong about a whole plan before any of it is lowered."""

from __future__ import annotations

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.graph import reads_from
from mlopsgen.plan.steps import Register
from mlopsgen.targets.azureml import names
from mlopsgen.targets.azureml.compute import check_machines
from mlopsgen.targets.azureml.context import WHERE, Context
from mlopsgen.targets.azureml.parameters import check_parameters
from mlopsgen.targets.azureml.sizes import REGIONS
from mlopsgen.targets.azureml.values import check_text
from mlopsgen.targets.caching import report_uncached
from mlopsgen.targets.listed import check_listed, listed


def check_plan(context: Context) -> None:
    """Reports everything that belongs to no single step."""
    _check_size(context)
    _check_tags(context)
    _check_governance(context)
    _check_network(context)
    _check_cloud(context)
    _check_text(context)
    _check_when(context)
    _check_gates(context)
    _check_endpoints(context)
    check_machines(context)
    report_uncached(context, context.jobs.values(), context.sources)
    check_parameters(context)


def _check_endpoints(context: Context) -> None:
    """What answers may take an endpoint over; files are scored without one."""
    lives, batches = ({one.name for one in group} for group in (context.lives, context.batches))
    others = {name: endpoint for name, endpoint in context.options.names.items() if name not in lives | batches}
    context.check_endpoints(others, (*WHERE, "names"))
    for name in batches & context.options.names.keys():
        message = f"`{name}` scores files in a job, so it has no endpoint to take over"
        context.error("MG301", message, (*WHERE, "names", name), "take it out", on=On.KEY)


def _check_size(context: Context) -> None:
    if len(context.plan.steps) > names.STEPS:
        message = f"there are {len(context.plan.steps)} steps; a pipeline of Azure ML has {names.STEPS} nodes at most"
        context.error("MG306", message, ("steps",), "several products, each with a pipeline of its own", on=On.KEY)


def _check_tags(context: Context) -> None:
    if len(context.tags) > names.TAGS:
        message = f"there are {len(context.tags)} tags; Azure takes {names.TAGS}"
        context.error("MG306", message, ("tags",), "keep those that somebody reads", on=On.KEY)
    for key, value in context.plan.tags:
        where: SpecPath = ("tags", key)
        if any(c in "<>%&\\?/" for c in key) or len(key) > names.TAG_KEY:
            hint = f"{names.TAG_KEY} characters at most, and none of `<>%&\\?/`"
            context.error("MG305", f"`{key}` cannot be the key of a tag in Azure", where, hint, on=On.KEY)
        if len(value) > names.TAG_VALUE:
            message = f"the value of the tag `{key}` is longer than the {names.TAG_VALUE} characters of Azure"
            context.error("MG306", message, where, "say it shorter")
        if key.lower().startswith(("microsoft", "azure", "windows")):
            message = f"Azure keeps tags that start with `microsoft`, `azure` or `windows` for itself, such as `{key}`"
            context.error("MG305", message, where, "another key", on=On.KEY)


def _check_governance(context: Context) -> None:
    governance, options = context.plan.governance, context.options
    if governance.encryption_key is not None:
        context.error(
            "MG301",
            "the key of a workspace and its storage is chosen when they are made, and not by what runs in them",
            ("governance", "encryption", "key"),
            hint="leave it out, and make the workspace with `az ml workspace create` and your key",
        )
    if governance.lineage:
        message = "OpenLineage events are not emitted yet; Azure ML keeps the inputs and outputs of every run"
        context.error("MG302", message, ("governance", "lineage"), hint="`lineage: false`")
    if governance.audit and options.log_analytics is None:
        message = "Azure keeps the activity log for 90 days; `targets.azureml.log_analytics` keeps it longer"
        context.note(message, ("governance", "audit"))
    for role, principals in (("deploy", governance.deploy), ("invoke", governance.invoke)):
        for number, principal in enumerate(principals):
            if not names.GUID.fullmatch(principal):
                message = f"`{principal}` is no object id: Azure names people, groups and applications by theirs"
                hint = f"`az ad group show --group {principal} --query id`" if principal.isascii() else "its object id"
                context.error("MG305", message, ("governance", "access", role, number), hint=hint)


def _check_network(context: Context) -> None:
    """One way for clusters into a network: by name, by the id of a subnet, or by the workspace."""
    options = context.options
    by_id = bool(options.subnet and options.subnet.startswith("/"))
    if context.plan.governance.private_network and not (options.subnet or options.managed_network):
        message = "a private network needs the subnet that clusters join"
        hint = (
            "`targets.azureml.network: <virtual network>` and `subnet: <subnet>`, `subnet: <id>` alone, or "
            "`managed_network: true` where the workspace has one"
        )
        context.error("MG301", message, ("governance", "network", "private"), hint=hint)
    if options.managed_network and (options.network or options.subnet):
        message = "clusters of a workspace with a managed network join that one, and no other"
        hint = "take `network` and `subnet` away, or `managed_network`"
        context.error("MG301", message, (*WHERE, "managed_network"), hint, on=On.KEY)
    if by_id and options.network:
        message = "the id of a subnet says its network, too"
        context.error("MG301", message, (*WHERE, "network"), "take `network` away", on=On.KEY)
    if not by_id and bool(options.network) != bool(options.subnet):
        key, other = ("network", "subnet") if options.network else ("subnet", "network")
        hint = f"write `{other}` too, or take `{key}` away"
        context.error("MG301", "`network` and `subnet` go together", (*WHERE, key), hint, on=On.KEY)


def _check_cloud(context: Context) -> None:
    """Clouds of their own have other addresses for everything, and the runtime knows those of the public one."""
    region = context.options.region
    if region.startswith(names.SOVEREIGN):
        message = f"`{region}` lies in a cloud of its own, whose addresses the runtime does not know"
        context.error("MG301", message, (*WHERE, "region"), hint="a region of the public cloud, such as `westeurope`")
    else:
        check_listed(context, "region of Azure", region, (*WHERE, "region"), listed(REGIONS))


def _check_text(context: Context) -> None:
    """Texts that stand in files as they are: Azure ML must not take a part of them for an expression."""
    plan = context.plan
    check_text(context, plan.description, ("description",))
    check_text(context, plan.owner or "", ("owner",))
    for key, value in plan.tags:
        check_text(context, f"{key}\n{value}", ("tags", key))
    for parameter in plan.parameters:
        check_text(context, parameter.description, (*parameter.origin, "description"))


def _check_when(context: Context) -> None:
    """What reads an output that `when` may leave unwritten is told of: its container starts all the same."""
    for step in context.plan.steps:
        if step.when is None:
            continue
        readers = [other.name for other in context.plan.steps if step.name in reads_from(other)]
        more = f", and with it {', '.join(f'`{name}`' for name in readers)}" if readers else ""
        message = (
            f"Azure ML starts `{step.name}` even when it is to be skipped; the launcher then ends it at once{more}"
        )
        context.note(message, (*step.origin, "when"))


def _check_gates(context: Context) -> None:
    """Gates that fail a run do so in the registration: one that is skipped reads none."""
    for step in context.plan.steps:
        if isinstance(step, Register) and step.when is not None and step.on_gate_failure == "fail":
            message = "a run fails in the registration, which reads the gates, and which `when` may skip"
            hint = "`on_gate_failure: stop`, or take `registry.when` away"
            context.error("MG301", message, ("registry", "when"), hint=hint)
