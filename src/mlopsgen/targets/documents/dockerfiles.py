"""Dockerfiles as judges read them: a document of lines, and what is the same whoever runs the image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Document, Lines, Path


def dockerfiles(root: FilePath) -> Iterator[Document]:
    """Every Dockerfile of a folder as a list of lines, so that findings have a place."""
    for path in sorted(root.rglob("Dockerfile*")):
        if not path.is_file() or path.is_symlink():
            continue
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="replace")
        places: dict[Path, tuple[int, int]] = {}
        offset = 0
        for i, line in enumerate(text.split("\n")):
            places[(i,)] = (offset, offset + len(line))
            offset += len(line) + 1
        yield Document(name, text.split("\n"), Lines.of(name, text), places, size=len(text))


def judge_dockerfile(document: Document, *, why_not_root: str) -> Iterator[Diagnostic]:
    """A Dockerfile starts from a pinned base, and asks for no root (hadolint DL3006, DL3007, DL3002)."""
    lines = [(i, str(line).split()) for i, line in enumerate(document.data)]
    bases = [(i, words) for i, words in lines if words and words[0].upper() == "FROM"]
    users = [(i, words[1]) for i, words in lines if len(words) > 1 and words[0].upper() == "USER"]
    if not bases:
        yield document.finding("MG432", "a Dockerfile starts with FROM")
    elif users and users[-1][1].split(":")[0] in ("root", "0"):
        yield document.finding("MG442", why_not_root, users[-1][:1])
    yield from _bases(document, bases)


def _bases(document: Document, bases: Iterable[tuple[int, list[str]]]) -> Iterator[Diagnostic]:
    stages: set[str] = set()
    for i, words in bases:
        plain = [word for word in words[1:] if not word.startswith("--")]
        base = plain[0] if plain else ""
        name, _, digest = base.partition("@")
        tag = name.rsplit("/", 1)[-1].partition(":")[2]
        if base not in stages and "$" not in base and base != "scratch" and not digest and tag in ("", "latest"):
            yield document.finding("MG445", f"the base `{base}` is not pinned", (i,))
        if len(plain) == 3 and plain[1].upper() == "AS":
            stages.add(plain[2])
