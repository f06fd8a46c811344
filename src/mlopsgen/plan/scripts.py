"""The scripts that steps run, read as Python reads them: whether it can, and which modules they import."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity, Span, SpecPath
from mlopsgen.records import dataclass

_AST = 0x400
"""PyCF_ONLY_AST: the tree alone, without the library that wraps it."""
_LARGEST = 300_000
"""Bytes of Python that are read at most: a script and its modules are soon read, a generated file is not."""
_OPTIONAL = frozenset({"ImportError", "ModuleNotFoundError", "Exception"})


@dataclass(frozen=True, slots=True)
class Script:
    """A script of the code folder, and the field that names it."""

    name: str
    origin: SpecPath


def read_scripts(
    scripts: Iterable[Script], code: Mapping[str, bytes], folder: str, python: str
) -> tuple[Mapping[str, Span], tuple[Diagnostic, ...]]:
    """Modules that are no part of Python or of the code → the first line that imports them; findings of syntax."""
    named = {script.name: script for script in scripts if script.name in code}
    todo, seen, room = list(named), set(named), _LARGEST
    imports: dict[str, Span] = {}
    findings: list[Diagnostic] = []
    while todo:
        name = todo.pop(0)
        room -= len(code[name])
        if room < 0:
            break
        shown = posixpath.normpath(posixpath.join(folder, name))
        try:
            imported = _imported(code[name], shown)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
            if name in named:
                findings.append(_unreadable(shown, wrong, python, named[name].origin))
            continue
        for module, level, line, column in imported:
            local = tuple(_of_the_code(module, level, posixpath.dirname(name), code))
            todo += [one for one in local if one not in seen]
            seen.update(local)
            top = module.split(".")[0]
            if not local and level == 0 and top not in sys.stdlib_module_names and not _is_folder(top, name, code):
                imports.setdefault(module, Span(shown, line, column + 1, line, column + 1 + len("import")))
    return imports, tuple(findings)


def _unreadable(shown: str, wrong: BaseException, python: str, origin: SpecPath) -> Diagnostic:
    later = tuple(map(int, python.split("."))) > sys.version_info[:2]
    why = wrong.msg if isinstance(wrong, SyntaxError) else str(wrong) or type(wrong).__name__
    line = wrong.lineno if isinstance(wrong, SyntaxError) else None
    at = f"line {line}: {why}" if line else why
    message = f"`{shown}` is not Python: {at}"
    if later:
        message = f"`{shown}` cannot be read by Python {sys.version_info[0]}.{sys.version_info[1]}: {at}"
    severity = Severity.WARNING if later else Severity.ERROR
    finding = Diagnostic("MG211", message, origin, "mend it: `python -m py_compile` says the same", severity=severity)
    if not line:
        return finding
    column = getattr(wrong, "offset", None) or 1
    return finding.at(Span(shown, line, max(column, 1), line, max(column, 1) + 1))


@lru_cache(maxsize=256)
def _imported(content: bytes, shown: str) -> tuple[tuple[str, int, int, int], ...]:
    """The imports of a script, as `_imports` has them; products of one code folder share its scripts."""
    return tuple(_imports(compile(content, shown, "exec", _AST, dont_inherit=True).body))


def _imports(body: Iterable[Any]) -> Iterator[tuple[str, int, int, int]]:
    """Each imported module with its level and place; those that a script can do without are left out."""
    for node in body:
        kind = type(node).__name__
        if kind == "Import":
            yield from ((alias.name, 0, node.lineno, node.col_offset) for alias in node.names)
        elif kind == "ImportFrom":
            yield from _imported_from(node)
        elif (kind == "Try" and any(map(_catches_imports, node.handlers))) or (kind == "If" and _for_types(node.test)):
            yield from _imports(node.orelse)
        else:
            for part in ("body", "orelse", "finalbody"):
                inner = getattr(node, part, ())
                yield from _imports(inner if isinstance(inner, list) else ())


def _imported_from(node: Any) -> Iterator[tuple[str, int, int, int]]:
    names = [node.module] if node.module else []
    if node.level or node.module:
        names += [f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names]
    for name in names[: None if node.level else 1]:
        yield name, node.level, node.lineno, node.col_offset


def _catches_imports(handler: Any) -> bool:
    caught = [handler.type, *getattr(handler.type, "elts", ())]
    return handler.type is None or any(getattr(one, "id", None) in _OPTIONAL for one in caught)


def _for_types(test: Any) -> bool:
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def _of_the_code(module: str, level: int, folder: str, code: Mapping[str, bytes]) -> Iterator[str]:
    """The files of the code that an import reads, from the script's folder or the code's own."""
    for _ in range(level - 1):
        folder = posixpath.dirname(folder)
    parts = module.split(".")
    for start in dict.fromkeys((folder,) if level else (folder, "")):
        for length in range(1, len(parts) + 1):
            path = posixpath.join(start, *parts[:length])
            yield from (one for one in (f"{path}.py", f"{path}/__init__.py") if one in code)


def _is_folder(top: str, script: str, code: Mapping[str, bytes]) -> bool:
    """Whether the code has a package of that name without an `__init__.py`, or a module that Python has compiled."""
    starts = {posixpath.join(start, top) for start in ("", posixpath.dirname(script))}
    return any(name.startswith((f"{start}/", f"{start}.")) for name in code for start in starts)
