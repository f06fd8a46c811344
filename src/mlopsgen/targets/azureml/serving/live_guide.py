"""What the README says of a real-time deployment."""

from __future__ import annotations

import json
from typing import Any

from mlopsgen.plan.steps import Register
from mlopsgen.render.tokens import Name, Quoted, RelPath
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.readme import Answering, Autoscaled, Jobs
from mlopsgen.targets.azureml.serving.live import endpoint_identity, rolls_out
from mlopsgen.targets.azureml.serving.live_native import Live


def answering(context: Context, one: Live) -> Answering:
    """Its facts."""
    register = _register(context)
    own = register is not None and rolls_out(one.service, register)
    return Answering(
        name=Name(one.name),
        endpoint=Name(one.endpoint.name),
        endpoint_file=RelPath(one.endpoint.file),
        job=RelPath(one.job.file),
        rollout=RelPath(one.rollout.path),
        blob=Quoted(one.address.partition("/paths/")[2]),
        model=Name(one.service.model),
        version=Name(one.service.version or "1"),
        approved_by_hand=own and register is not None and register.approval == "manual",
        automatic=one.node is not None,
        key=one.endpoint.auth_mode == "key",
        public=one.service.public,
        scaled=Autoscaled.of(one.endpoint.name) if one.scaling else None,
        request=Quoted(json.dumps([_record(context)])),
        jobs=Jobs.of(one.job.experiment_name),
        identity=Name(endpoint_identity(context, one.service)),
    )


def promoted(context: Context) -> bool:
    """Whether the product's own versions become the champion by a rollout."""
    register = _register(context)
    return register is not None and any(rolls_out(one, register) for one in context.lives)


def _register(context: Context) -> Register | None:
    return next((one for one in context.plan.steps if isinstance(one, Register)), None)


def _record(context: Context) -> dict[str, Any]:
    """One record with what the data contract says of it; whoever sends it writes values of their own."""
    contract = json.loads(context.plan.image.contract or b"{}")
    if not contract:
        return {}
    columns = contract["sources"][contract["main"]]["columns"]
    return {name: _example(column) for name, column in columns.items() if name != contract["roles"]["label"]}


_VALUES: dict[str, Any] = {
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "date": "2026-11-30",
    "timestamp": "2026-11-30T03:00:00Z",
}


def _example(column: dict[str, Any]) -> Any:
    values = column["values"] or ()
    return values[0] if values else _VALUES.get(column["type"], "a")
