"""The image folder of a bundle: what every target builds its one image from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from mlopsgen.bundle.manifest import entry_of
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.lock.model import requirements_key, unlocked_requirements
from mlopsgen.plan.steps import Image
from mlopsgen.render.job import Copy, FileJob
from mlopsgen.render.tokens import ImageRef, Name, Token
from mlopsgen.runtime.commands import SERVING
from mlopsgen.runtime.requirements import REQUIREMENTS, TWINS
from mlopsgen.targets.pins import excluded, project_of

APP = "/opt/app"
"""Where the image keeps the user's code, the runtime and its configuration."""

CONTRACT = "mlopsgen_config/contract.json"
"""The data contract's place under APP."""

NON_ROOT = "10001"
"""A user that no base image knows, so that it owns nothing."""


class User(Token):
    """A user of an image by number, and its group where that is not root's."""

    __slots__ = ()
    pattern = r"[0-9]+(?::[0-9]+)?"
    noun = "user"


class Words(Token):
    """A command line as a Dockerfile has it: a list of plain words."""

    __slots__ = ()
    pattern = r"\[\"[A-Za-z0-9._-]+\"(?:, \"[A-Za-z0-9._-]+\")*\]"
    noun = "command line"


LIBRARIES: Mapping[str, tuple[str, str]] = {"lightgbm": ("libgomp.so.1", "libgomp1")}
"""Requirement → a library that its wheel leaves to the system, and the Debian package that has it: lib_lightgbm.so
needs OpenMP's (github.com/microsoft/LightGBM/issues/7141), and `python:…-slim` has none."""

_FOLDER = "image"
_RUNTIME = Path(__file__).resolve().parents[1] / "runtime"


def image_files(
    image: Image,
    *,
    user: str | None = NON_ROOT,
    extra: Iterable[str] = (),
    adapters: Path | None = None,
    gpu: bool = False,
    entrypoint: bool = True,
    command: tuple[str, ...] = (),
) -> tuple[FileJob | Copy, ...]:
    """Everything under `image/`; nothing when the spec names an image that exists already.

    `user` is the numeric user that steps run as, and its group; None where the service demands root. `extra` are
    requirements that only this target's adapters need. `adapters` is a folder with adapters of the
    target's own, which the runtime finds beside those that it brings (runtime/platforms). `gpu` asks
    NVIDIA's container runtime for the machine's accelerators, where nobody else does. Without `entrypoint`
    each command names its program itself; `command` is what starts where the service says none.
    """
    if image.prebuilt is not None:
        return ()
    lines = installed(image, extra)
    hashed = any("--hash=" in line for line in lines)
    dockerfile = FileJob(
        path=f"{_FOLDER}/Dockerfile",
        template="_shared/image/Dockerfile.j2",
        values={
            "base": ImageRef(image.base),
            "hashed": hashed,
            "libraries": [{"file": Name(file), "package": Name(name)} for file, name in libraries(image, extra)],
            "user": user and User(user),
            "gpu": gpu,
            "entrypoint": entrypoint,
            "command": Words("[" + ", ".join(f'"{word}"' for word in command) + "]") if command else None,
        },
    )
    text = "".join(f"{line}\n" for line in lines)
    copies = (Copy(f"{_FOLDER}/app/{path}", content) for path, content in app_files(image, adapters))
    return (dockerfile, Copy(f"{_FOLDER}/requirements.txt", text.encode()), *copies)


def requirements(image: Image, extra: Iterable[str] = ()) -> tuple[str, ...]:
    """The user's own lines, then what the used runtime commands need and the user did not name."""
    own = image.requirements
    named = {project_of(line) for line in own}
    lines = _needed(image, extra)
    lacking = {project for project in lines if not named & {project, *TWINS.get(project, ())}}
    return own + tuple(lines[project] for project in sorted(lacking))


def _needed(image: Image, extra: Iterable[str]) -> Mapping[str, str]:
    """What the used runtime commands and the target's adapters need, by project."""
    needed = (line for command in image.runtime_commands for line in REQUIREMENTS.get(command, ()))
    return {project_of(line): line for line in (*needed, *extra)}


def installed(image: Image, extra: Iterable[str] = ()) -> tuple[str, ...]:
    """What pip installs: every package with its hash where the project's lock knows these requirements."""
    lines = requirements(image, extra)
    known = image.lock.requirements.get(requirements_key(image.python, lines))
    return known.packages if known else lines


def libraries(image: Image, extra: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Libraries of the system, without which something that pip installs cannot be imported, and their packages."""
    projects = {project_of(line) for line in installed(image, extra)}
    return tuple(sorted({library for project, library in LIBRARIES.items() if project in projects}))


def requirement_findings(image: Image, extra: Iterable[str] = ()) -> Iterator[Diagnostic]:
    """Requirements that the project's lock does not know, that exclude what a step needs, and what scripts lack."""
    if image.prebuilt is None:
        lines = requirements(image, extra)
        yield from unlocked_requirements(image.python, lines, image.written, image.lock)
        yield from excluded(image, _needed(image, extra))
        if image.imports:
            from mlopsgen.targets.imports import lacking

            yield from lacking(image, lines, [line for line in installed(image, extra) if line not in lines])


def app_files(image: Image, adapters: Path | None = None) -> Iterator[tuple[str, bytes]]:
    """The application folder, path by path: the user's code, the runtime, the data contract."""
    yield from image.files
    yield from runtime_files(serving=any(command in SERVING for command in image.runtime_commands))
    if adapters is not None:
        yield from adapter_files(adapters)
    if image.contract is not None:
        yield CONTRACT, image.contract


@cache
def runtime_files(*, serving: bool = False) -> tuple[tuple[str, bytes], ...]:
    """The runtime's own files under the name that the image knows it by; what serves, only where something does."""
    files = sorted(p.relative_to(_RUNTIME) for p in _RUNTIME.rglob("*.py"))
    kept = (path for path in files if serving or path.parts[0] != "serving")
    return tuple((f"mlopsgen_runtime/{path.as_posix()}", (_RUNTIME / path).read_bytes()) for path in kept)


@cache
def adapter_files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """A target's own adapters where the runtime looks for them; none takes the place of one that it brings."""
    ours = {path for path, _ in runtime_files(serving=True)}
    files = {f"mlopsgen_runtime/platforms/{p.name}": p.read_bytes() for p in sorted(folder.glob("*.py"))}
    taken = sorted(Path(path).name for path in ours & files.keys())
    if taken:
        raise ValueError(f"the runtime has adapters of the names {', '.join(taken)}: give those in {folder} others")
    return tuple(files.items())


def requirements_of_uris(uris: Iterable[str]) -> tuple[str, ...]:
    """The libraries that the runtime needs to open these, for `extra`."""
    # Here, not above: most specs name no URI that the runtime opens, and a compile is short.
    from mlopsgen.runtime.platforms import scheme_of

    schemes = sorted({scheme_of(uri) for uri in uris})
    return tuple(dict.fromkeys(line for scheme in schemes for line in _requirements_of(scheme)))


@cache
def _requirements_of(scheme: str) -> tuple[str, ...]:
    """Remembered, because every adapter of the runtime is read for it."""
    from mlopsgen.runtime.platforms import requirements_of

    return requirements_of(scheme)


def content_tag(
    image: Image,
    *,
    user: str | None = NON_ROOT,
    extra: Iterable[str] = (),
    adapters: Path | None = None,
    gpu: bool = False,
    entrypoint: bool = True,
    command: tuple[str, ...] = (),
) -> str:
    """A tag that changes exactly when what the image is built from changes."""
    digest = hashlib.sha256()
    packages = (package for _, package in libraries(image, extra))
    start = (*(("gpu",) if gpu else ()), *(() if entrypoint else ("no entry point",)), *command)
    facts = (image.base, image.python, user or "root", *start, *packages, *installed(image, extra))
    for fact in facts:
        digest.update(fact.encode() + b"\0")
    for path, content in app_files(image, adapters):
        digest.update(path.encode() + b"\0" + bytes.fromhex(entry_of(content).sha256))
    return f"src-{digest.hexdigest()[:16]}"
