"""The texts of a spec that are the user's own, and what an emitted file should hold when they are others."""

from __future__ import annotations

import copy
import html
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from markdown_it import MarkdownIt

from mlopsgen.diagnostics import SpecPath

KEY = "<key>"
"""At the end of a path: the name that a value stands under."""
TEXTS: Mapping[str, tuple[str, ...]] = {
    "script": (
        "description", "owner", "tags.domain", "data.sources.trips.columns.id.description",
        "data.sources.trips.columns.city.values.0", "data.sources.trips.columns.churned.values.0",
        "data.sources.zones.version", "evaluation.env.MODE", "governance.encryption.key",
        "parameters.fields.default.0", "parameters.kind.values.1", "parameters.least.description",
        "parameters.note.description", "registry.card.intended_use",
        "steps.again.params.note", "steps.behind.run.2", "steps.clean.env.OMP_NUM_THREADS", "steps.clean.params.run",
        "steps.clean.params.sizes.0", "targets.local.patches.1.merge.team",
        "targets.sagemaker.patches.0.merge.Description", "targets.sagemaker.steps.clean.Environment.A",
        "training.env.SEED", "training.params.word", "training.tuning.search.classifier.choice.0",
        "evaluation.params.threshold",
    ),
    "names": (
        f"tags.spare.{KEY}", f"data.sources.trips.columns.spare.{KEY}", f"registry.card.spare.{KEY}",
        f"targets.sagemaker.steps.clean.Environment.A.{KEY}",
    ),
    "prepared": (
        "data.label", "data.prepare.env.MODE", "data.prepare.params.share", "training.params.folds",
        "steps.tools.run.1",
    ),
    "built-in": ("tracking.backend.mlflow", "steps.note.run.1"),
}  # fmt: skip
"""Spec → where in it a text may stand that nobody else has to know."""


SPEC_OF = {"names": "script"}
"""Whose texts these are, where the name does not say it."""


def path_of(name: str, data: Any) -> SpecPath:
    """A dotted path as the parts that lead to it."""
    path: list[str | int] = []
    for part in name.split("."):
        here: str | int = int(part) if isinstance(data, list) else part
        path.append(here)
        data = None if part == KEY else data[here] if not isinstance(data, dict) or here in data else None
    return tuple(path)


def put(data: Any, texts: Mapping[SpecPath, str]) -> Any:
    """The same spec with other texts in these places."""
    data = copy.deepcopy(data)
    for path, text in texts.items():
        here, last = data, path[-1]
        for part in path[: -2 if last == KEY else -1]:
            here = here[part]
        if last == KEY:
            here[text] = here.pop(path[-2])
        else:
            here[last] = text.replace("${", "$${")
    return data


def read(name: str, content: bytes) -> Any:
    """An emitted file as those who read it see it."""
    text = content.decode()
    if name.endswith(".json"):
        return _joined(json.loads(text))
    if name.endswith((".yaml", ".yml")):
        return yaml.safe_load(text)
    return Page(MarkdownIt("gfm-like", {"linkify": False}).render(text)) if name.endswith(".md") else text


class Page(str):
    """HTML: a text in it is escaped, and white space means nothing."""

    __slots__ = ()


def _joined(node: Any) -> Any:
    """A command over several hyperparameters is one."""
    if isinstance(node, list):
        return [_joined(item) for item in node]
    if not isinstance(node, dict):
        return node
    pieces = "".join(node[key] for key in node if re.fullmatch("mlopsgen_command(_[0-9]+)?", key))
    rest = {key: _joined(item) for key, item in node.items() if not key.startswith("mlopsgen_command")}
    return {**rest, "mlopsgen_command": pieces} if pieces else rest


def expected(node: Any, texts: Mapping[str, str]) -> Any:
    """A document with each mark replaced by its text, in documents inside it too."""
    if isinstance(node, dict):
        return {expected(key, texts): expected(item, texts) for key, item in node.items()}
    if isinstance(node, list):
        return [expected(item, texts) for item in node]
    if isinstance(node, Page):
        return Page(
            _with(node, {mark: html.escape(text, quote=False).replace('"', "&quot;") for mark, text in texts.items()})
        )
    if not isinstance(node, str):
        return node
    return _with(node, texts) if (inner := _document(node)) is None else ("document", expected(inner, texts))


def seen(node: Any, alike: Any) -> Any:
    """A document in the form that `expected` has of its harmless twin."""
    if isinstance(node, dict) and isinstance(alike, dict):
        return {key: seen(item, twin) for (key, item), twin in zip(node.items(), alike.values(), strict=False)}
    if isinstance(node, list) and isinstance(alike, list) and len(node) == len(alike):
        return [seen(item, twin) for item, twin in zip(node, alike, strict=True)]
    inside = isinstance(alike, tuple) and isinstance(node, str) and _document(node)
    return ("document", seen(inside, alike[1])) if inside else node


def _document(text: str) -> Any:
    """The list or map that a text spells, with the flag before it; None for plain text."""
    flag, document = re.fullmatch(r"(--[a-z-]+=)?(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not document.startswith(("{", "[")):
        return None
    try:
        return [flag, json.loads(document)]
    except ValueError:
        return None


def _with(text: str, texts: Mapping[str, str]) -> str:
    for mark, other in texts.items():
        text = text.replace(mark, other)
    return text


def settled(node: Any, *, ordered: bool) -> Any:
    """Without what only counts or names content: digests, white space of a page, the order of names."""
    if isinstance(node, dict):
        return sorted(((settled(k, ordered=ordered), settled(v, ordered=ordered)) for k, v in node.items()), key=repr)
    if isinstance(node, list | tuple):
        items = [settled(item, ordered=ordered) for item in node]
        return items if ordered else sorted(items, key=repr)
    if not isinstance(node, str):
        return node
    text = re.sub(r"\b[0-9a-f]{16,64}\b", "#", node)
    if not isinstance(node, Page):
        return text
    # Blanks mean nothing on a page, and what nobody sees is left out of it.
    shown = "".join(c for c in text if not c.isspace() and unicodedata.category(c)[0] != "C")
    return shown.replace("<p></p>", "")


def opened(node: Any) -> Any:
    """A document with every document inside it, whatever it is about."""
    if isinstance(node, dict):
        return {key: opened(item) for key, item in node.items()}
    if isinstance(node, list):
        return [opened(item) for item in node]
    inside = None if isinstance(node, Page) or not isinstance(node, str) else _document(node)
    return node if inside is None else ("document", opened(inside))


def related(leaf: SpecPath, where: SpecPath) -> bool:
    """Whether a finding is about a text."""
    leaf = leaf[:-2] if leaf[-1] == KEY else leaf
    return bool(where) and (where[: len(leaf)] == leaf or leaf[: len(where)] == where)


def marks(paths: tuple[SpecPath, ...]) -> Iterator[tuple[SpecPath, str]]:
    """A harmless word for every place, none a part of another or of anything else."""
    for number, path in enumerate(paths):
        yield path, f"mark{number:03d}x"
