"""Has Kubernetes do a part of a step: makes an object, waits until it has ended, and deletes it.

cluster --object=FILE [--set=POINTER=TEXT]… [--timeout=SECONDS] [--every=SECONDS]
        [--best=FILE] [--load=DIR=URI]… [--may-fail=true|false]

The file holds, as JSON, an Experiment of Katib or a TrainJob of Kubeflow Trainer. Its metadata.name is a stem: each run
gets a name of its own. --set puts a text where the JSON pointer says: what only the run knows. --best gets
the best trial's params as a JSON object of texts. --load brings what the object's pods left under an address.
An object that --may-fail tells its failure, and no more; its folders may stay empty.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .files import read_json, write_whole
from .flags import Flags, read_flags, truth
from .kubernetes import Cluster
from .problems import Failed, Usage
from .remote import load
from .stopping import stopped_when_told

ENDED: Mapping[str, tuple[str, str]] = {"Experiment": ("Succeeded", "Failed"), "TrainJob": ("Complete", "Failed")}
"""Kind → the conditions that say it has ended, well and not."""


def run(argv: Sequence[str]) -> int:
    """Makes the object, waits for its end, hands on what it found, and leaves nothing behind."""
    flags = read_flags(
        "cluster", argv, single=("object", "timeout", "every", "best", "may-fail"), repeated=("set", "load")
    )
    wanted = named(_filled(flags))
    cluster, may_fail = Cluster(), truth("may-fail", flags.maybe("may-fail") or "false")
    try:
        with stopped_when_told(), _made(cluster, wanted):
            ended = _wait(cluster, wanted, flags)
    except Unsuccessful as problem:
        if not may_fail:
            raise
        print(problem, flush=True)
        ended = {}
    best = flags.maybe_folder("best")
    if best is not None:
        write_whole(best, json.dumps(_best(ended), ensure_ascii=False).encode())
    for asked in flags.many("load"):
        load(asked, empty=may_fail)
    return 0


class Unsuccessful(Failed):
    """The object has ended, and not well."""


def named(wanted: dict[str, Any]) -> dict[str, Any]:
    """The object under a name of its own, which goes when the pod goes that made it."""
    about = wanted["metadata"]
    about["name"] = f"{about['name']}-{secrets.token_hex(4)}"
    pod, uid = os.environ.get("KFP_POD_NAME"), os.environ.get("KFP_POD_UID")
    if pod and uid:
        about["ownerReferences"] = [{"apiVersion": "v1", "kind": "Pod", "name": pod, "uid": uid}]
    return wanted


def _filled(flags: Flags) -> dict[str, Any]:
    wanted = read_json(flags.folder("object"))
    if not isinstance(wanted, dict) or wanted.get("kind") not in ENDED:
        raise Usage(f"--object of cluster must hold one of {', '.join(ENDED)}")
    for asked in flags.many("set"):
        pointer, equals, text = asked.partition("=")
        if not equals:
            raise Usage("--set takes POINTER=TEXT")
        # Katib joins a trial's words for `sh -c`, so each is one that a shell reads as it is; numbers stay as they are.
        _put(wanted, pointer, shlex.quote(text) if wanted["kind"] == "Experiment" else text)
    if wanted["kind"] == "Experiment":
        _bound(wanted["spec"])
    return wanted


def _bound(spec: dict[str, Any]) -> None:
    """Katib refuses more at once, or more failures, than there are trials: a run may have asked for few."""
    for key in ("parallelTrialCount", "maxFailedTrialCount"):
        if key in spec:
            spec[key] = min(spec[key], spec.get("maxTrialCount", spec[key]))


def _put(wanted: Any, pointer: str, text: str) -> None:
    *path, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    try:
        for part in path:
            wanted = wanted[int(part)] if isinstance(wanted, list) else wanted[part]
        if isinstance(wanted, list):
            wanted[int(last)] = _as_it_was(wanted[int(last)], text)
        else:
            wanted[last] = _as_it_was(wanted[last], text)
    except (KeyError, IndexError, ValueError, TypeError):
        raise Usage(f"--set names {pointer}, which the object does not have, or cannot hold `{text}`") from None


def _as_it_was(before: object, text: str) -> object:
    """Numbers stay numbers: the API takes no text for a count. Text stays text: nobody expands what a run says."""
    if isinstance(before, int) and not isinstance(before, bool):
        return int(float(text))
    if "${trial" in text:
        raise ValueError(text)
    return text.replace("$", "$$")


@contextmanager
def _made(cluster: Cluster, wanted: Mapping[str, Any]) -> Iterator[None]:
    kind, name = wanted["kind"], wanted["metadata"]["name"]
    cluster.create(wanted)
    print(f"{kind} {name} is made", flush=True)
    try:
        yield
    finally:
        cluster.delete(wanted)
        print(f"{kind} {name} is deleted", flush=True)


def _wait(cluster: Cluster, wanted: Mapping[str, Any], flags: Flags) -> Mapping[str, Any]:
    """The object when it has ended well."""
    well, badly = ENDED[wanted["kind"]]
    name, every = f"{wanted['kind']} {wanted['metadata']['name']}", flags.count("every", 10)
    limit = flags.count("timeout", 0) if flags.maybe("timeout") else None
    started, shown = time.monotonic(), ""
    while True:
        found = cluster.read(wanted)
        true = {c["type"]: c for c in found.get("status", {}).get("conditions") or () if c.get("status") == "True"}
        if badly in true:
            raise Unsuccessful(
                f"{name} failed: {true[badly].get('message') or true[badly].get('reason') or 'no reason given'}"
            )
        if well in true:
            return found
        shown = _show(found, shown)
        if limit is not None and time.monotonic() - started >= limit:
            if _optimal(found):
                print(f"{name} has not ended after {limit} seconds: the best trial so far is taken", flush=True)
                return found
            raise Failed(f"{name} has not ended after {limit} seconds")
        time.sleep(every)


def _show(found: Mapping[str, Any], shown: str) -> str:
    """Says how many trials there are, each time that it has changed."""
    status = found.get("status", {})
    counts = ("trialsRunning", "trialsSucceeded", "trialsFailed")
    said = ", ".join(f"{status[count]} {count[6:].lower()}" for count in counts if status.get(count))
    if said and said != shown:
        print(f"trials: {said}", flush=True)
    return said


def _optimal(search: Mapping[str, Any]) -> Mapping[str, str]:
    best = search.get("status", {}).get("currentOptimalTrial") or {}
    return {one["name"]: str(one["value"]) for one in best.get("parameterAssignments") or ()}


def _best(ended: Mapping[str, Any]) -> Mapping[str, str]:
    best, found = ended.get("status", {}).get("currentOptimalTrial") or {}, _optimal(ended)
    if not found:
        raise Failed(f"{ended['kind']} {ended['metadata']['name']} has no best trial: none told its metric")
    metrics = ((best.get("observation") or {}).get("metrics")) or ()
    told = ", ".join(f"{metric['name']} {metric.get('latest')}" for metric in metrics)
    print(f"the best trial is {best.get('bestTrialName')}: {told}", flush=True)
    return found
