"""What a spec wants locked, and whether a lock has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from mlopsgen.diagnostics import Diagnostic, Severity, Span, SpecPath
from mlopsgen.lock.model import NAME, Lock, LockedData, LockedRequirements, requirements_key
from mlopsgen.records import dataclass

_HINT = "`mlopsgen lock` renews it"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that a spec names and does not fix, in all its environments and for all its targets."""

    images: Mapping[str, SpecPath] = field(default_factory=dict)
    requirements: Mapping[str, LockedRequirements] = field(default_factory=dict)
    """Key → the lines, with no packages yet."""
    local: Mapping[str, LockedData] = field(default_factory=dict)
    """Path → what lies there now."""
    remote: Mapping[str, SpecPath] = field(default_factory=dict)


def requirement_set(python: str, lines: Sequence[str]) -> Mapping[str, LockedRequirements]:
    """These lines as an entry without packages; nothing for no lines."""
    entry = LockedRequirements(python, tuple(lines), ())
    return {requirements_key(python, lines): entry} if lines else {}


def is_pinned(image: str) -> bool:
    """Whether an image is named by its digest."""
    return "@sha256:" in image


def without_tag(image: str) -> str:
    """An image by its digest alone: some services take a tag or a digest, not both."""
    name, at, digest = image.partition("@")
    path, colon, tag = name.rpartition(":")
    return f"{path}{at}{digest}" if at and colon and "/" not in tag else image


def unlocked_image(image: str, where: SpecPath, lock: Lock) -> Iterator[Diagnostic]:
    """An image that the project's lock does not know; nothing where there is no lock."""
    if lock != Lock() and not is_pinned(image) and image not in lock.images:
        yield Diagnostic("MG316", f"{NAME} does not know the image `{image}`", where, hint=_HINT)


def unlocked_requirements(
    python: str, lines: Sequence[str], written: Mapping[str, Span | None], lock: Lock
) -> Iterator[Diagnostic]:
    """Requirements that the project's lock does not know, each new line at its place where the user wrote it."""
    if lock == Lock() or not lines or requirements_key(python, lines) in lock.requirements:
        return
    known = {line for entry in lock.requirements.values() if entry.python == python for line in entry.wanted}
    new = [line for line in lines if line not in known]
    for line in new:
        found = Diagnostic("MG316", f"{NAME} does not know `{line}`", ("code", "requirements"), hint=_HINT)
        yield found.at(written.get(line))
    if not new:
        said = f"{NAME} knows these requirements of Python {python} in another combination only"
        yield Diagnostic("MG316", said, ("code", "requirements"), hint=_HINT)


def changed_data(path: str, digest: str, where: SpecPath, lock: Lock) -> Iterator[Diagnostic]:
    """A warning: the bundle names the data by what they are now, so nothing floats, but the lock says otherwise."""
    known = lock.data.get(path)
    if known and known.digest != digest:
        said = f"`{path}` is not what {NAME} says: it was changed since"
        yield Diagnostic("MG316", said, where, hint=_HINT, severity=Severity.WARNING)
