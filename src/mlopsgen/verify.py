"""Judges a bundle that lies on disk: whether it is whole, and what its target's own judges say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mlopsgen import targets
from mlopsgen.bundle import check_integrity, files_in, read_manifest
from mlopsgen.credentials.pasted import pasted
from mlopsgen.diagnostics import Diagnostic, Severity, Span, errors
from mlopsgen.records import dataclass
from mlopsgen.targets.judging import Heard, Judge, Tell, hear_each

INTEGRITY = "integrity"
IMAGE = "image/"
"""What a bundle's image is made of lies here, whoever wrote the target."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings about a bundle, the judges that ran, and those that could not."""

    findings: tuple[Diagnostic, ...]
    ran: tuple[str, ...]
    """Names of the judges that read the bundle."""
    not_run: tuple[Judge, ...]
    """Judges that are not installed; each is a finding too."""

    @property
    def good(self) -> bool:
        """Every judge ran, and none found an error."""
        return not errors(self.findings) and not self.not_run


def verify(folder: Path, tell: Tell = lambda _: None) -> Verdict:
    """Every finding of every judge about the bundle in this folder; raises SpecError where there is none.

    `tell` gets a line before something that takes long.
    """
    return verify_each((folder,), tell)[0]


def verify_each(folders: Sequence[Path], tell: Tell = lambda _: None) -> tuple[Verdict, ...]:
    """The same for several bundles: each judge loads its libraries once for all that it reads."""
    names = {folder: read_manifest(folder).target for folder in folders}
    broken = {folder: (*check_integrity(folder), *pasted_into(folder)) for folder in folders}
    heard: dict[Path, list[Heard]] = {folder: [] for folder in folders}
    for target in dict.fromkeys(names.values()):
        same = [folder for folder in folders if names[folder] == target and _can_be_read(folder)]
        for judge in targets.load(target).judges() if same else ():
            for folder, one in zip(same, hear_each(judge, same, tell), strict=True):
                heard[folder].append(one)
    return tuple(_verdict(broken[folder], heard[folder]) for folder in folders)


def _can_be_read(folder: Path) -> bool:
    """Whether all is ordinary files: judges would follow a link out of the bundle, and wait for what never ends."""
    return all(entry.is_file(follow_symlinks=False) for _, entry in files_in(folder))


def pasted_into(folder: Path) -> Iterator[Diagnostic]:
    """Credentials in what the bundle's image is made of: the user's code and requirements, each at its line."""
    files = ((name, entry) for name, entry in files_in(folder) if name.startswith(IMAGE))
    for secret in pasted((n, Path(e.path).read_bytes()) for n, e in files if e.is_file(follow_symlinks=False)):
        certain = secret.sure or secret.file == f"{IMAGE}requirements.txt"
        severity = Severity.ERROR if certain else Severity.WARNING
        hint = "take it out of the project's file and compile again; it is known now, so replace it"
        span = Span(secret.file, secret.line, secret.column, secret.line, secret.end_column)
        message = f"this looks like {secret.kind}, and the image would hold it"
        yield Diagnostic("MG433", message, hint=hint, severity=severity, span=span)


def _verdict(broken: Sequence[Diagnostic], heard: Sequence[Heard]) -> Verdict:
    return Verdict(
        findings=(*broken, *(finding for one in heard for finding in one.findings)),
        ran=(INTEGRITY, *(one.judge.name for one in heard if one.ran)),
        not_run=tuple(one.judge for one in heard if not one.ran),
    )
