"""Registers a new version of a model.

register --registry=URI --name=MODEL --model=DIR [--metrics=DIR] [--gate=DIR] [--figure=DIR]…
         [--approval=automatic|manual] [--card=FILE|JSON] [--version-of-data=TEXT] [--data=DIR]
         [--code-digest=TEXT] [--run=ID] [--settings=JSON] [--out=DIR]

In files and object stores <registry>/<model>/versions/<n>/ holds model/, figures/ and version.json;
champion.json names the version in use. Other registries keep the same under their own names. The
champion moves when the approval is automatic and the gates held. When the gates did not hold, what
--on-failure said decides: stop registers nothing and ends well, fail ends with exit code 1, register
adds a version that is never approved. --out gets the version.json of what was registered.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .files import copy_folder, digest_of, read_json, read_metrics, write_json
from .flags import Flags, read_flags
from .platforms import open_registrar
from .platforms.api import Registrar
from .problems import Failed, Usage

SINGLE = (
    *("registry", "name", "model", "metrics", "gate", "approval", "card"),
    *("version-of-data", "data", "code-digest", "run", "settings", "out"),
)


def run(argv: Sequence[str]) -> int:
    """Adds the version whole, or not at all."""
    flags = read_flags("register", argv, single=SINGLE, repeated=("figure",))
    registry = _registry(flags)
    gate = _gate(flags.maybe_folder("gate"))
    if not gate.get("passed", True) and gate.get("on_failure") != "register":
        return _refuse(gate)
    about = _about(flags, gate)
    approved = about["status"] == "approved"
    number = registry.add(
        lambda folder, new: _fill(flags, about, folder, new), becomes_champion=approved, **_settings(flags)
    )
    out = flags.maybe_folder("out")
    if out is not None:
        write_json(out / "version.json", {"version": number, **about})
    print(f"{flags.one('name')} version {number} is registered, {_SAID[about['status']]}")
    return 0


_SAID = {
    "approved": "and is the champion now",
    "pending": "and waits for approval",
    "rejected": "but never approved: the gates did not hold",
}


def _settings(flags: Flags) -> dict[str, Any]:
    """What one platform's registry keeps beside all that every registry does."""
    said = flags.maybe("settings")
    if said is None:
        return {}
    try:
        return {"settings": json.loads(said)}
    except ValueError:
        raise Usage("--settings of register is no JSON") from None


def _registry(flags: Flags) -> Registrar:
    uri, name = flags.one("registry"), flags.one("name")
    if "/" in name or name.startswith("."):
        raise Usage(f"`{name}` is not a model's name")
    return open_registrar(uri, name)


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
        raise Failed(f"nothing is registered: {why}")
    print(f"nothing is registered: {why}")
    return 0


def _about(flags: Flags, gate: Mapping[str, Any]) -> dict[str, Any]:
    """Everything version.json says beside its number."""
    approval = flags.choice("approval", ("automatic", "manual"), "automatic")
    metrics, data = (flags.maybe_folder(name) for name in ("metrics", "data"))
    status = "approved" if approval == "automatic" else "pending"
    return {
        "model": flags.one("name"),
        "status": status if gate.get("passed", True) else "rejected",
        "approval": approval,
        "metrics": read_metrics(metrics) if metrics is not None else {},
        "gate": {name: gate[name] for name in ("passed", "reasons", "gates", "on_failure") if name in gate},
        "lineage": {
            "data_version": flags.maybe("version-of-data"),
            "data_digest": digest_of(data) if data is not None else None,
            "code_digest": flags.maybe("code-digest"),
            "run": flags.maybe("run"),
        },
        "model_digest": digest_of(flags.folder("model")),
        "card": _card(flags.maybe("card")),
    }


def _card(said: str | None) -> Any:
    """The model card: a file of JSON, or the JSON itself where a platform has no file to mount."""
    if said is None:
        return {}
    if not said.startswith("{"):
        return read_json(Path(said))
    try:
        return json.loads(said)
    except ValueError:
        raise Usage("--card of register is neither a file nor JSON") from None


def _fill(flags: Flags, about: Mapping[str, Any], folder: Path, number: int) -> None:
    model = flags.folder("model")
    if not model.is_dir() or not any(model.iterdir()):
        raise Failed(f"{model} holds no model, so there is nothing to register")
    copy_folder(model, folder / "model")
    for figure in map(Path, flags.many("figure")):
        for path in sorted(figure.iterdir()):
            (folder / "figures").mkdir(exist_ok=True)
            shutil.copyfile(path, folder / "figures" / path.name)
    write_json(folder / "version.json", {"version": number, **about})
