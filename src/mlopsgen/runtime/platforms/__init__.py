"""Opens what a URI names: secrets, stores, registries, records of runs. The one place that knows schemes and clouds.

An adapter is a module of this folder; it is found by being there. Each may hold these tables:

    SECRETS       scheme → (uri) → the secret's text
    STORES        scheme → (uri) → Store
    FOLDERS       scheme → (uri) → Folder
    TREES         scheme → (uri) → Tree
    REGISTRIES    scheme → (uri) → Registry of one model, a Writable one where the runtime adds versions to it
    TABLES        scheme → (uri, Extract) → nothing: the warehouse has written the table's rows into files
    EXPERIMENTS   scheme → (uri) → nothing: the run that the URI names is one of the experiment's now
    FLEETS        scheme → (uri, native) → Fleet, or Guarded: one real-time deployment
    TRACKERS      scheme → (uri, step, run) → Tracker of one run of a step
    REQUIREMENTS  scheme → the libraries that opening such a URI needs
    BARE_WORDS    command → () → the command line that a platform keeps in a file when it starts an
                  image with that one word

Modules import the library of their cloud inside functions: to look for a scheme imports all in which it
stands between quotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ..problems import Usage
from .api import Extract, Fleet, Folder, Guarded, Registry, Store, Tracker, Tree

_NO_ADAPTERS = ("__init__", "api")


def fetch_secret(uri: str) -> str:
    """The value of the secret that a URI names; it is never printed."""
    value: str = _opener("SECRETS", uri, "a secret cannot be read from")(uri)
    return value


def open_store(uri: str) -> Store:
    """A place that keeps small files which several runs may change at once."""
    store: Store = _opener("STORES", uri, "there is no store at")(uri)
    return store


def open_folder(uri: str) -> Folder:
    """The files below an address of a store."""
    folder: Folder = _opener("FOLDERS", uri, "files cannot be fetched from")(uri)
    return folder


def open_tree(uri: str) -> Tree:
    """The files below an address of a store, each by its name."""
    tree: Tree = _opener("TREES", uri, "files cannot be listed at")(uri)
    return tree


def open_registry(uri: str) -> Registry:
    """The registered versions of one model."""
    registry: Registry = _opener("REGISTRIES", uri, "there is no registry at")(uri)
    return registry


def open_fleet(uri: str, native: Mapping[str, Any]) -> Fleet | Guarded:
    """A real-time deployment on its platform; `native` is what rollout.json says in the platform's own words."""
    fleet: Fleet | Guarded = _opener("FLEETS", uri, "nothing is deployed at")(uri, native)
    return fleet


def extract_table(uri: str, extract: Extract) -> None:
    """Has a warehouse write the rows of one of its tables into files."""
    _opener("TABLES", uri, "no table can be extracted from")(uri, extract)


def record_run(uri: str) -> None:
    """Makes a run one of an experiment's."""
    _opener("EXPERIMENTS", uri, "there are no experiments at")(uri)


def open_tracker(uri: str, step: str, run: str | None) -> Tracker:
    """Where a step's run is recorded; `run` is the id of the whole pipeline's."""
    tracker: Tracker = _opener("TRACKERS", uri, "runs cannot be recorded at")(uri, step, run)
    return tracker


def requirements_of(scheme: str) -> tuple[str, ...]:
    """The libraries that opening a URI of this scheme needs."""
    for table in _tables("REQUIREMENTS", scheme):
        if scheme in table:
            return tuple(table[scheme])
    raise Usage(f"no adapter opens `{scheme}:`; known: {_known('REQUIREMENTS')}")


def command_left_by_platform(command: str) -> tuple[str, ...] | None:
    """The command line that a platform keeps in a file when it starts an image with one bare word."""
    found = next((table[command] for table in _tables("BARE_WORDS", command) if command in table), None)
    return None if found is None else tuple(found())


def scheme_of(uri: str) -> str:
    """What stands before the first colon."""
    scheme, colon, _ = uri.partition(":")
    if not colon or not scheme:
        raise Usage(f"`{uri}` is not a URI; it needs a scheme such as file://")
    return scheme


def file_path(uri: str) -> Path:
    """The path that a `file:` URI names, absolute or (`file:state`) relative to where the step runs."""
    from urllib.parse import unquote

    rest = uri.removeprefix("file:")
    path = unquote(rest.removeprefix("//"))
    if not path:
        raise Usage(f"`{uri}` names no path")
    return Path(path)


def _opener(name: str, uri: str, problem: str) -> Any:
    scheme = scheme_of(uri)
    for table in _tables(name, scheme):
        if scheme in table:
            return table[scheme]
    raise Usage(f"{problem} `{scheme}:`; known: {_known(name)}")


def _known(name: str) -> str:
    return ", ".join(sorted({scheme for table in _tables(name) for scheme in table}))


def _tables(name: str, key: str = "") -> Iterator[Mapping[str, Any]]:
    """The table of that name in each adapter that has one and mentions the key; adapters in alphabetical order."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _NO_ADAPTERS and (not key or _mentions(path, key)):
            yield getattr(import_module(f".{path.stem}", __name__), name, {})


def _mentions(adapter: Path, key: str) -> bool:
    """To read a file takes a tenth of what importing it does, and most adapters have nothing to do with a key."""
    text = adapter.read_bytes()
    return f'"{key}"'.encode() in text or f"'{key}'".encode() in text
