"""Files that lie beside a spec, and have to be where the platform reads them before a run starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlopsgen.diagnostics import SpecError
from mlopsgen.plan.steps import LocalData, Plan
from mlopsgen.records import dataclass
from mlopsgen.render.tokens import Quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file beside the spec, and the address that a submit puts it to."""

    path: str
    uri: str


def uploads(plan: Plan, folder_of: Callable[[LocalData], str]) -> Iterator[Upload]:
    """Every file beside the spec; `folder_of` says the address of one source, without a slash at its end."""
    for local in (source.local for source in plan.sources if source.local is not None):
        for name in local.files:
            path = f"{local.path.rstrip('/')}/{name}" if is_folder(local) else local.path
            yield Upload(path=path, uri=f"{folder_of(local)}/{name}")


def is_folder(local: LocalData) -> bool:
    """Whether a source is a folder: a file's only name is its own."""
    return local.files != (local.path.rstrip("/").rsplit("/", 1)[-1],)


def shell_path(path: str) -> Quoted | None:
    """A path beside the spec as one word of a shell; None where it holds what hides or reorders other text."""
    try:
        return Quoted((path.removeprefix("./").lstrip("/") if path.startswith("./") else path).rstrip("/"))
    except SpecError:
        return None


def shell_sources(plan: Plan) -> Iterator[tuple[LocalData, Quoted]]:
    """The sources beside the spec, each with its path as a command of the README takes it."""
    for local in (source.local for source in plan.sources if source.local is not None):
        path = shell_path(local.path)
        if path is not None:
            yield local, path


def only_listed(plan: Plan) -> bool:
    """Whether a source beside the spec has no command in the README: `uploads.json` alone says where it belongs."""
    sources = [source.local for source in plan.sources if source.local is not None]
    return len(tuple(shell_sources(plan))) < len(sources)
