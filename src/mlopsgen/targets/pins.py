"""Requirements of the user that exclude what the runtime needs of the same package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.plan.steps import Image
from mlopsgen.runtime.requirements import TWINS

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet


def project_of(line: str) -> str:
    """The name that a requirement line is about, as package indexes compare names."""
    head = re.split(r"[;\[=<>!~ @]", line, maxsplit=1)[0]
    return head.strip().lower().replace("_", "-").replace(".", "-")


def excluded(image: Image, needed: Mapping[str, str]) -> Iterator[Diagnostic]:
    """A finding for each line of the user with which pip installs a version that a step breaks at.

    `needed` are the runtime's own lines by project: where the user has one for that project, theirs is left out.
    """
    lines = {name: line for project, line in needed.items() for name in (project, *TWINS.get(project, ()))}
    for line, span in image.written.items():
        need = lines.get(project_of(line))
        if need is None or not _versions(line) or _agree(line, need):
            continue
        message = f"`{line}` excludes `{need}`, which the built-in steps need"
        hint = f"write `{need}`, or another bound that leaves such a version"
        yield Diagnostic("MG317", message, ("code", "requirements"), hint).at(span)


def _versions(line: str) -> list[str]:
    """The versions that a line names, without a marker behind it."""
    return re.findall(r"[=<>!~]=?=?\s*v?([0-9][0-9A-Za-z.!+-]*)", line.split(";", maxsplit=1)[0])


def _agree(line: str, need: str) -> bool:
    """Whether some version is right for both lines; one of the versions they name, or the next after it, then is."""
    if line == need or (_open_above(line) and _open_above(need)):
        return True
    # Imported here: most lines only say from which version on.
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    try:
        both = [Requirement(one).specifier for one in (line, need)]
        named = [Version(text.rstrip(".")) for one in (line, need) for text in _versions(one)]
    except (InvalidRequirement, InvalidVersion):
        return True  # which pip tells better
    return any(_fits(candidate, both) for version in named for candidate in _near(version.base_version))


def _open_above(line: str) -> bool:
    """Whether a line takes every version from some on."""
    return set(re.findall(r"[=<>!~]+", line.split(";", maxsplit=1)[0])) <= {">=", ">"}


def _near(version: str) -> Iterable[str]:
    return version, f"{version}.1", f"{version}.post1"


def _fits(version: str, bounds: Iterable[SpecifierSet]) -> bool:
    return all(bound.contains(version, prereleases=True) for bound in bounds)
