"""Judges a bundle with azure-ai-ml itself: `python outside.py BUNDLE`, in an environment that has that library.

Each file is loaded by its schema, validated where the library validates offline, turned into the body that would be
sent, and that body is held against the library's own models of the service. Nothing is sent: there is no network here.
Every finding is one line of JSON: code, message, file, at, hint. Stands alone: the library and Python's own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import enum
import json
import logging
import re
import socket
import sys
import typing
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Finding = dict[str, str]
Where = tuple[str, ...]

KINDS = {
    **dict.fromkeys(("pipelineJob", "commandJob", "sweepJob"), "job"),
    **dict.fromkeys(("amlCompute", "computeInstance"), "compute"),
    "commandComponent": "component",
    **{kind: kind for kind in ("environment", "data", "schedule")},
    **{f"managed{kind.title().replace('_', '')}": kind for kind in ("online_endpoint", "online_deployment")},
}
MODELS = {
    "job": "JobBase", "component": "ComponentVersion", "environment": "EnvironmentVersion",
    "data": "DataVersionBase", "compute": "ComputeResource", "schedule": "Schedule",
    "online_endpoint": "OnlineEndpoint", "online_deployment": "OnlineDeployment",
}  # fmt: skip
_SCHEMA = re.compile(r"""^\$schema:\s*["']?\S*?/(\w+)\.schema\.json["']?\s*$""", re.MULTILINE)
_LONGEST = 600
"""Characters of a message: alternatives of a value can go on for pages."""
_CODES = (
    ("Unknown field", "MG430"),
    ("Missing data for required field", "MG432"),
    ("not provided", "MG432"),
    ("not in set", "MG433"),
    ("Must be one of", "MG433"),
    ("Not a valid", "MG431"),
    ("Invalid input type", "MG431"),
)


def main(bundle: Path) -> None:
    """Prints every finding of every file of a bundle."""
    stdout = sys.stdout
    _no_network()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    # The library says what is experimental wherever it can.
    with contextlib.redirect_stdout(sys.stderr):
        for finding in judge(bundle):
            stdout.write(json.dumps(finding, ensure_ascii=False) + "\n")


def judge(bundle: Path) -> Iterator[Finding]:
    """Every finding of every file of a bundle."""
    images = [path.parent for path in bundle.rglob("Dockerfile*")]
    load = loaders()
    for path in sorted(p for p in bundle.rglob("*") if p.suffix in (".yml", ".yaml") and p.is_file()):
        kind = None if any(folder in path.parents for folder in images) else kind_of(path)
        if kind is None:
            continue
        for code, message, where in _read(path, kind, load[kind]):
            pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in where)
            yield {"code": code, "message": message, "file": path.relative_to(bundle).as_posix(), "at": pointer}


def kind_of(path: Path) -> str | None:
    """What a file says it is, None where it says nothing that is read here."""
    match = _SCHEMA.search(path.read_text(encoding="utf-8", errors="replace"))
    return KINDS.get(match[1]) if match else None


def loaders() -> dict[str, Callable[[Path], Any]]:
    """The function of the library that reads each kind of file."""
    import azure.ai.ml as library
    from azure.ai.ml.entities import _load_functions

    return {kind: getattr(library, f"load_{kind}", None) or getattr(_load_functions, f"load_{kind}") for kind in MODELS}


def _read(path: Path, kind: str, load: Callable[[Path], Any]) -> Iterator[tuple[str, str, Where]]:
    import yaml

    data = None
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        entity = load(path)
    except Exception as wrong:  # noqa: BLE001 — whatever the library raises is what it has to say
        yield from _messages(wrong, data)
        return
    yield from _validated(entity, data)
    try:
        body = rest_of(entity)
    except Exception as wrong:  # noqa: BLE001 — as above
        yield "MG441", f"azure-ai-ml cannot send this: {_first_line(wrong)}", ()
        return
    for message, _ in typed(MODELS[kind], body):
        yield "MG441", message, ()


def _messages(wrong: Exception, data: Any) -> Iterator[tuple[str, str, Where]]:
    """What an exception says, place by place where it knows places."""
    for error in (wrong.__cause__ or wrong.__context__, wrong):
        messages = getattr(error, "messages", None)
        if isinstance(messages, dict):
            for where, message in _flat(messages, ()):
                yield _code(message), message, _place(where, data)
            return
    for where, message in _written(str(wrong)) or [((), _first_line(wrong))]:
        yield _code(message), message, _place(where, data)


def _written(text: str) -> list[tuple[Where, str]]:
    """The messages that an exception has put into its text as JSON, some of them into a text inside of that."""
    start, end = text.find("{"), text.rfind("}")
    try:
        read = json.loads(text[start : end + 1])
    except ValueError:
        return []
    if not isinstance(read, dict) or "errors" not in read:
        return list(_flat(read, ()))
    texts: list[tuple[Where, str]] = []
    for error in read["errors"]:
        message, where = str(error.get("message")), tuple(str(error.get("path") or "").split("."))
        texts += _written(message) or [(where, " ".join(message.split())[:_LONGEST])]
    return texts


def _flat(messages: Any, where: Where) -> Iterator[tuple[Where, str]]:
    """Each message of a tree of them, with the keys that lead to it."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flat(inner, where if key == "_schema" else (*where, str(key)))
    elif isinstance(messages, list):
        # Alternatives of one value: each says why it is none of them.
        texts = [text for inner in messages for _, text in _flat(inner, where)]
        yield where, "; ".join(dict.fromkeys(texts))[:_LONGEST]
    else:
        yield where, " ".join(str(messages).split())


def _place(where: Where, data: Any) -> Where:
    """The keys that lead somewhere in the file: the library puts words of its own between them."""
    parts: list[str] = []
    for key in where:
        if isinstance(data, dict) and key in data:
            data = data[key]
        elif isinstance(data, list) and key.isdecimal() and int(key) < len(data):
            data = data[int(key)]
        else:
            continue
        parts.append(key)
    return tuple(parts)


def _validated(entity: Any, data: Any) -> Iterator[tuple[str, str, Where]]:
    if not hasattr(entity, "_validate"):
        return
    try:
        result = entity._validate()  # noqa: SLF001 — the library's client calls the same before it sends
    except Exception as wrong:  # noqa: BLE001 — what it raises is what it has to say
        yield _code(str(wrong)), _first_line(wrong), ()
        return
    for error in result._to_dict().get("errors", ()) if result else ():  # noqa: SLF001
        message = str(error.get("message"))
        where = tuple(re.sub(r"\[(\d+)\]", r".\1", str(error.get("path") or "")).split("."))
        yield _code(message), message, _place(where, data)


def _code(message: str) -> str:
    return next((code for words, code in _CODES if words in message), "MG441")


def _first_line(wrong: Exception) -> str:
    lines = [line.strip() for line in str(wrong).splitlines() if line.strip()]
    return (lines or [type(wrong).__name__])[0][:_LONGEST]


def rest_of(entity: Any) -> Any:
    """The body that would be sent, as plain data; a component written beside it stands as a reference."""
    known = getattr(entity, "_to_job", lambda: entity)()
    region = ("westeurope",) if hasattr(known, "auth_mode") or hasattr(known, "endpoint_name") else ()
    sent = getattr(known, "_to_rest_online_endpoint" if hasattr(known, "auth_mode") else "_to_rest_object")(*region)
    return json.loads(json.dumps(sent.as_dict() if hasattr(sent, "as_dict") else sent, default=_spelled))


def _spelled(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.as_dict() if hasattr(value, "as_dict") else f"azureml:{type(value).__name__}"


def typed(name: str, body: Any) -> Iterator[tuple[str, Where]]:
    """What of a body is unknown to the library's model of the service, or of another type."""
    from azure.ai.ml._restclient.arm_ml_service import models

    yield from _Typed(models).walk(getattr(models, name), body, ())


class _Typed:
    """Walks a body along the library's models."""

    def __init__(self, models: Any) -> None:
        self.models = models
        self.names = {**vars(typing), "_models": models, "datetime": dt, "_types": None}

    def walk(self, model: Any, body: Any, where: Where) -> Iterator[tuple[str, Where]]:
        model = self.chosen(model, body)
        hints: dict[str, Any] = {}
        for base in reversed(model.__mro__):
            hints.update(getattr(base, "__annotations__", {}))
        fields = {field._rest_name: name for name, field in model._attr_to_rest_field.items()}  # noqa: SLF001
        for key, value in body.items():
            if key not in fields:
                yield f"the service knows no `{key}` in {model.__name__}", (*where, key)
            else:
                yield from self.value(hints.get(fields[key]), value, (*where, key))

    def chosen(self, model: Any, body: Any) -> Any:
        """The model that the body's own discriminator names."""
        model.__new__(model)  # fields are known once one was made
        while getattr(model, "__mapping__", None):
            fields = model._attr_to_rest_field.values()  # noqa: SLF001
            key = next((f._rest_name for f in fields if getattr(f, "_is_discriminator", False)), None)  # noqa: SLF001
            inner = model.__mapping__.get(body.get(key)) if key else None
            if inner is None or inner is model:
                break
            model = inner
            model.__new__(model)
        return model

    def resolved(self, hint: Any) -> Any:
        if isinstance(hint, typing.ForwardRef):
            hint = hint.__forward_arg__
        if isinstance(hint, str):
            try:
                return eval(hint, dict(self.names))  # noqa: S307 — an annotation of the library, no text of a bundle
            except (NameError, AttributeError, TypeError):
                return None
        return hint

    def value(self, hint: Any, value: Any, where: Where) -> Iterator[tuple[str, Where]]:
        hint = self.resolved(hint)
        origin = typing.get_origin(hint)
        args = [self.resolved(arg) for arg in typing.get_args(hint)]
        if hint is None or value is None:
            return
        if origin is typing.Union:
            yield from self.union([arg for arg in args if arg is not type(None)], value, where)
        elif origin is dict and isinstance(value, dict):
            for key, inner in value.items():
                yield from self.value(args[1], inner, (*where, key))
        elif origin is list and isinstance(value, list):
            for i, inner in enumerate(value):
                yield from self.value(args[0], inner, (*where, str(i)))
        elif hasattr(hint, "_attr_to_rest_field") and isinstance(value, dict):
            yield from self.walk(hint, value, where)
        elif hint in (str, int, float, bool) and not _is(hint, value):
            yield f"`{'.'.join(where)}` is sent as {type(value).__name__}, and must be {hint.__name__}", where

    def union(self, args: list[Any], value: Any, where: Where) -> Iterator[tuple[str, Where]]:
        words = [arg for arg in args if isinstance(arg, type) and issubclass(arg, enum.Enum)]
        if words and isinstance(value, str):
            # The service takes any capitals, and the library sends its own.
            if value.lower() not in [word.value.lower() for word in words[0]]:
                yield f"`{'.'.join(where)}` cannot be `{value}`", where
        elif args:
            yield from self.value(args[0], value, where)


def _is(hint: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, int | float) if hint is float else isinstance(value, hint)


def _no_network() -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        message = "a judge asks nobody"
        raise OSError(message)

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse


if __name__ == "__main__":
    main(Path(sys.argv[1]))
