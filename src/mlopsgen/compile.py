"""The whole compiler: text in, bundle out, one direction.

text ─read_yaml→ Source ─resolve→ Source ─read_spec→ Spec ─build_plan→ Plan
─target.lower→ native ─target.layout→ files ─render→ Bundle
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlopsgen import targets
from mlopsgen.bundle import Bundle
from mlopsgen.diagnostics import Diagnostic, On, Severity, SpecError, errors
from mlopsgen.lock import NAME as LOCK
from mlopsgen.lock import Lock, read_lock
from mlopsgen.lock.model import unlocked_image
from mlopsgen.plan.build import build_plan
from mlopsgen.plan.files import Files
from mlopsgen.plan.steps import Plan, Register
from mlopsgen.records import dataclass
from mlopsgen.render import Merge, Patch, Remove, Replace, patched, render
from mlopsgen.source import Source, plain, read_yaml, with_spans
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.product import Spec
from mlopsgen.spec.read import Read, read_spec
from mlopsgen.spec.resolve import canonical, digest, resolve
from mlopsgen.targets.api import How, Target

if TYPE_CHECKING:
    from mlopsgen.spec.patches import Patch as SpecPatch

LOCAL = "local"
"""Always among `--target all`: this machine needs no account."""


@dataclass(frozen=True, slots=True)
class Asked:
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

    asked: Asked
    source: Source
    read: Read
    plan: Plan
    found: tuple[Diagnostic, ...]

    @property
    def spec(self) -> Spec:
        """The spec itself."""
        return self.read.spec


@dataclass(frozen=True, slots=True)
class Compiled:
    """A bundle in memory, and what is worth saying about it."""

    bundle: Bundle
    found: tuple[Diagnostic, ...]
    source: Source

    @property
    def product(self) -> str:
        """The spec's name."""
        name = self.source.find(("name",))
        return str(name.value) if name else ""


def compile_spec(asked: Asked, target: str) -> Compiled:
    """One spec for one target; raises SpecError with every finding, each at its place."""
    return compile_for(check(asked, (target,)), target)


def check(asked: Asked, wanted: Sequence[str] = (), lock: Lock | None = None) -> Checked:
    """Reads, resolves and plans a spec: all that is the same for every target. Without `lock` the project's own."""
    written = read(asked)
    with placed(written):
        source = canonical(resolve(written, asked.env, asked.variables))
    with placed(source):
        said = read_spec(source, option_models(source), targets.names(), wanted)
        pins = locked(asked.root) if lock is None else lock
        planned = build_plan(said.spec, Files(asked.root), pins, asked.file.name)
        return Checked(
            asked,
            source,
            said,
            planned.plan,
            with_spans((*said.findings, *planned.findings, *_unloadable(source)), source),
        )


def compile_for(checked: Checked, name: str) -> Compiled:
    """A checked spec for one target."""
    target = targets.load(name)
    with placed(checked.source):
        options = options_of(checked, target)
        native, settled = lowered(checked, target, options)
        jobs = patched(target.layout(native), map_patches(name, options))
        files = render(jobs, target.templates)
    bundle = Bundle(target=name, files=files, environment=checked.asked.env, spec_digest=digest(checked.source))
    return Compiled(bundle, (*checked.found, *with_spans(settled, checked.source)), checked.source)


def check_for(checked: Checked, name: str) -> tuple[Diagnostic, ...]:
    """What one target has to say about a checked spec; nothing is printed. Raises SpecError as compile_for does."""
    target = targets.load(name)
    with placed(checked.source):
        _, settled = lowered(checked, target, options_of(checked, target))
    return with_spans(settled, checked.source)


def lowered(checked: Checked, target: Target[Any], options: TargetOptions) -> tuple[Any, tuple[Diagnostic, ...]]:
    """The plan in the target's own terms, and what is worth saying about it."""
    found = [*_not_yet(checked.plan, target), *_unlocked(checked.plan)]
    native, said = _lower(target, checked.plan, options, found)
    return native, settle((_beside(checked.asked.file, d) for d in (*found, *said)), checked.asked.allow)


def read(asked: Asked) -> Source:
    """The spec's text as a tree; one text is read once, however many environments and targets ask for it."""
    return _read(asked.text, asked.file.name)


@lru_cache(maxsize=1)
def _read(text: bytes, name: str) -> Source:
    return read_yaml(text, name)


def resolve_targets(asked: Asked, names: Iterable[str]) -> tuple[str, ...]:
    """The targets that were asked for; `all` is those with a block in the spec, and this machine."""
    wanted = tuple(dict.fromkeys(names))
    if "all" not in wanted:
        return wanted
    written = read(asked)
    with placed(written):
        source = resolve(written, asked.env, asked.variables)
    block = source.root.child("targets")
    present = tuple(plain(block)) if block and isinstance(block.value, dict) else ()
    return tuple(
        dict.fromkeys((LOCAL, *(n for n in present if n in targets.names()), *(w for w in wanted if w != "all")))
    )


def option_models(source: Source) -> dict[str, type[TargetOptions]]:
    """The models of the target blocks that a spec has; of a target that cannot be loaded nothing is known."""
    loaded = {name: _loaded(name) for name in _blocks(source)}
    return {name: found.options for name, found in loaded.items() if not isinstance(found, SpecError)}


def _unloadable(source: Source) -> Iterator[Diagnostic]:
    """Blocks of targets that cannot be loaded: whoever compiles for another one is told, and not stopped."""
    for name in _blocks(source):
        found = _loaded(name)
        if isinstance(found, SpecError):
            where = ("targets", name)
            yield from (replace(one, severity=Severity.WARNING, spec_path=where, on=On.KEY) for one in found.findings)


def _blocks(source: Source) -> tuple[str, ...]:
    """The installed targets that a spec has a block for."""
    block = source.root.child("targets")
    written = block.value if block and isinstance(block.value, dict) else {}
    return tuple(name for name in written if name in targets.names())


def _loaded(name: str) -> Target[Any] | SpecError:
    try:
        return targets.load(name)
    except SpecError as broken:
        return broken


@cache
def _no_options(model: type[TargetOptions]) -> TargetOptions:
    return model()


def options_of(checked: Checked, target: Target[Any]) -> TargetOptions:
    """The block of a target, or its defaults where it can do without one."""
    options = checked.read.options.get(target.name)
    if options is not None:
        return options
    if target.needs_options:
        raise SpecError([_no_block(target)])
    return _no_options(target.options)


def locked(root: Path) -> Lock:
    """The project's lock, empty where there is none."""
    path = root / LOCK
    return read_lock(path.read_bytes() if path.is_file() else None)


def settle(found: Iterable[Diagnostic], allow: frozenset[str]) -> tuple[Diagnostic, ...]:
    """The findings about a target, with the allowed ones made warnings; raises SpecError when errors are left."""
    settled = tuple(_allowed(d) if d.code in allow and d.code.startswith("MG3") else d for d in found)
    if errors(settled):
        raise SpecError(settled)
    return settled


def map_patches(target: str, options: TargetOptions) -> Iterator[Patch]:
    """The spec's patches of a target's files, each with its place."""
    for number, said in enumerate(options.patches):
        yield Patch(said.file, said.at, _change(said), ("targets", target, "patches", number))


@contextmanager
def placed(source: Source) -> Iterator[None]:
    """Gives every finding that stops the work its place in the text."""
    try:
        yield
    except SpecError as stopped:
        raise SpecError(with_spans(stopped.findings, source)) from stopped


def _lower(
    target: Target[Any], plan: Plan, options: TargetOptions, found: list[Diagnostic]
) -> tuple[Any, tuple[Diagnostic, ...]]:
    try:
        native, said = target.lower(plan, options)
    except SpecError as stopped:
        raise SpecError((*found, *stopped.findings)) from stopped
    return native, said


def _change(said: SpecPatch) -> Merge | Replace | Remove:
    if said.remove:
        return Remove()
    return Merge(said.merge) if said.merge is not None else Replace(said.replace)


def _allowed(found: Diagnostic) -> Diagnostic:
    return replace(found, severity=Severity.WARNING) if found.severity is Severity.ERROR else found


def _not_yet(plan: Plan, target: Target[Any]) -> Iterator[Diagnostic]:
    """What the spec has and this target refuses as a whole; refusals of a part are found where it is lowered."""
    for use in plan.uses:
        if not use.words or target.support[use.feature].how is not How.REFUSED:
            continue
        hint = f"take it out, or compile without it: `--allow MG302` leaves {use.words} out of the bundle and says so"
        message = f"{target.title} does not get {use.words} from mlopsgen yet"
        yield Diagnostic("MG302", message, use.origin, hint, on=On.KEY)


def _unlocked(plan: Plan) -> Iterator[Diagnostic]:
    """Images that the project's lock does not know; of requirements the targets speak, who add their own."""
    image = plan.image
    yield from unlocked_image(image.prebuilt or image.base, ("code", "image" if image.prebuilt else "base"), image.lock)
    for step in plan.steps:
        if not isinstance(step, Register) and step.image:
            yield from unlocked_image(step.image, (*step.origin, "image"), image.lock)


def _beside(spec: Path, found: Diagnostic) -> Diagnostic:
    """A finding in another file of the project names it as one would from where the spec's name was typed."""
    if found.span is None or found.span.file == spec.name:
        return found
    return found.at(replace(found.span, file=str(spec.parent / found.span.file)))


def _no_block(target: Target[Any]) -> Diagnostic:
    needed = ", ".join(n for n, f in target.options.model_fields.items() if f.is_required())
    hint = f"say account facts there: `targets: {{{target.name}: {{{needed}}}}}`"
    return Diagnostic("MG304", f"the spec has no `targets.{target.name}`", ("targets",), hint)
