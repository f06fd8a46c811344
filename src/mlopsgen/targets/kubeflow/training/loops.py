"""Trials of a loop: how long one may take with all its tries, and how many of them one step can be told of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from mlopsgen.plan.steps import Tune
from mlopsgen.spec.values import Ref
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parts import Part, PartArtifact, Reads
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.names import ARGUMENTS
from mlopsgen.targets.kubeflow.storage import Store

ROOT: Final = "minio://mlpipeline/private-artifacts//v2/artifacts"
"""Where an installation keeps what steps hand on when the pipeline says nothing, but for the namespace."""
UUID: Final = 36
NUMBERS: Final = 512
"""Bytes for the numbers of a trial's metrics.json: an artifact's metadata is where they are shown."""
REST: Final = 8_192
"""Bytes for everything else in that word: outputs, params."""


HOUR: Final = 3_600
"""Seconds beside a trial's own: its data are brought, and what it made is taken away."""


def trial_time(job: Tune) -> int | None:
    """The seconds of all tries of one trial, the waits between them, and the way there and back; None: no limit.

    Its launcher ends a try that takes too long, and tells of a failed trial. What ends a pod fails its step, and the
    loop with it, whatever its process says (kubeflow/pipelines, v2/driver/k8s.go, ActiveDeadlineSeconds).
    """
    if not job.timeout:
        return None
    again, wait = (job.retries.attempts, job.retries.backoff) if job.retries else (0, 0)
    return (again + 1) * job.timeout + wait * ((1 << again) - 1) + HOUR


def check_loops(context: Context, facts: Facts, parts: Iterable[Part]) -> None:
    """Reports searches whose best trial could not be picked, since no program can be started with all of them."""
    for part in parts:
        several = {port: read for port, read in part.artifacts.items() if read.is_list}
        job = context.jobs.get(part.step)
        if not several or not isinstance(job, Tune):
            continue
        most = (ARGUMENTS - REST) // (sum(_bytes(facts, port, read) for port, read in several.items()) + NUMBERS)
        count = _count(context, job)
        if count > most:
            context.error(
                "MG306",
                f"{count} trials of `{job.name}` do not fit into the word that tells a step of Kubeflow Pipelines "
                f"what it reads: Linux takes {ARGUMENTS} bytes, some {most} trials",
                (*job.origin, "tuning", "trials"),
                hint=f"{most} `trials` at most (`maximum` of a parameter), or `targets.kubeflow.search: katib`",
            )


def _count(context: Context, job: Tune) -> int:
    if not isinstance(job.trials, Ref):
        return job.trials
    declared = context.parameters[job.trials.name]
    known = declared.maximum if declared.maximum is not None else declared.default
    return int(known) if isinstance(known, int | float) else 0


def _bytes(facts: Facts, port: str, read: Reads) -> int:
    """The bytes of one artifact (kubeflow/pipelines, metadata/converter.go, toRuntimeArtifact)."""
    assert isinstance(read.source, PartArtifact)
    root = facts.storage.runs or f"{ROOT}{facts.options.namespace}"
    some = "0" * UUID
    whole = {
        "metadata": {"display_name": port, "store_session_info": _session(facts.storage.artifacts)},
        "name": "12345678",
        "uri": f"{root}/{facts.plan.name}/{some}/{read.source.part}/{some}/{port}",
    }
    return len(json.dumps(whole)) + 2


def _session(store: Store) -> str:
    """How an artifact's store is opened, which is part of its metadata (kubeflow/pipelines, config/s3.go)."""
    if store.scheme == "gs" or (store.endpoint is None and store.secret is None):
        return json.dumps({"Provider": store.scheme, "Params": {"fromEnv": "true"}})
    secret = store.secret
    params = {
        "endpoint": store.endpoint or "s3.amazonaws.com",
        "region": store.region or "",
        "disableSSL": "false",
        "forcePathStyle": "true",
        "maxRetries": "5",
        "fromEnv": "false",
        **({"secretName": secret.name, "accessKeyKey": secret.access_key} if secret else {}),
        **({"secretKeyKey": secret.secret_key} if secret else {}),
    }
    return json.dumps({"Provider": store.scheme, "Params": params})
