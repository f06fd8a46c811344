"""Data beside the spec: checked before anything starts, and copied so that no step can change it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.plan.files import Files
from mlopsgen.records import dataclass
from mlopsgen.spec.data import TABLES
from mlopsgen.targets.local.execution.command import Facts
from mlopsgen.targets.local.execution.folders import digest_folder
from mlopsgen.targets.local.native import LocalFiles, PlanFile, Remote, Source


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """A source that is there: which files, below which folder, with which digest."""

    base: Path
    files: tuple[str, ...]
    digest: str


def find_sources(plan: PlanFile, root: Path, facts: Facts) -> tuple[dict[str, SourceFiles], tuple[Diagnostic, ...]]:
    """Every source of the plan, with what is wrong with those that cannot be read."""
    sources: dict[str, SourceFiles] = {}
    wrong: list[Diagnostic] = []
    for name, source in plan.sources.items():
        try:
            sources[name] = _find(name, source, root, facts)
        except SpecError as problem:
            wrong.extend(problem.findings)
    return sources, tuple(wrong)


def _find(name: str, source: Source, root: Path, facts: Facts) -> SourceFiles:
    if isinstance(source, LocalFiles):
        files = _files(root, source.path, source)
        if files.digest != source.digest:
            raise SpecError([_changed(name, source)])
        return files
    uri = str(facts.value(source.uri))
    parts = urlsplit(uri)
    if parts.scheme == "file":
        path = Path(unquote(parts.path))
        return _files(path.parent, path.name, source)
    if "://" in uri:
        raise SpecError([cannot_read(name, uri, source)])
    path = root / uri
    return _files(path.parent, path.name, source)


def _files(base: Path, path: str, source: Source) -> SourceFiles:
    digest, names = Files(base).digest(path, source.place)
    start = base / path
    if not names:
        hint = "put the data there, or point `uri` to it"
        raise SpecError([Diagnostic("MG118", f"there are no files in `{path}`", spec_path=source.place, hint=hint)])
    return SourceFiles(start if start.is_dir() else start.parent, names, digest)


def cannot_read(name: str, uri: str, source: Remote) -> Diagnostic:
    """The finding for data that lies on another machine."""
    scheme = uri.partition("://")[0]
    copy = "{uri: data/rows.parquet, format: parquet}" if scheme in TABLES else "{uri: …}"
    return Diagnostic(
        "MG313",
        f"source `{name}` is at `{scheme}://`, which this machine does not read",
        spec_path=source.place,
        hint="copy some of it beside the spec and name that in an environment, "
        f"`environments: {{here: {{data: {{sources: {{{name}: {copy}}}}}}}}}`, then `mlopsgen run --env here`",
    )


def _changed(name: str, source: LocalFiles) -> Diagnostic:
    return Diagnostic(
        "MG444",
        f"source `{name}`: `{source.path}` is not what the plan was compiled with",
        spec_path=source.place,
        hint="compile the spec again",
    )


def stage(sources: Mapping[str, SourceFiles], store: Path) -> Iterator[tuple[str, Path]]:
    """A copy of every source under its digest, made once: steps read that one."""
    store.mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        folder = store / source.digest
        if not folder.is_dir() or digest_folder(folder) != source.digest:
            _copy(source, store, folder)
        yield name, folder


def _copy(source: SourceFiles, store: Path, folder: Path) -> None:
    draft = Path(tempfile.mkdtemp(dir=store, prefix=".draft-"))
    for name in source.files:
        there = draft / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.base / name, there)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
