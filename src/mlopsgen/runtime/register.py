"""Registers a new version in a registry that the runtime itself writes, such as plain files or MLflow.

register --registry=URI --name=MODEL --model=DIR [--metrics=DIR] [--gate=DIR] [--figure=DIR]…
         [--approval=automatic|manual] [--card=FILE|JSON] [--version-of-data=TEXT] [--data=DIR]
         [--code-digest=TEXT] [--run=ID] [--description=TEXT] [--tags=JSON] [--settings=JSON] [--out=DIR]
         [--champion=approval|rollout]

<registry>/<model> is opened by its scheme (platforms). In a registry of files, `versions/<n>/` of that
folder holds model/, figures/ and version.json, and champion.json names the version in use; it moves
when the approval is automatic and the gates held, as an alias does elsewhere. When the gates did not
hold, what --on-failure said decides: stop registers nothing and ends well, fail ends with exit code 1,
register adds a version that is never approved. With --champion=rollout an approved version becomes the
champion when it has been rolled out, and not before. --out gets the version.json of what was registered.
Where the same model of the same code and data is registered already, no second version is.
version.json says when that was (`registered_at`), and in `lineage` which rows the model was trained on: `data_digest`
is of the files of --data, or of those that the built-in trainer read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .around import read_object
from .files import digest_of, read_json, table_digest, write_json
from .flags import Flags, read_flags
from .measured import read_metrics
from .platforms import open_registry
from .platforms.api import Candidate, Writable
from .problems import Failed, GateSaidNo, Usage
from .twins import said_of, twin_of

SINGLE = (
    *("registry", "name", "model", "metrics", "gate", "approval", "card"),
    *("version-of-data", "data", "code-digest", "run", "description", "tags", "settings", "out"),
    "champion",
)


def run(argv: Sequence[str]) -> int:
    """Adds the version whole, or not at all."""
    flags = read_flags("register", argv, single=SINGLE, repeated=("figure",))
    registry = _registry(flags)
    gate = _gate(flags.maybe_folder("gate"))
    if not gate.get("passed", True) and gate.get("on_failure") != "register":
        return _refuse(gate)
    about = _about(flags, gate)
    out = flags.maybe_folder("out")
    if (twin := twin_of(registry, about)) is not None:
        return _unchanged(flags.one("name"), twin, registry, out)
    rolled_out = flags.choice("champion", ("approval", "rollout"), "approval") == "rollout"
    name = registry.register(_candidate(flags, about, rolled_out=rolled_out))
    if out is not None:
        write_json(out / "version.json", {"version": int(name) if name.isdecimal() else name, **about})
    print(f"{flags.one('name')} version {name} is registered, {_said(about, rolled_out=rolled_out)}")
    return 0


def _unchanged(name: str, twin: Mapping[str, Any], registry: Writable, out: Path | None) -> int:
    """A run ends well whose model is registered already."""
    if out is not None:
        write_json(out / "version.json", twin)
    champion = registry.champion()
    is_now = said_of(twin, champion.name if champion else None)
    print(f"nothing new is registered: {name} version {twin['version']} is the same model, code and data, {is_now}")
    return 0


def _said(about: Mapping[str, Any], *, rolled_out: bool) -> str:
    if rolled_out and about["status"] == "approved":
        return "approved, and the champion once it has been rolled out"
    return _SAID[about["status"]]


_SAID = {
    "approved": "and is the champion now",
    "pending": "and waits for approval",
    "rejected": "but never approved: the gates did not hold",
}


def _registry(flags: Flags) -> Writable:
    uri, name = flags.one("registry"), flags.one("name")
    if "/" in name or name.startswith("."):
        raise Usage(f"`{name}` is not a model's name")
    place, query, more = uri.partition("?")
    registry = open_registry(f"{place.rstrip('/')}/{quote(name, safe='')}{query}{more}")
    if not isinstance(registry, Writable):
        raise Usage(f"a step of the platform registers versions at `{uri}`, not this command")
    return registry


def _gate(folder: Path | None) -> Mapping[str, Any]:
    if folder is None:
        return {}
    content = read_json(folder / "gate.json")
    if not isinstance(content, dict) or not isinstance(content.get("passed"), bool):
        raise Failed(f"{folder / 'gate.json'} does not say whether the gates hold")
    return content


def _refuse(gate: Mapping[str, Any]) -> int:
    why = "; ".join(gate.get("reasons", ())) or "the gates do not hold"
    if gate.get("on_failure") == "fail":
        raise GateSaidNo(f"nothing is registered: {why}")
    print(f"nothing is registered: {why}")
    return 0


def _about(flags: Flags, gate: Mapping[str, Any]) -> dict[str, Any]:
    """Everything version.json says beside its number."""
    approval = flags.choice("approval", ("automatic", "manual"), "automatic")
    metrics = flags.maybe_folder("metrics")
    status = "approved" if approval == "automatic" else "pending"
    return {
        "model": flags.one("name"),
        "status": status if gate.get("passed", True) else "rejected",
        "approval": approval,
        "registered_at": _now(),
        "metrics": read_metrics(metrics) if metrics is not None else {},
        "gate": {name: gate[name] for name in ("passed", "reasons", "gates", "on_failure") if name in gate},
        "lineage": {
            "data_version": flags.maybe("version-of-data"),
            "data_digest": _training_digest(flags),
            "code_digest": flags.maybe("code-digest"),
            "run": flags.maybe("run"),
        },
        "model_digest": digest_of(flags.folder("model")),
        "card": _card(flags.maybe("card")),
        **_words(flags),
    }


def _now() -> str:
    """The time of the registration, to the second: of all that a version says, only this is no fact of its run."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _training_digest(flags: Flags) -> str | None:
    """The digest of the rows that the model was trained on: of --data, else as the built-in trainer wrote it down."""
    data, about = flags.maybe_folder("data"), flags.folder("model") / "model.json"
    if data is not None:
        return table_digest(data)
    content = read_json(about) if about.is_file() else None
    digest = content.get("data_digest") if isinstance(content, dict) else None
    return digest if isinstance(digest, str) else None


def _card(said: str | None) -> Any:
    """The model card: a file of JSON, or the JSON itself where a platform has no file to mount."""
    if said is None:
        return {}
    return read_object("card", said) if said.lstrip().startswith("{") else read_json(Path(said))


def _words(flags: Flags) -> dict[str, Any]:
    """What the registry shows beside a version, where the platform has a place for it."""
    tags = flags.maybe("tags")
    said = {"description": flags.maybe("description"), "tags": read_object("tags", tags) if tags else None}
    return {name: value for name, value in said.items() if value is not None}


def _candidate(flags: Flags, about: Mapping[str, Any], *, rolled_out: bool) -> Candidate:
    model = flags.folder("model")
    if not model.is_dir() or not any(model.iterdir()):
        raise Failed(f"{model} holds no model, so there is nothing to register")
    figures = tuple(map(Path, flags.many("figure")))
    settings = _settings(flags.maybe("settings"))
    return Candidate(model=model, figures=figures, about=about, settings=settings, rolled_out=rolled_out)


def _settings(said: str | None) -> Mapping[str, Any]:
    return read_object("settings", said) if said else {}
