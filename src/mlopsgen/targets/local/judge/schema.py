"""plan.json against the JSON schema that lies beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.local.judge.placing import span, step_lines
from mlopsgen.targets.local.read import NAME

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

SCHEMA = "plan.schema.json"
_CODES: Mapping[str, str] = {"additionalProperties": "MG430", "type": "MG431", "required": "MG432"}


def by_schema(bundle: Path) -> Iterator[Diagnostic]:
    """Everything in plan.json that its schema does not allow."""
    from jsonschema.exceptions import SchemaError

    missing = [name for name in (SCHEMA, NAME) if not (bundle / name).is_file()]
    if missing:
        yield from (Diagnostic("MG444", f"{name} is missing", span=span(file=name)) for name in missing)
        return
    try:
        validator = validator_of((bundle / SCHEMA).read_bytes())
    except (ValueError, RecursionError, SchemaError) as wrong:
        yield _unreadable(wrong, SCHEMA)
        return
    try:
        yield from against(validator, (bundle / NAME).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as wrong:
        yield _unreadable(wrong, NAME)


@cache
def validator_of(schema: bytes) -> Draft202012Validator:
    """A schema, ready to judge, checked once: that takes longer than its use; raises ValueError or SchemaError."""
    from jsonschema import Draft202012Validator

    read = json.loads(schema)
    Draft202012Validator.check_schema(read)
    return Draft202012Validator(read)


def against(validator: Draft202012Validator, text: str) -> Iterator[Diagnostic]:
    """What a schema finds in the text of a plan.json; raises ValueError when it is no JSON."""
    document = json.loads(text)
    lines = [line for _, line in step_lines(text)]
    for error in validator.iter_errors(document):
        code = _CODES.get(str(error.validator), "MG433")
        yield Diagnostic(code, f"{error.json_path}: {error.message[:200]}", span=span(_line(list(error.path), lines)))


def _unreadable(wrong: Exception, file: str) -> Diagnostic:
    message = "it is nested too deep" if isinstance(wrong, RecursionError) else str(wrong).splitlines()[0]
    return Diagnostic("MG438", f"{file} cannot be read: {message}", span=span(file=file))


def _line(path: list[str | int], lines: list[int]) -> int:
    """The line of the step that a path leads into."""
    if len(path) > 1 and path[0] == "steps" and isinstance(path[1], int) and path[1] < len(lines):
        return lines[path[1]]
    return 1
