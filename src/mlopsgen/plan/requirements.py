"""What pip installs in the image: the lines of a requirements file or of a conda.yml, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Span, SpecError, SpecPath
from mlopsgen.plan.files import Files
from mlopsgen.records import dataclass
from mlopsgen.source import Node, read_yaml

_AT: SpecPath = ("code", "requirements")


@dataclass(frozen=True, slots=True)
class Requirements:
    """The requirements of a project: each line with its place, and the file that has them."""

    path: str
    content: bytes
    lines: Mapping[str, Span | None]
    findings: tuple[Diagnostic, ...]
    """Lines that no image can be built with."""


def requirements_of(files: Files, path: str | None, code: str) -> Requirements | None:
    """The requirements that are named, else those beside the code; None where there are none."""
    if path is None:
        path = f"{code}/requirements.txt".removeprefix("./")
        if not files.exists(path):
            return None
    content = files.read(path, _AT)
    text = _text(content, path)
    written = list(conda_lines(text, path) if path.endswith((".yml", ".yaml")) else _lines(text, path))
    wrong = [finding.at(span) for line, span in written if (finding := _wrong(line, path, span)) is not None]
    return Requirements(path, content, dict(written), tuple(wrong))


def _text(content: bytes, path: str) -> str:
    """The file's text, without the mark that some editors begin a file with."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        message = f"`{path}` is not UTF-8: byte 0x{content[wrong.start]:02x} at offset {wrong.start}"
        raise SpecError([Diagnostic("MG118", message, _AT, hint="save it as UTF-8")]) from wrong


def _wrong(line: str, path: str, span: Span | None) -> Diagnostic | None:
    """What is no package of an index: an option of pip, or a path that the image's build would not find."""
    if not line.isprintable():
        message = f"`{line}` has a line break or another character that cannot be seen, and pip would read it otherwise"
        return Diagnostic("MG117", message, _AT, "write each package on a line of its own, and nothing else")
    if foreign := next((word for word in line.split()[1:] if word.startswith("-") and not _OF_ONE.match(word)), None):
        message = f"pip does not heed `{foreign}` behind a package: `{line}`"
        return Diagnostic("MG117", message, _AT, "an index or another file belongs into your base image (`code.base`)")
    if line.startswith("-"):
        option = line.split("=", maxsplit=1)[0].split(maxsplit=1)[0]
        message = f"line {span.line} of `{path}` has the pip option `{option}`" if span else f"pip option `{option}`"
        hint = "list packages alone: an index or another file belongs into your base image (`code.base`)"
        if option in ("-e", "--editable"):
            hint = "take it out: what lies in the code folder can be imported as it is; else put it into an index"
        return Diagnostic("MG117", message, _AT, hint)
    if not _is_path(line):
        return None
    message = f"`{line}` is a file of this machine, and the image is built without it"
    hint = (
        "name the package and its version, from an index that the build reaches, or install the file in your base "
        "image (`code.base`); a module in the code folder can be imported as it is"
    )
    return Diagnostic("MG117", message, _AT, hint)


_OF_ONE = re.compile("--(hash|global-option|config-settings?)\\b")
"""Options that pip knows of a single package (pip's page on requirements files)."""

_FILE_URL = re.compile(r"(?:^|@\s*|\+)file:", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:whl|tar\.gz|tar\.bz2|tgz|zip)$", re.IGNORECASE)


def _is_path(line: str) -> bool:
    if _FILE_URL.search(line):
        return True
    head = line.split(" ;", maxsplit=1)[0].split("[", maxsplit=1)[0].strip()
    if "://" in head:
        return False
    head = head.rpartition("@")[2].strip()
    return head.startswith((".", "/", "~", "\\")) or "/" in head or "\\" in head or bool(_ARCHIVE.search(head))


def _lines(text: str, path: str) -> Iterator[tuple[str, Span]]:
    for number, line in _joined(text):
        kept = "" if line.startswith("#") else line.split(" #")[0].strip()
        if kept:
            yield kept, Span(path, number, 1, number, len(kept) + 1)


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; one that ends in a backslash goes on in the next."""
    begun: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        begun.append(line.rstrip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            yield number - len(begun) + 1, " ".join(begun)
            begun = []
    if begun:
        yield text.count("\n") + 1, " ".join(begun)


def conda_lines(text: str, path: str) -> Iterator[tuple[str, Span]]:
    """The packages of an environment file, spelled for pip; python itself is `code.python`."""
    try:
        document = read_yaml(text, path).root
    except SpecError as wrong:
        pasted = [finding for finding in wrong.findings if finding.code == "MG115"]
        why = Diagnostic("MG117", f"`{path}` is not an environment file: {wrong}", _AT)
        raise SpecError(pasted or [why.at(wrong.findings[0].span)]) from wrong
    listed = document.child("dependencies")
    if listed is None or not isinstance(listed.value, list):
        raise SpecError([Diagnostic("MG117", f"`{path}` has no list `dependencies`", _AT)])
    for entry in listed.value:
        yield from _entry(entry)


def _entry(entry: Node) -> Iterator[tuple[str, Span]]:
    if isinstance(entry.value, dict):
        by_pip = entry.child("pip")
        for line in by_pip.value if by_pip is not None and isinstance(by_pip.value, list) else ():
            yield _package(line), line.span
        return
    yield from ((line.strip(), entry.span) for line in _of_conda(_package(entry)))


def _package(entry: Node) -> str:
    """An entry as it is written; SpecError for a list, a map or nothing."""
    if isinstance(entry.value, (dict, list)) or entry.value is None:
        message = "an entry of `dependencies` is the name of a package, with its version"
        raise SpecError([Diagnostic("MG117", message, _AT, "write it as `- pandas=2.2`").at(entry.span)])
    return str(entry.value).strip()


def _of_conda(value: Any) -> tuple[str, ...]:
    name = str(value).split("::")[-1]
    if name.split("=")[0].strip() in ("python", "pip"):
        return ()
    head, equals, rest = name.partition("=")
    if not equals or rest.startswith("=") or head.endswith((">", "<", "!", "~")):
        return (name,)
    version = rest.split("=")[0]
    # conda's single `=` means any build and any later part of that version.
    return (f"{head}=={version}.*" if version.count(".") < 2 else f"{head}=={version}",)
