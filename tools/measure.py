"""`python tools/measure.py`: measures the house and exits with 1 when it has grown beyond its rules.

Sizes of functions and files, public names that say nothing about themselves, work left undone, rooms
that lean on one another, modules that a folder hides, and text that only means something on one machine.
Reads every file that git knows or would take.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[1]
EXPECTED = "tests/golden/"
"""What is emitted is measured by its own judges."""

MEDIAN_OF_FUNCTIONS = 10
LINES_OF_FUNCTION = 40
LINES_OF_FILE = 300
"""No file of the product has more, and no test more that are not prose."""

# One letter of each stands in brackets, so that this file is none of those it finds.
_UNDONE = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")
_PLACES = re.compile(
    "|".join(
        (
            *(re.escape(f"{folder}/") for folder in sorted({str(ROOT), str(Path.home())} - {"/", "/root"})),
            r"(?<![\w.])/(?:home/[a-z]+|Users/[A-Za-z]+)/|site[-]packages/",
            r"p[y]pi\.(?:org|python)|python[h]osted|crates[.]io|registry[.]npmjs|maven[.]org|proxy[.]golang",
        )
    )
)
"""The checkout, whoever runs this, and hosts that tools are fetched from."""

PARTICIPLES = frozenset({"said", "found", "asked", "made", "given", "told", "wanted"})
"""Names that say what happened to a thing, not what it is."""
NAMES_LEFT = 209
"""How many of them there may be; it falls, and never rises."""

ROOMS = ("training", "serving", "monitoring")
"""The concerns of a model's life; each is a sub-folder beside the others (ADR 29)."""

Defined: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """A rule that some line breaks."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file, read once."""

    file: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """All its lines."""
        return self.text.count("\n")

    @property
    def product(self) -> bool:
        """Not a test or an example: what others import and read about."""
        return self.file.startswith(("src/", "tools/", "benchmarks/"))


def main() -> int:
    """Print the table, then every breach."""
    files = list(texts())
    modules = [Module(file, text, ast.parse(text)) for file, text in files if file.endswith(".py")]
    functions = sorted(_length(node) for module in modules for node in _functions(module))
    lengths = sorted(module.lines for module in modules)
    _table(functions, lengths)
    all_breaches = sorted({*breaches(files, modules), *_in_all(functions, lengths)})
    for breach in all_breaches:
        print(breach)
    print(
        f"{len(files)} files read, {len(all_breaches)} breaches"
        if all_breaches
        else f"{len(files)} files read, no breach"
    )
    return 1 if all_breaches else 0


def texts() -> Iterator[tuple[str, str]]:
    """Every text file that git knows or would take, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for file in sorted(set(listed.stdout.decode().split("\0")) - {""}):
        path = ROOT / file
        if not path.is_file() or path.is_symlink():
            continue
        try:
            yield file, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def breaches(files: Sequence[tuple[str, str]], modules: Sequence[Module]) -> Iterator[Breach]:
    """Every rule that some line breaks."""
    for file, text in files:
        yield from _marked(file, text)
    yield from _participles(modules)
    yield from _hidden(modules)
    for module in modules:
        if module.file.startswith(EXPECTED):
            continue
        yield from _too_long(module)
        yield from _undone(module)
        yield from _beside(module)
        if module.product:
            yield from _unsaid(module.file, module.tree)


def _marked(file: str, text: str) -> Iterator[Breach]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := _PLACES.search(line):
            yield Breach(file, number, f"`{match[0]}` is a place of one machine, or a host that tools are fetched from")
        if file.endswith((".py", ".md", ".j2", ".toml")) and (match := _UNDONE.search(line)):
            yield Breach(file, number, f"`{match[0]}`: do it, or open an issue")


def _too_long(module: Module) -> Iterator[Breach]:
    for node in _functions(module):
        if _length(node) > LINES_OF_FUNCTION:
            message = f"`{node.name}` has {_length(node)} lines, more than {LINES_OF_FUNCTION}: it is two functions"
            yield Breach(module.file, node.lineno, message)
    if (lines := module.lines if module.product else len(_code_lines(module))) > LINES_OF_FILE:
        yield Breach(module.file, 1, f"{lines} lines, more than {LINES_OF_FILE}: it is two files")


def _hidden(modules: Sequence[Module]) -> Iterator[Breach]:
    """Modules beside a folder of modules that has their name: one of the two is imported, the other never."""
    folders = {str(folder) for module in modules for folder in Path(module.file).parents}
    for module in modules:
        folder = module.file.removesuffix(".py")
        if folder in folders:
            yield Breach(module.file, 1, f"`{folder}/` beside it has its name: Python imports one of the two")


def _undone(module: Module) -> Iterator[Breach]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Pass):
            yield Breach(module.file, node.lineno, "`pass`: say why nothing is done, or let nothing stand there")
        elif isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield Breach(module.file, node.lineno, f"`{node.id}`: a promise that the type checker cannot hold")


def _beside(module: Module) -> Iterator[Breach]:
    """What a room imports from the room beside it."""
    folders = Path(module.file).with_suffix("").parts
    rooms = [folder for folder in folders[:-1] if folder in ROOMS]
    if not module.file.startswith("src/") or not rooms:
        return
    above = ".".join(folders[1 : folders.index(rooms[0])])
    others = [f"{above}.{room}" for room in ROOMS if room != rooms[0]]
    for node in ast.walk(module.tree):
        for name in _imported(node):
            if any(f"{name}.".startswith(f"{other}.") for other in others):
                line = getattr(node, "lineno", 1)
                yield Breach(module.file, line, f"`{name}` is the room beside: what both need moves up (ADR 29)")


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)


def _unsaid(file: str, tree: ast.Module) -> Iterator[Breach]:
    if not ast.get_docstring(tree) and tree.body:
        yield Breach(file, 1, "the module has no docstring")
    yield from _unsaid_in(file, tree, "")


def _unsaid_in(file: str, parent: ast.Module | ast.ClassDef, name: str) -> Iterator[Breach]:
    for node in parent.body:
        if not isinstance(node, Defined) or node.name.startswith("_"):
            continue
        full = f"{name}{node.name}"
        if not ast.get_docstring(node):
            yield Breach(file, node.lineno, f"`{full}` is public and has no docstring")
        if isinstance(node, ast.ClassDef):
            yield from _unsaid_in(file, node, f"{full}.")


def _participles(modules: Sequence[Module]) -> Iterator[Breach]:
    places = [Breach(module.file, line, name) for module in modules if module.product for line, name in _bound(module)]
    if len(places) > NAMES_LEFT:
        for place in places:
            yield Breach(place.file, place.line, f"`{place.what}`: name the thing, not what happened to it")


def _bound(module: Module) -> Iterator[tuple[int, str]]:
    """The participles that a file is called, or binds: names, parameters, fields, functions, classes, imports."""
    if Path(module.file).stem.strip("_") in PARTICIPLES:
        yield 1, Path(module.file).stem
    for node in ast.walk(module.tree):
        for name in _names_of(node):
            if name.strip("_").lower() in PARTICIPLES:
                yield getattr(node, "lineno", 1), name


def _names_of(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(asname=str() as name) | ast.MatchAs(name=str() as name) | ast.ExceptHandler(name=str() as name):
            return (name,)
        case _:
            return ()


def _in_all(functions: Sequence[int], files: Sequence[int]) -> Iterator[Breach]:
    if median(functions) > MEDIAN_OF_FUNCTIONS:
        yield Breach("", 0, f"half of the functions have more than {MEDIAN_OF_FUNCTIONS} lines")
    if _of_twenty(files) > LINES_OF_FILE:
        yield Breach("", 0, f"one file of twenty has more than {LINES_OF_FILE} lines")


def _functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def _code_lines(module: Module) -> set[int]:
    """The lines of a file that are neither empty nor prose."""
    prose = {n for node in ast.walk(module.tree) if _is_prose(node) for n in _lines_of(node)}
    kept = (
        n for n, line in enumerate(module.text.splitlines(), 1) if line.strip() and not line.lstrip().startswith("#")
    )
    return set(kept) - prose


def _is_prose(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _lines_of(node: ast.AST) -> range:
    first = getattr(node, "lineno", 1)
    return range(first, first + _length(node))


def _table(functions: Sequence[int], files: Sequence[int]) -> None:
    print(f"{'lines of':10}{'how many':>10}{'half have':>11}{'19 of 20':>10}{'longest':>9}")
    for name, lengths in (("functions", functions), ("files", files)):
        print(f"{name:10}{len(lengths):10}{median(lengths):11.0f}{_of_twenty(lengths):10}{lengths[-1]:9}")


def _of_twenty(lengths: Sequence[int]) -> int:
    """The length that nineteen of twenty do not exceed."""
    return sorted(lengths)[int(0.95 * len(lengths))]


if __name__ == "__main__":
    sys.exit(main())
