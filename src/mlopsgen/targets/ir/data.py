"""Where data comes from: an importer for each source that a step reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from mlopsgen.plan.steps import AnyJob, FromSource, Source
from mlopsgen.plan.values import PortKind
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.caching import pinned
from mlopsgen.targets.ir.api import Lowering
from mlopsgen.targets.ir.context import Context, harmless
from mlopsgen.targets.ir.executors import URI
from mlopsgen.targets.ir.parameters import Taken
from mlopsgen.targets.ir.parts import (
    SCHEMAS,
    Command,
    Hole,
    Import,
    Known,
    ParameterValue,
    Part,
    PartArtifact,
    PartOutput,
    Takes,
    Where,
    Word,
)

ARTIFACT = "artifact"
DATA_VERSION = "data-version"
ENV_DIGEST = "env-digest"
SCHEMA = SCHEMAS[PortKind.SOURCE]
_JOIN = (
    "import pathlib, sys; to = pathlib.Path(sys.argv[2]); to.parent.mkdir(parents=True, exist_ok=True); "
    "to.write_text(sys.argv[1])"
)


def import_name(source: str) -> str:
    """The part that imports a source."""
    return f"import-{source.replace('_', '-').strip('-')}"


def imported(source: str) -> PartArtifact:
    """A source as an artifact."""
    return PartArtifact(import_name(source), ARTIFACT)


def imports(context: Lowering) -> Iterator[Part]:
    """The importers of all sources that steps read, and what they need."""
    read = {i.source.source for job in context.jobs.values() for i in job.inputs if isinstance(i.source, FromSource)}
    for source in context.plan.sources:
        if source.name in read:
            yield from _imported(context, source)


def _imported(context: Lowering, source: Source) -> Iterator[Part]:
    extracted = context.platform.extracted(context, source)
    if extracted is not None:
        yield extracted
        return
    uri = context.platform.source(context, source)
    if uri is None or (isinstance(uri, Text) and context.platform.mounted(uri) is not None):
        return
    name = import_name(source.name)
    runs = Import(
        schema=SCHEMA,
        metadata={"version": source.version} if source.version else {},
        reimport=not pinned(source),
    )
    if isinstance(uri, Text):
        address = f"{name}-address"
        yield _joined(context, source, uri, address)
        takes = Takes(source=PartOutput(address, URI))
    elif isinstance(uri, Ref):
        takes = Takes(source=ParameterValue(uri.name))
    else:
        takes = Takes(source=Known(harmless(context, uri, source.origin)))
    yield Part(
        name=name,
        step=name,
        runs=runs,
        parameters={URI: takes},
        makes={ARTIFACT: SCHEMA},
        cache=pinned(source),
        alone=isinstance(uri, Text),
        origin=source.origin,
    )


def _joined(context: Context, source: Source, uri: Text, name: str) -> Part:
    """Joins an address out of what the run knows: an importer takes one whole parameter and no more."""
    taken = Taken(context)
    address = taken.text(uri, source.origin)
    words: tuple[Word, ...] = (("python",), ("-c",), (_JOIN,), address, (Hole(Where.OUTPUT_FILE, URI),))
    command = Command(image=context.image, words=words, entry=3)
    return Part(
        name=name,
        step=name,
        runs=command,
        parameters=taken.parameters,
        tells={URI: "STRING"},
        cache=False,
        origin=source.origin,
    )


def versions(context: Context, job: AnyJob) -> Mapping[str, Takes]:
    """The versions of a step's data as a parameter that its command does not read.

    A cache knows an artifact by its name, which an importer gives to none: what changes with the data has to be
    among the parameters.
    """
    sources = [context.sources[i.source.source] for i in job.inputs if isinstance(i.source, FromSource)]
    known = [f"{s.name}={s.local.digest if s.local else _version(context, s)}" for s in sources if pinned(s)]
    return {DATA_VERSION: Takes(source=Known(",".join(known)))} if known else {}


def _version(context: Context, source: Source) -> str:
    return harmless(context, source.version or "", (*source.origin[:-1], "version"))


def environment_digest(env: tuple[tuple[str, str], ...]) -> Mapping[str, Takes]:
    """The variables of a step as such a parameter: the cache of Kubeflow does not look at them."""
    if not env:
        return {}
    digest = hashlib.sha256(repr(env).encode()).hexdigest()[:16]
    return {ENV_DIGEST: Takes(source=Known(digest))}


def without_facts(parameters: Mapping[str, Takes]) -> Mapping[str, Takes]:
    """The parameters of a step without those that are there for a cache alone."""
    return {name: takes for name, takes in parameters.items() if name not in (DATA_VERSION, ENV_DIGEST)}


def mounted(context: Lowering, source: Source) -> Text | None:
    """The path of a source that lies in every container, and so is read without an importer."""
    uri = context.platform.source(context, source)
    return context.platform.mounted(uri) if isinstance(uri, Text) else None
