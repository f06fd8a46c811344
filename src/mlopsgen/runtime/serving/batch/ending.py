"""Puts a run before its readers, once all of its parts are done: `_SUCCESS` comes last.

append: parts lie in `run=<id>/` from the beginning, and `_SUCCESS` beside them says that all are there.

overwrite: parts wait in `_staged/`. Then the old `_SUCCESS` goes, the new parts come under names of their own, the old
parts go, and the new `_SUCCESS` comes, which names the parts that count. No store can swap many files at once: for
that moment there is no `_SUCCESS`. A reader who takes the parts that `_SUCCESS` names never mixes two runs; a part
that is gone, or a `_SUCCESS` that names another run afterwards, tells it to read again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...platforms import open_store, open_tree
from ...platforms.api import Stored
from ...problems import Failed
from .plan import Plan, Progress, lineage
from .scoring import places_of
from .settings import Settings

SUCCESS = "_SUCCESS"
FORMAT_VERSION = 1


def finished(settings: Settings) -> bool:
    """Whether readers have this run already."""
    body = open_store(_place(settings)).read(SUCCESS).body
    return body is not None and _run_of(body) == settings.run


def end(settings: Settings, plan: Plan, progress: Progress) -> str:
    """Ends the run if all of its parts are done and no other node does it; says what is so now."""
    done = progress.done()
    left = [part for part in plan.parts if part.stem not in done]
    if left:
        return f"the run waits for other nodes: {len(left)} of {len(plan.parts)} parts are not there yet"
    if not _is_mine(settings, progress):
        return "another node ends the run"
    parts = [progress.noted(part.stem) for part in plan.parts]
    facts = _facts(settings, plan, parts)
    _judge(settings, facts)
    parts = [part for part in parts if part["name"]]
    names = _swap(settings, parts) if settings.overwrite else _there(settings, parts)
    facts["parts"] = [{**part, "name": name} for part, name in zip(parts, names, strict=True)]
    _write(settings, facts)
    return _summary(settings, plan, facts)


def _place(settings: Settings) -> str:
    return settings.output if settings.overwrite else places_of(settings)[0]


def _is_mine(settings: Settings, progress: Progress) -> bool:
    """Whether it is this node that ends the run: the first one that saw all parts done, or who stands in for it."""
    if progress.note("ending", {"node": settings.crew.node}):
        return True
    node = progress.noted("ending")["node"]
    return bool((node if node < settings.crew.nodes else 0) == settings.crew.node)


def _facts(settings: Settings, plan: Plan, parts: Sequence[Any]) -> dict[str, Any]:
    """What `_SUCCESS` holds: counts, version and lineage."""
    read, scored, bad = (sum(part[name] for part in parts) for name in ("read", "scored", "bad"))
    letters = places_of(settings)[1] if bad and settings.on_bad == "dead-letter" else None
    return {
        "format_version": FORMAT_VERSION,
        "run": settings.run,
        "name": settings.name,
        "at": plan.at,
        "model": {**plan.version.facts(), "registry": settings.source.registry},
        "records": {"read": read, "scored": scored, "bad": bad},
        "dead_letter": letters,
        "input": {"uri": settings.input, "files": [lineage(entry) for entry in plan.files]},
    }


def _judge(settings: Settings, facts: dict[str, Any]) -> None:
    records = facts["records"]
    share = records["bad"] / max(1, records["read"])
    if settings.max_bad is not None and share > settings.max_bad:
        raise Failed(
            f"{records['bad']} of {records['read']} records are bad, a share of {share:.3g}, and --max-bad allows"
            f" {settings.max_bad:g}: the run gets no {SUCCESS}"
        )


def _there(settings: Settings, parts: Sequence[Any]) -> list[str]:
    """The names of the parts, once all were seen: somebody may have tidied up."""
    names = [str(part["name"]) for part in parts]
    there = {entry.name for entry in open_tree(_place(settings)).entries("part-")}
    _check([name for name in names if name not in there], settings)
    return names


def _check(lost: Sequence[str], settings: Settings) -> None:
    if lost:
        raise Failed(f"{lost[0]} of run {settings.run} is gone from {settings.output}; start a run of another --run-id")


def _swap(settings: Settings, parts: Sequence[Any]) -> list[str]:
    """Puts the parts that wait in the place of the old ones; gives their new names."""
    staged = f"{places_of(settings)[0].removeprefix(settings.output.rstrip('/')).lstrip('/')}"
    tree = open_tree(settings.output)
    new = {part["name"]: _named(part["name"], settings.run) for part in parts}
    waiting = {entry.name for entry in tree.entries(f"{staged}/")}
    there = {entry.name for entry in tree.entries("part-") if "/" not in entry.name}
    lost = [name for name in new if f"{staged}/{name}" not in waiting and new[name] not in there]
    _check(lost, settings)
    tree.remove(SUCCESS)
    for name, to in new.items():
        if f"{staged}/{name}" in waiting:
            tree.move(f"{staged}/{name}", to)
    # What earlier runs have left that never ended is older than what readers have now.
    waiting = {entry.name for entry in tree.entries("_staged/")}
    for name in sorted((there - set(new.values())) | waiting):
        tree.remove(name)
    return list(new.values())


def _named(name: str, run: str) -> str:
    """`part-00000-<run>.csv`: no run's part takes the place of another's."""
    stem, dot, ending = name.partition(".")
    return f"{stem}-{run}{dot}{ending}"


def _write(settings: Settings, facts: dict[str, Any]) -> None:
    store = open_store(_place(settings))
    body = json.dumps(facts, indent=2, ensure_ascii=False).encode() + b"\n"
    seen = store.read(SUCCESS)
    if seen.body is not None and _run_of(seen.body) == settings.run:
        return
    if seen.body is not None or not store.write(SUCCESS, body, Stored(None, seen.mark)):
        raise Failed(f"somebody else has written {_place(settings)}/{SUCCESS} meanwhile")


def _run_of(body: bytes) -> object:
    """The run that `_SUCCESS` is of; other writers leave an empty one."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content.get("run") if isinstance(content, dict) else None


def _summary(settings: Settings, plan: Plan, facts: dict[str, Any]) -> str:
    records = facts["records"]
    if not plan.files:
        return f"there is no file below {settings.input}: {SUCCESS} says zero records"
    bad = f", {records['bad']} of {records['read']} were bad" if records["bad"] else ""
    where = f" ({facts['dead_letter']})" if facts["dead_letter"] else ""
    return f"{records['scored']} records scored by version {plan.version.name}{bad}{where}: {_place(settings)}"
