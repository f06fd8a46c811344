"""Events that start runs: Event Grid tells a Logic App, which starts the job that a schedule keeps.

The Logic App holds no secret: it calls Azure with an identity of its own, which may start runs and nothing else.
What it starts is read from the schedule, so a changed pipeline needs no change here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import OnNewData
from mlopsgen.targets.azureml.context import PRODUCT, Context
from mlopsgen.targets.azureml.grants import SCHEMA, grant, nested
from mlopsgen.targets.azureml.names import arm_tags
from mlopsgen.targets.azureml.native import Infrastructure, Pipeline
from mlopsgen.targets.azureml.places import account_of, account_parameter, parameter, store_parameters
from mlopsgen.targets.azureml.roles import definition, role_guid, role_id, starting_role, starts_by_hand
from mlopsgen.targets.azureml.triggers import HANDLER, schedule_name, watched
from mlopsgen.targets.azureml.values import RUN_ID

API = "2024-10-01"
WORKFLOW = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
WORKSPACE_ID = "resourceId('Microsoft.MachineLearningServices/workspaces', parameters('workspace'))"
COMPLETED = "Microsoft.MachineLearningServices.RunCompleted"
CHANGED = "Microsoft.MachineLearningServices.RunStatusChanged"
QUOTE = "'"
CREATED = "Microsoft.Storage.BlobCreated"
ARRIVED = f"@equals(triggerBody()?[0]?['eventType'], '{CREATED}')"
# A data lake raises BlobCreated for the empty file (CreateFile), too, before the one for the whole (FlushWithClose):
# event-grid/event-schema-blob-storage says to filter by the call, and lists those of both kinds of account.
WHOLE_FILE = ("PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit")
Expression = Mapping[str, Any]


def events(context: Context, handler: Pipeline | None) -> Infrastructure | None:
    """The template of everything that an event starts; None where there is no such thing."""
    parameters: dict[str, Any] = {}
    resources = [*_new_data(context, parameters), *(_ended(context, handler) if handler is not None else ())]
    if not resources:
        return None
    workspace = parameter(context.home.workspace, "The workspace, in this resource group")
    role = starting_role(context)
    # Those who may start runs share the role: it is made once, by infra/access.json where people have it.
    own = () if starts_by_hand(context) else (definition(role),)
    return Infrastructure(
        file="infra/events.json",
        description=f"What events start of {context.plan.name}",
        parameters={"workspace": workspace, **parameters},
        variables={},
        resources=(*own, *resources),
        outputs={},
    )


def _new_data(context: Context, parameters: dict[str, Any]) -> Iterator[Expression]:
    for trigger in context.plan.triggers:
        watch = watched(context, trigger) if isinstance(trigger, OnNewData) else None
        if watch is None:
            continue
        account, container, prefix = watch
        if account is None:
            parameters.update(store_parameters(context))
        else:
            parameters[account_parameter(account)] = account_of(account)
        name = account_parameter(account) if account else "storageAccountId"
        blobs = f"'/blobs/{prefix.replace(QUOTE, QUOTE * 2)}'"
        begins = f"concat('/blobServices/default/containers/', {_text(container)}, {blobs})"
        yield from _workflow(context, trigger.name, condition=ARRIVED, start=_start(context, trigger.name))
        yield _blob_subscription(context, trigger.name, f"parameters('{name}')", begins)


def _text(container: str | None) -> str:
    return f"'{container}'" if container else "parameters('container')"


def _blob_subscription(context: Context, name: str, account: str, begins: str) -> Expression:
    """A subscription lies where the account lies, and that may be another group than the Logic App's."""
    workflow = context.home.flow(name)
    filters = {
        "includedEventTypes": [CREATED],
        "subjectBeginsWith": "[parameters('begins')]",
        "advancedFilters": [{"operatorType": "StringIn", "key": "data.api", "values": list(WHOLE_FILE)}],
    }
    subscription = _subscription(context.home.watch(name), "parameters('account')", "parameters('endpoint')", filters)
    return nested(
        f"{context.plan.name}-{name}-events",
        group=account,
        parameters={"account": f"[{account}]", "begins": f"[{begins}]", "endpoint": f"[{_callback(workflow)}]"},
        template={
            "$schema": SCHEMA,
            "contentVersion": "1.0.0.0",
            "parameters": {
                "account": {"type": "string"},
                "begins": {"type": "string"},
                # Whoever knows the address may call it.
                "endpoint": {"type": "secureString"},
            },
            "resources": [subscription],
        },
        after=(f"resourceId('Microsoft.Logic/workflows', '{workflow}')",),
    )


def _ended(context: Context, handler: Pipeline) -> Iterator[Expression]:
    """Runs of the product's experiment that have ended; others may record in it too, so the run is asked whose it is.

    One that failed is a change of its status; one that was cancelled is no event at all (how-to-use-event-grid).
    """
    failed = "equals(toLower(string(triggerBody()?[0]?['data']?['runStatus'])), 'failed')"
    condition = f"@or(equals(triggerBody()?[0]?['eventType'], '{COMPLETED}'), {failed})"
    yield from _workflow(context, HANDLER, condition=condition, start=_start_if_ours(context, handler))
    values = [context.plan.tracking.experiment]
    filters = [
        {"operatorType": "StringIn", "key": "data.experimentName", "values": values},
        {"operatorType": "StringIn", "key": "data.runType", "values": ["azureml.PipelineRun"]},
    ]
    workflow = context.home.flow(HANDLER)
    ended = {"includedEventTypes": [COMPLETED, CHANGED], "advancedFilters": filters}
    after = {"dependsOn": [f"[resourceId('Microsoft.Logic/workflows', '{workflow}')]"]}
    subscription = context.home.handler(HANDLER)
    yield {**_subscription(subscription, WORKSPACE_ID, _callback(workflow), ended), **after}


def _workflow(context: Context, name: str, *, condition: str, start: Expression) -> Iterator[Expression]:
    """A Logic App and its right to start runs."""
    workflow = context.home.flow(name)
    role = starting_role(context)
    resource = f"resourceId('Microsoft.Logic/workflows', '{workflow}')"
    yield {
        "type": "Microsoft.Logic/workflows",
        "apiVersion": "2019-05-01",
        "name": workflow,
        "location": context.home.region,
        "tags": arm_tags(context.tags),
        "identity": {"type": "SystemAssigned"},
        "properties": {"state": "Enabled", "definition": _definition(condition, start)},
    }
    yield grant(
        f"{context.plan.name}-{name}-start",
        resource=WORKSPACE_ID,
        role=f"[{role_guid(role)}]",
        principal=f"reference({resource}, '2019-05-01', 'full').identity.principalId",
        after=(resource,) if starts_by_hand(context) else (resource, role_id(role)),
    )


def _definition(condition: str, start: Expression) -> Expression:
    answer = {
        "type": "Response",
        "kind": "Http",
        "inputs": {"statusCode": 200, "body": {"validationResponse": "@triggerBody()?[0]?['data']?['validationCode']"}},
    }
    return {
        "$schema": WORKFLOW,
        "contentVersion": "1.0.0.0",
        "triggers": {"event": {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}},
        "actions": {
            # Every event is answered, and first: a workflow whose Response is skipped answers 502, for which Event Grid
            # delivers the event again and again, and later ones late (Event Grid documentation, delivery and retry).
            # The first event of all asks whether somebody is there, and the answer has to repeat its code.
            "answer": answer,
            "start": {"type": "If", "expression": condition, "actions": start, "runAfter": {"answer": ["Succeeded"]}},
        },
    }


ENDED = "triggerBody()?[0]?['data']?['runId']"
KEPT = "body('read_the_job')?['properties']?['action']?['jobDefinition']"


def _start_if_ours(context: Context, handler: Pipeline) -> Expression:
    """The exit handler of a run that is the product's, with the values that this run was given."""
    ours = f"@equals(body('read_the_run')?['properties']?['tags']?['{PRODUCT}'], '{context.plan.name}')"
    ended = ENDED.replace(QUOTE, QUOTE * 2)
    start = _start(context, HANDLER, _inputs_of_the_run(handler))
    return {
        "read_the_run": {"type": "Http", "inputs": _call("GET", f"/jobs/@{{{ended}}}?api-version={API}')]")},
        "ours": {"type": "If", "expression": ours, "actions": start, "runAfter": {"read_the_run": ["Succeeded"]}},
    }


def _inputs_of_the_run(handler: Pipeline) -> str | None:
    """The exit handler's inputs as the run that ended had them; None where it reads none."""
    inputs = f"{KEPT}?['inputs']"
    for one in handler.inputs:
        value = (
            f"coalesce(body('read_the_run')?['properties']?['inputs']?['{one.name}'], {KEPT}?['inputs']?['{one.name}'])"
        )
        if one.name == RUN_ID:
            value = f"addProperty(json('{{\"jobInputType\": \"literal\"}}'), 'value', {ENDED})"
        inputs = f"setProperty({inputs}, '{one.name}', {value})"
    return inputs if handler.inputs else None


def _start(context: Context, name: str, inputs: str | None = None) -> Expression:
    schedule = schedule_name(context, name)
    job = f"setProperty({KEPT}, 'inputs', {inputs})" if inputs else KEPT
    return {
        "read_the_job": {"type": "Http", "inputs": _call("GET", f"/schedules/{schedule}?api-version={API}')]")},
        "start_a_run": {
            "type": "Http",
            "runAfter": {"read_the_job": ["Succeeded"]},
            "inputs": {
                # The event's id names the job: an event that comes twice starts one run.
                **_call("PUT", f"/jobs/{schedule}-@{{triggerBody()?[0]?[''id'']}}?api-version={API}')]"),
                "body": {"properties": f"@{job}"},
            },
        },
    }


def _call(method: str, path: str) -> dict[str, Any]:
    return {
        "method": method,
        "uri": f"[concat(environment().resourceManager, substring({WORKSPACE_ID}, 1), '{path}",
        "authentication": {"type": "ManagedServiceIdentity", "audience": "[environment().resourceManager]"},
    }


def _callback(workflow: str) -> str:
    trigger = f"resourceId('Microsoft.Logic/workflows/triggers', '{workflow}', 'event')"
    return f"listCallbackUrl({trigger}, '2019-05-01').value"


def _subscription(name: str, scope: str, endpoint: str, filters: Expression) -> Expression:
    return {
        "type": "Microsoft.EventGrid/eventSubscriptions",
        "apiVersion": "2022-06-15",
        "name": name,
        "scope": f"[{scope}]",
        "properties": {
            "destination": {"endpointType": "WebHook", "properties": {"endpointUrl": f"[{endpoint}]"}},
            "filter": filters,
            "retryPolicy": {"maxDeliveryAttempts": 10, "eventTimeToLiveInMinutes": 1440},
        },
    }
