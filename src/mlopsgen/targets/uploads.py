"""Files that lie beside a spec, and have to be where the platform reads them before a run starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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


def local_sources(plan: Plan) -> Iterator[LocalData]:
    """The sources beside the spec whose path a person can type: all but those with letters that nobody sees."""
    for source in plan.sources:
        if source.local is not None and source.local.path.isprintable():
            yield source.local


def typed(path: str) -> Quoted:
    """A path as a command line takes it; no program takes it for an option."""
    return Quoted(path if not path.startswith("-") else f"./{path}")
