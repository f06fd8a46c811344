"""Events that start runs: Event Grid tells a Logic App, which starts the job that a schedule keeps.

The Logic App holds no secret: it calls Azure with an identity of its own, which may start runs and nothing else.
What it starts is read from the schedule, so a changed pipeline needs no change here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.plan.steps import OnNewData
from mlopsgen.targets.azureml.context import Context
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
    resources = [*_new_data(context, parameters), *(_ended(context) if handler is not None else ())]
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
        yield from _workflow(context, trigger.name, condition=ARRIVED, sets_run=False)
        yield _blob_subscription(f"{context.plan.name}-{trigger.name}", f"parameters('{name}')", begins)


def _text(container: str | None) -> str:
    return f"'{container}'" if container else "parameters('container')"


def _blob_subscription(workflow: str, account: str, begins: str) -> Expression:
    """A subscription lies where the account lies, and that may be another group than the Logic App's."""
    filters = {
        "includedEventTypes": [CREATED],
        "subjectBeginsWith": "[parameters('begins')]",
        "advancedFilters": [{"operatorType": "StringIn", "key": "data.api", "values": list(WHOLE_FILE)}],
    }
    subscription = _subscription(workflow, "parameters('account')", "parameters('endpoint')", filters)
    return nested(
        f"{workflow}-events",
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


def _ended(context: Context) -> Iterator[Expression]:
    """Runs of the product's experiment that have ended.

    One that failed is a change of its status; one that was cancelled is no event at all (how-to-use-event-grid).
    """
    failed = "equals(toLower(string(triggerBody()?[0]?['data']?['runStatus'])), 'failed')"
    condition = f"@or(equals(triggerBody()?[0]?['eventType'], '{COMPLETED}'), {failed})"
    yield from _workflow(context, HANDLER, condition=condition, sets_run=_reads_run(context))
    values = [context.plan.tracking.experiment]
    filters = [
        {"operatorType": "StringIn", "key": "data.experimentName", "values": values},
        {"operatorType": "StringIn", "key": "data.runType", "values": ["azureml.PipelineRun"]},
    ]
    workflow = f"{context.plan.name}-{HANDLER}"
    ended = {"includedEventTypes": [COMPLETED, CHANGED], "advancedFilters": filters}
    after = {"dependsOn": [f"[resourceId('Microsoft.Logic/workflows', '{workflow}')]"]}
    yield {**_subscription(workflow, WORKSPACE_ID, _callback(workflow), ended), **after}


def _reads_run(context: Context) -> bool:
    from mlopsgen.spec.values import RunFact, Text

    always = [job for job in context.jobs.values() if job.always]
    values = [param.value for job in always for param in job.params]
    parts = [part for value in values for part in (value.parts if isinstance(value, Text) else (value,))]
    return any(isinstance(part, RunFact) and part.name == "run.id" for part in parts)


def _workflow(context: Context, name: str, *, condition: str, sets_run: bool) -> Iterator[Expression]:
    """A Logic App and its right to start runs."""
    workflow = f"{context.plan.name}-{name}"
    role = starting_role(context)
    resource = f"resourceId('Microsoft.Logic/workflows', '{workflow}')"
    yield {
        "type": "Microsoft.Logic/workflows",
        "apiVersion": "2019-05-01",
        "name": workflow,
        "location": context.home.region,
        "tags": arm_tags(context.tags),
        "identity": {"type": "SystemAssigned"},
        "properties": {"state": "Enabled", "definition": _definition(context, name, condition, sets_run=sets_run)},
    }
    yield grant(
        f"{workflow}-start",
        resource=WORKSPACE_ID,
        role=f"[{role_guid(role)}]",
        principal=f"reference({resource}, '2019-05-01', 'full').identity.principalId",
        after=(resource,) if starts_by_hand(context) else (resource, role_id(role)),
    )


def _definition(context: Context, name: str, condition: str, *, sets_run: bool) -> Expression:
    answer = {
        "type": "Response",
        "kind": "Http",
        "inputs": {"statusCode": 200, "body": {"validationResponse": "@triggerBody()?[0]?['data']?['validationCode']"}},
    }
    start = _start(context, name, sets_run=sets_run)
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


def _start(context: Context, name: str, *, sets_run: bool) -> Expression:
    schedule = schedule_name(context, name)
    kept = "body('read_the_job')?['properties']?['action']?['jobDefinition']"
    run = "addProperty(json('{\"jobInputType\": \"literal\"}'), 'value', triggerBody()?[0]?['data']?['runId'])"
    message = f"setProperty({kept}, 'inputs', setProperty({kept}?['inputs'], '{RUN_ID}', {run}))"
    return {
        "read_the_job": {"type": "Http", "inputs": _call("GET", f"/schedules/{schedule}?api-version={API}')]")},
        "start_a_run": {
            "type": "Http",
            "runAfter": {"read_the_job": ["Succeeded"]},
            "inputs": {
                # The event's id names the job: an event that comes twice starts one run.
                **_call("PUT", f"/jobs/{schedule}-@{{triggerBody()?[0]?[''id'']}}?api-version={API}')]"),
                "body": {"properties": f"@{message if sets_run else kept}"},
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


def _subscription(workflow: str, scope: str, endpoint: str, filters: Expression) -> Expression:
    return {
        "type": "Microsoft.EventGrid/eventSubscriptions",
        "apiVersion": "2022-06-15",
        "name": workflow,
        "scope": f"[{scope}]",
        "properties": {
            "destination": {"endpointType": "WebHook", "properties": {"endpointUrl": f"[{endpoint}]"}},
            "filter": filters,
            "retryPolicy": {"maxDeliveryAttempts": 10, "eventTimeToLiveInMinutes": 1440},
        },
    }
