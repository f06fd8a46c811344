"""Rules for the folder as a whole: complete, of this version of the service, with an image that is pinned."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.azureml.judge.folder import (
    OTHER,
    SCHEMAS,
    TEMPLATE,
    Folder,
    schema_of,
)
from mlopsgen.targets.azureml.judge.pipeline import a_map
from mlopsgen.targets.documents.dockerfiles import judge_dockerfile
from mlopsgen.targets.documents.secrets import judge_secrets
from mlopsgen.targets.rules import rule

_OLD_KINDS = {
    "commandcomponent": "command",
    "distributedcomponent": "command",
    "parallelcomponent": "parallel",
    "pipelinecomponent": "pipeline",
}
_OLD_TYPES = ("tabular", "file", "tabulardataset", "filedataset")
_OLD_ADDRESSES = ("componentsdk.azureedge.net",)
_ENDED = "Azure ML documentation, upgrade to v2: SDK and CLI v1 ended on 2026-06-30"
_ROOT = "the container asks for root: leave USER out, or name another user"


@rule("secrets", "Azure ML documentation, job properties: whoever may read a workspace reads its jobs and templates")
def secrets(folder: Folder) -> Iterator[Diagnostic]:
    """No key, token or password stands in a file."""
    documents = (document for _, document in folder.documents)
    yield from judge_secrets((*documents, *folder.dockerfiles), kept_in="the workspace's key vault")


@rule("schema-lines", "azuremlschemas.azureedge.net: one schema for each kind of file")
def schema_lines(folder: Folder) -> Iterator[Diagnostic]:
    """A file says which schema it follows, and that schema exists."""
    if not folder.ours:
        return
    for kind, document in folder.documents:
        schema = schema_of(document.data)
        data = a_map(document.data)
        if kind == TEMPLATE:
            continue
        if "azuremlschemas" in str(data.get("$schema")) and schema not in SCHEMAS:
            near = nearest(str(schema), SCHEMAS)
            hint = f"did you mean `{near}`?" if near else "one of " + ", ".join(SCHEMAS)
            yield document.finding("MG433", f"there is no schema `{schema}`", ("$schema",), hint)
        elif not isinstance(document.data, dict) and kind != OTHER:
            yield document.finding("MG431", f"{document.file} must hold a map")


@rule("retired", _ENDED)
def retired(folder: Folder) -> Iterator[Diagnostic]:
    """Nothing is written for the first version of the service."""
    for _, document in folder.documents:
        data = a_map(document.data)
        kind = str(data.get("type", "")).lower()
        if kind in _OLD_KINDS:
            message = f"`{data.get('type')}` is of version 1, which is gone"
            yield document.finding("MG443", message, ("type",), f"today it is `type: {_OLD_KINDS[kind]}`")
        elif kind in _OLD_TYPES and "path" in data:
            message = f"`{data.get('type')}` is of version 1, which is gone"
            yield document.finding("MG443", message, ("type",), "uri_file, uri_folder or mltable")
        if any(address in str(data.get("$schema")) for address in _OLD_ADDRESSES):
            yield document.finding("MG443", "this schema is of version 1, which is gone", ("$schema",))


@rule("dockerfile", "hadolint DL3006, DL3007 and DL3002")
def dockerfile(folder: Folder) -> Iterator[Diagnostic]:
    """A Dockerfile starts from a pinned base and asks for no root where the service does not give it anyway."""
    for document in folder.dockerfiles:
        yield from judge_dockerfile(
            document, why_not_root="the container asks for root: leave USER out, or name another user"
        )


@rule("keys-once", "YAML 1.2 and RFC 8259: a key stands once")
def keys_once(folder: Folder) -> Iterator[Diagnostic]:
    """No key stands twice in one map: readers take one of them, and say nothing."""
    for kind, document in folder.documents:
        for path in document.repeated if kind != OTHER else ():
            yield document.finding("MG436", f"`{path[-1]}` stands twice in one map", path)
