"""A field of a spec as `mlopsgen explain` prints it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlopsgen.spec.reference import Field, Form, Json

_WIDTH = 110


def page(field: Field) -> str:
    """What it is for, what may stand there, an example, and the keys below it."""
    from mlopsgen.render.encode import json_text

    lines = [".".join(field.path), "", *_wrapped(field.description, ""), "", f"value: {field.values}"]
    if field.default is not None:
        lines.append(f"default: {json_text(field.default, compact=True)}")
    if field.example is not None:
        lines += ["", "For example:", "", *_example(field)]
    for form in field.forms:
        lines += ["", *_form(form, alone=len(field.forms) == 1)]
    return "\n".join(lines)


def unknown(schema: Json, what: str, codes: Iterable[str]) -> str:
    """That nothing has this name, and what was meant."""
    close = _beside(schema, what) or _anywhere(schema, what, codes)
    hint = f"Did you mean `{close}`?" if close else "`mlopsgen explain data` and the like say what there is."
    return f"No field of a spec and no code is `{what}`. {hint}"


def _beside(schema: Json, what: str) -> str | None:
    """The field whose map is known, but which is no key of it."""
    from mlopsgen.nearest import nearest
    from mlopsgen.spec.reference import ANY, field

    *above, _ = words = what.split(".")
    for depth in range(len(above), 0, -1):
        known = field(schema, tuple(words[:depth]))
        if known is not None:
            names = [key.name.removeprefix(f"{ANY}.") for form in known.forms for key in form.keys]
            close = nearest(words[depth], dict.fromkeys(names))
            return close and ".".join((*words[:depth], close))
    return None


def _anywhere(schema: Json, what: str, codes: Iterable[str]) -> str | None:
    """The nearest of all fields and codes; of a last word alone, the field that is named so nearest the top."""
    from mlopsgen.nearest import nearest
    from mlopsgen.spec.reference import paths

    fields = dict.fromkeys(map(".".join, paths(schema)))
    by_last: dict[str, str] = {}
    for name in sorted(fields, key=lambda name: name.count(".")):
        by_last.setdefault(name.rpartition(".")[2], name)
    last = what.rpartition(".")[2]
    return nearest(what, (*fields, *codes)) or by_last.get(last) or by_last.get(nearest(last, by_last) or "")


def _example(field: Field) -> Iterator[str]:
    from mlopsgen.render.encode import yaml_document

    return (f"    {line}" for line in yaml_document(field.example).splitlines())


def _form(form: Form, *, alone: bool) -> Iterator[str]:
    yield "Its keys:" if alone else f"Either: {form.description}"
    for key in form.keys:
        yield f"  {key.name}{' (required)' if key.required else ''}: {key.values}"
        yield from _wrapped(key.description, "      ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
