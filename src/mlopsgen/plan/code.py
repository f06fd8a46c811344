"""The image of the product: the user's code, its requirements, and what of the runtime it needs."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath
from mlopsgen.lock import NAME, Lock
from mlopsgen.plan.conda import conda_requirements
from mlopsgen.plan.data import is_local
from mlopsgen.plan.files import Files, code_files
from mlopsgen.plan.steps import Image
from mlopsgen.spec.product import Spec


def code_image(spec: Spec, files: Files, lock: Lock, spec_file: str, found: list[Diagnostic]) -> Image | None:
    """What the image is built from, with findings for files that are not there; None when the code cannot be read."""
    code = spec.code
    base = code.base or f"python:{code.python}-slim"
    pinned = lock.base.get(base, base)
    if code.image is not None:
        return Image(given=code.image, base=pinned, python=code.python)
    requirements: tuple[str, ...] = ()
    try:
        requirements = _requirements(spec, files)
    except SpecError as missing:
        found.extend(missing.found)
    try:
        own = _files(spec, files, spec_file)
    except SpecError as missing:
        found.extend(missing.found)
        return None
    return Image(given=None, base=pinned, python=code.python, files=own, requirements=requirements)


def code_path(spec: Spec, files: Files) -> str:
    """The folder of the user's code: as said, else `src` if it is there, else the spec's own."""
    return spec.code.path or ("src" if files.is_folder("src") else ".")


def _files(spec: Spec, files: Files, spec_file: str) -> tuple[tuple[str, bytes], ...]:
    where: SpecPath = ("code", "path")
    leave_out = [spec_file, NAME, *_local_data(spec)]
    return code_files(files, code_path(spec, files), spec.code.ignore, leave_out, where)


def _local_data(spec: Spec) -> Iterator[str]:
    for source in spec.data.sources.values() if spec.data else ():
        if isinstance(source.uri, str) and is_local(source.uri):
            yield source.uri.rstrip("/")


def _requirements(spec: Spec, files: Files) -> tuple[str, ...]:
    path = spec.code.requirements
    if path is None:
        default = f"{code_path(spec, files)}/requirements.txt".removeprefix("./")
        if not files.exists(default):
            return ()
        path = default
    where: SpecPath = ("code", "requirements")
    text = files.read(path, where).decode("utf-8", errors="replace")
    if path.endswith((".yml", ".yaml")):
        return conda_requirements(text, path, where)
    return _lines(text, path, where)


def _lines(text: str, path: str, where: SpecPath) -> tuple[str, ...]:
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    kept = tuple(line for line in lines if line and not line.startswith("#"))
    options = [line for line in kept if line.startswith("-")]
    if options:
        number = next(n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith("-"))
        said = f"line {number} of `{path}` has the pip option `{options[0].split('=')[0].split()[0]}`"
        hint = "list packages alone: an index or another file belongs into your base image (`code.base`)"
        raise SpecError([Diagnostic("MG117", said, where, hint=hint)])
    return kept
