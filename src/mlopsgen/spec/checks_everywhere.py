"""What holds wherever it stands: images that change under their name, and things the language leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic, SpecPath
from mlopsgen.spec.about import walk
from mlopsgen.spec.left_out import left_out
from mlopsgen.spec.model import Model
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.product import Spec

if TYPE_CHECKING:
    from mlopsgen.spec.patches import Patch

_LEFT_OUT = {".ipynb": "notebook", ".sql": "sql"}


def check_everywhere(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about images, commands and patches, in every section."""
    for path, model in walk(spec):
        yield from _images(model, path)
        yield from _command(model, path)
        for number, patch in enumerate(model.patches if isinstance(model, TargetOptions) else ()):
            yield from _patch(patch, (*path, "patches", number))


def _images(model: Model, path: SpecPath) -> Iterator[Diagnostic]:
    for key in ("image", "base"):
        image = getattr(model, key, None)
        if isinstance(image, str) and (why := _floats(image)):
            hint = "name a version that stays, such as `:1.4.2`, or the digest `@sha256:…`"
            yield Diagnostic("MG129", f"image `{image}` {why}: tomorrow's run may be another", (*path, key), hint)


def _floats(image: str) -> str | None:
    """Why an image may change under its name, or None."""
    if re.search(r"@sha256:[0-9a-f]{64}", image):
        return None
    _, _, tag = image.rsplit("/", 1)[-1].partition(":")
    if not tag:
        return "has neither tag nor digest"
    return (
        f"has the tag `{tag}`, which moves"
        if tag in ("latest", "stable", "main", "master", "nightly", "edge")
        else None
    )


def _command(model: Model, path: SpecPath) -> Iterator[Diagnostic]:
    run = getattr(model, "run", None)
    words = (run,) if isinstance(run, str) else run if isinstance(run, tuple) else ()
    for word in words:
        for suffix, what in _LEFT_OUT.items():
            if word.endswith(suffix) and (isinstance(run, str) or what == "notebook") and (found := left_out(what, ())):
                yield Diagnostic(found.code, found.message, (*path, "run"), found.hint)


def _patch(patch: Patch, path: SpecPath) -> Iterator[Diagnostic]:
    said = [key for key in ("merge", "replace", "remove") if getattr(patch, key) not in (None, False)]
    if len(said) != 1:
        given = " and ".join(f"`{key}`" for key in said) or "none of them"
        message = f"a patch does one of `merge`, `replace` and `remove: true`, and this one says {given}"
        yield Diagnostic("MG117" if said else "MG105", message, path, "keep one of them")
