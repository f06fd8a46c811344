"""The whole compiler: text in, bundle out, one direction.

text ─read_yaml→ Source ─resolve→ Source ─read_spec→ Spec ─build_plan→ Plan
─target.lower→ native ─target.layout→ files ─render→ Bundle
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from mlopsgen import targets
from mlopsgen.bundle import Bundle
from mlopsgen.diagnostics import Diagnostic, SpecError, errors
from mlopsgen.lock import NAME as LOCK
from mlopsgen.lock import Lock, read_lock
from mlopsgen.plan.build import build_plan
from mlopsgen.plan.files import Files
from mlopsgen.plan.steps import Plan
from mlopsgen.records import dataclass
from mlopsgen.render import patched, render
from mlopsgen.source import Source, Unread, in_order, read_yaml, with_spans
from mlopsgen.spec.environments import Places, product_of, shared_names
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.product import Spec
from mlopsgen.spec.read import Read, read_spec
from mlopsgen.spec.remains import Remains
from mlopsgen.spec.resolve import canonical, digest, resolve
from mlopsgen.targets.api import Target
from mlopsgen.targets.blocks import blocks, option_models, options_of, patches_of, unloadable
from mlopsgen.targets.refusals import lower, nothing_left, settle

LOCAL = "local"
"""Always among `--target all`: this machine needs no account."""


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """What one compile is asked for."""

    file: Path
    text: bytes
    env: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    allow: frozenset[str] = frozenset()
    """Codes of findings about targets that are warnings this time."""

    @property
    def root(self) -> Path:
        """The spec's folder, in which all its paths lie."""
        return self.file.resolve().parent


@dataclass(frozen=True, slots=True)
class Checked:
    """A spec that holds together: what it says, what has to happen, and what is worth saying about it."""

    request: CompileRequest
    source: Source
    read: Read
    plan: Plan
    findings: tuple[Diagnostic, ...]

    @property
    def spec(self) -> Spec:
        """The spec itself."""
        return self.read.spec


@dataclass(frozen=True, slots=True)
class Compiled:
    """A bundle in memory, and what is worth saying about it."""

    bundle: Bundle
    findings: tuple[Diagnostic, ...]
    source: Source
    product: str
    """The spec's name, without what its environment adds."""


def compile_spec(request: CompileRequest, target: str) -> Compiled:
    """One spec for one target; raises SpecError with every finding, each at its place."""
    return compile_for(check(request, (target,), every_block=False), target)


def compile_for(checked: Checked, name: str) -> Compiled:
    """A checked spec for one target, whose block was read."""
    target = targets.load(name)
    with placed(checked.source):
        options = options_of(target, checked.read.options)
        native, findings = _lowered(checked, target, options)
        files = render(patched(target.layout(native), patches_of(name, options)), target.templates)
    bundle = Bundle(target=name, files=files, environment=checked.request.env, spec_digest=digest(checked.source))
    product = product_of(read(checked.request), checked.request.env, checked.spec.name)
    return Compiled(bundle, (*checked.findings, *with_spans(findings, checked.source)), checked.source, product)


def check(
    request: CompileRequest,
    target_names: Sequence[str] = (),
    lock: Lock | None = None,
    *,
    every_block: bool = True,
    locking: bool = False,
) -> Checked:
    """Reads, resolves and plans a spec: all that is the same for every target.

    `target_names` are the targets that have to be installed; without `every_block` theirs are the only blocks that
    are read. Without `lock` the project's own counts; `locking` is about to fix every image that is named.
    """
    only = None if every_block else target_names

    def look(written: Source) -> Checked:
        return _looked(request, written, target_names, lock, only, locking=locking)

    try:
        return look(read(request))
    except SpecError as stopped:
        raise SpecError(_all_of_it(request, stopped, look)) from stopped


ROUNDS = 6
"""So often at most mistakes are taken out of a spec to see what else is wrong with it."""


def _all_of_it(
    request: CompileRequest, stopped: SpecError, look: Callable[[Source], Checked]
) -> tuple[Diagnostic, ...]:
    """What stopped the work, and what would have stopped it later: findings come at once, each at its place."""
    rest = stopped.rest if isinstance(stopped, Unread) else read(request)
    findings, wrong = list(stopped.findings), errors(stopped.findings)
    remains = Remains(rest) if rest else None
    for _ in range(ROUNDS if remains else 0):
        assert remains is not None
        if not remains.without(wrong):
            break
        try:
            look(remains.source)
            break
        except SpecError as again:
            wrong = errors(again.findings)
            known = {(d.code, d.span) for d in findings}
            findings += [d for d in remains.true(wrong) if (d.code, d.span) not in known]
    return in_order(findings)


def _looked(
    request: CompileRequest,
    written: Source,
    target_names: Sequence[str],
    lock: Lock | None,
    only: Sequence[str] | None,
    *,
    locking: bool,
) -> Checked:
    with placed(written):
        source = canonical(resolve(written, request.env, request.variables))
    with placed(source):
        models = option_models(source, only)
        pins = locked(request.root) if lock is None else lock
        spec = read_spec(source, models, targets.names(), target_names, None if locking else pins.images)
        planned = build_plan(spec.spec, Files(request.root), pins, request.file.name, request.env)
        shared = tuple(_shared_names(request, source, {name: model.places for name, model in models.items()}))
        own = (*source.findings, *spec.findings, *planned.findings, *shared, *unloadable(source, only))
        findings = with_spans(own, source)
    if errors(shared):
        raise SpecError(findings)
    return Checked(request, source, spec, planned.plan, findings)


def _shared_names(request: CompileRequest, source: Source, places: Mapping[str, Places]) -> Iterator[Diagnostic]:
    """What this compile and one for another environment would both make under one name."""

    def other(env: str | None) -> Source | None:
        try:
            return resolve(read(request), env, request.variables)
        except SpecError:
            return None  # what is wrong with it is said where it is compiled

    return shared_names(readable(request), request.env, source, other, places)


def check_for(checked: Checked, name: str) -> tuple[Diagnostic, ...]:
    """What one target has to say about a checked spec; nothing is printed. Raises SpecError as compile_for does."""
    target = targets.load(name)
    with placed(checked.source):
        _, findings = _lowered(checked, target, options_of(target, checked.read.options))
    return with_spans(findings, checked.source)


def _lowered(checked: Checked, target: Target[Any], options: TargetOptions) -> tuple[Any, tuple[Diagnostic, ...]]:
    native, findings = lower(target, checked.plan, options)
    settled = settle((_beside(checked.request.file, d) for d in findings), checked.request.allow)
    if not checked.plan.steps:
        raise SpecError((*settled, nothing_left(target, checked.plan)))
    return native, settled


def read(request: CompileRequest) -> Source:
    """The spec's text as a tree; one text is read once, however many environments and targets ask for it."""
    return _read(request.text, request.file.name)


@lru_cache(maxsize=1)
def _read(text: bytes, name: str) -> Source:
    try:
        return read_yaml(text, name)
    except Unread as wrong:
        from mlopsgen.spec.doubts import settled

        raise Unread(settled(wrong.findings), wrong.rest) from wrong


def readable(request: CompileRequest) -> Source:
    """As much of the spec as can be read; raises SpecError where that is nothing to go by."""
    try:
        return read(request)
    except Unread as wrong:
        if wrong.rest is None:
            raise
        return wrong.rest


def resolve_targets(request: CompileRequest, names: Iterable[str]) -> tuple[str, ...]:
    """The targets that were asked for; `all` is those with a block in the spec, and this machine."""
    chosen = tuple(dict.fromkeys(names))
    if "all" not in chosen:
        return chosen
    source = readable(request)
    with suppress(SpecError):  # said where it is checked
        source = resolve(source, request.env, request.variables)
    return tuple(dict.fromkeys((LOCAL, *blocks(source), *(name for name in chosen if name != "all"))))


def locked(root: Path) -> Lock:
    """The project's lock, empty where there is none."""
    path = root / LOCK
    return read_lock(path.read_bytes() if path.is_file() else None)


@contextmanager
def placed(source: Source) -> Iterator[None]:
    """Gives every finding that stops the work its place in the text."""
    try:
        yield
    except SpecError as stopped:
        raise SpecError(with_spans(stopped.findings, source)) from stopped


def _beside(spec: Path, finding: Diagnostic) -> Diagnostic:
    """A finding in another file of the project names it as one would from where the spec's name was typed."""
    if finding.span is None or finding.span.file == spec.name:
        return finding
    return finding.at(replace(finding.span, file=str(spec.parent / finding.span.file)))
