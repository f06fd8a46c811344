"""What a spec wants locked: in every environment, and for every target that it has a block for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from mlopsgen import compile as compiler
from mlopsgen.codes import CODES
from mlopsgen.compile import Checked, CompileRequest
from mlopsgen.diagnostics import Diagnostic, Span, SpecPath
from mlopsgen.lock import Lock, LockedData, LockedRequirements
from mlopsgen.lock.model import LARGE, LockNeeds, is_pinned, requirement_set
from mlopsgen.plan.files import Files
from mlopsgen.plan.steps import Register
from mlopsgen.records import dataclass
from mlopsgen.source import Source, with_spans
from mlopsgen.spec.resolve import environments

REQUIREMENTS = "image/requirements.txt"
"""Where every bundle has what its image installs."""

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Asking:
    """All that is to be locked, where it is said, and findings about the spec that do not stop it."""

    needs: LockNeeds
    source: Source
    written: Mapping[str, Span]
    """Requirement → where the user wrote it."""
    findings: tuple[Diagnostic, ...]

    def placed(self, findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Findings with their places: in the spec, or at the requirement that they quote."""
        return with_spans((d.at(self._line(d)) for d in findings), self.source)

    def _line(self, finding: Diagnostic) -> Span | None:
        quoted = (span for line, span in self.written.items() if f"`{line}`" in finding.message)
        return next(quoted, None) if finding.spec_path == ("code", "requirements") else None


def asking(request: CompileRequest) -> Asking:
    """What there is to lock; raises SpecError when the spec is wrong, not when a target refuses a part of it."""
    seen = [_checked(one, Lock()) for one in _everywhere(request)]
    parts = [part for checked, names in seen for part in _of(checked, names)]
    findings = dict.fromkeys(d for checked, _ in seen for d in checked.findings)
    return Asking(together(parts), seen[0][0].source, _written([checked for checked, _ in seen]), tuple(findings))


def _written(seen: Sequence[Checked]) -> Mapping[str, Span]:
    lines = [(line, span) for checked in seen for line, span in checked.plan.image.written.items()]
    folder = seen[0].request.file.parent
    return {line: replace(span, file=str(folder / span.file)) for line, span in reversed(lines) if span}


def _everywhere(request: CompileRequest) -> Iterator[CompileRequest]:
    """The spec in each environment that is asked for, with nothing that a target refuses in the way."""
    request = replace(request, allow=request.allow | {code for code in CODES if code.startswith("MG3")})
    envs = (request.env,) if request.env else (None, *environments(compiler.read(request)))
    return (replace(request, env=env) for env in envs)


def _checked(request: CompileRequest, lock: Lock) -> tuple[Checked, tuple[str, ...]]:
    names = compiler.resolve_targets(request, ("all",))
    return compiler.check(request, names, lock, locking=True), names


def still_named(pushed: Mapping[str, str], request: CompileRequest, lock: Lock) -> dict[str, str]:
    """The pushed images that some bundle has, in any environment, for any target: the others are of old code."""
    unnamed, by_tag = dict(pushed), replace(lock, pushed={})
    for one in _everywhere(request) if pushed else ():
        checked, names = _checked(one, by_tag)
        for target in names:
            text = b"\0".join(compiler.compile_for(checked, target).bundle.files.values())
            unnamed = {name: image for name, image in unnamed.items() if name.encode() not in text}
    return {name: image for name, image in pushed.items() if name not in unnamed}


def together(parts: Sequence[LockNeeds]) -> LockNeeds:
    """Everything once; a place is the first that names it."""
    return LockNeeds(
        images=_first(part.images for part in parts),
        requirements=_first(part.requirements for part in parts),
        local=_first(part.local for part in parts),
        remote=_first(part.remote for part in parts),
    )


def _first(maps: Iterable[Mapping[str, V]]) -> dict[str, V]:
    first: dict[str, V] = {}
    for one in maps:
        first = {**one, **first}
    return first


def _of(checked: Checked, names: Sequence[str]) -> Iterator[LockNeeds]:
    yield LockNeeds(images=dict(_images(checked)), local=dict(_local(checked)), remote=dict(_remote(checked)))
    for name in names:
        yield LockNeeds(requirements=_requirements(checked, name))


def _requirements(checked: Checked, target: str) -> Mapping[str, LockedRequirements]:
    """What the target's image installs: it is in its bundle, whoever wrote the target."""
    text = compiler.compile_for(checked, target).bundle.files.get(REQUIREMENTS, b"")
    return requirement_set(checked.plan.image.python, text.decode().splitlines())


def _images(checked: Checked) -> Iterator[tuple[str, SpecPath]]:
    image = checked.plan.image
    named: list[tuple[str, SpecPath]] = [
        (image.prebuilt or image.base, ("code", "image" if image.prebuilt else "base"))
    ]
    named += [(s.image, (*s.origin, "image")) for s in checked.plan.steps if not isinstance(s, Register) and s.image]
    return ((name, where) for name, where in named if not is_pinned(name))


def _local(checked: Checked) -> Iterator[tuple[str, LockedData]]:
    files = Files(checked.request.root)
    for source in checked.plan.sources:
        if source.local is not None:
            size, modified = files.facts(source.local.path, source.origin)
            # Of a small one the time says nothing that its digest does not, and every clone has another.
            yield source.local.path, LockedData(source.local.digest, size, modified if size >= LARGE else 0)


def _remote(checked: Checked) -> Iterator[tuple[str, SpecPath]]:
    for source in checked.plan.sources:
        if source.local is None and source.version is None and isinstance(source.uri, str):
            yield source.uri, source.origin
