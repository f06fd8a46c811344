"""Rules for environments, data and clusters: images that stay what they are, addresses, machines that are sold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.targets.azureml.judge.folder import COMPONENT, COMPUTE, DATA, ENVIRONMENT, PIPELINE, Folder
from mlopsgen.targets.azureml.judge.pipeline import a_map
from mlopsgen.targets.azureml.sizes import is_region, is_retired, is_size
from mlopsgen.targets.documents import Document, Path, walk
from mlopsgen.targets.rules import rule

_IMAGE = re.compile(r"(?P<name>[^@\s:]+(?::\d+(?=/))?[^@\s:]*)(?::(?P<tag>[A-Za-z0-9_][\w.-]*))?(?:@(?P<digest>\S+))?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WORKSPACE = r"(?:subscriptions/[^/]+/resource[gG]roups/[^/]+/(?:providers/[^/]+/)?workspaces/[^/]+/)?"
_ADDRESS = (
    rf"azureml://{_WORKSPACE}(?:datastores/[^/]+/paths/.*|data/[^/]+/(?:versions|labels)/[^/]+)",
    r"azureml://registries/[^/]+/data/[^/]+/(?:versions|labels)/[^/]+",
    r"azureml:[^/:@]+(?::[^/:@]+|@[^/:@]+)?",
    r"azureml:/subscriptions/.+",
    r"(?:https?|wasbs?|abfss?|adl|file|dbfs):.+",
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ASSETS = "Azure ML documentation, data YAML schema: supported paths"


@rule("pinned", "a moving tag runs other code tomorrow")
def pinned(folder: Folder) -> Iterator[Diagnostic]:
    """An image is named by digest, or by a tag that means one thing."""
    for kind in (ENVIRONMENT, COMPONENT, PIPELINE):
        for document in folder.of(kind):
            for path, value in walk(document.data):
                known = kind == ENVIRONMENT or "environment" in path
                if path and path[-1] == "image" and isinstance(value, str) and known:
                    yield from _image(document, path, value)


def _image(d: Document, path: Path, image: str) -> Iterator[Diagnostic]:
    match = _IMAGE.fullmatch(image)
    if match is None:
        yield d.finding("MG433", f"`{image}` names no image", path)
    elif match["digest"] is not None and not _DIGEST.fullmatch(match["digest"]):
        yield d.finding("MG433", f"`{match['digest']}` is no digest", path)
    elif match["digest"] is None and match["tag"] in (None, "latest"):
        yield d.finding("MG445", f"`{image}` is not pinned: name its digest, or a tag of its own", path)


@rule("environment", "azure-ai-ml: an environment is an image, a build, or both an image and conda")
def environment(folder: Folder) -> Iterator[Diagnostic]:
    """An environment is one image, or built from one folder that is there."""
    for d in folder.of(ENVIRONMENT):
        data = a_map(d.data)
        if "image" in data and "build" in data:
            yield d.finding("MG433", "an environment has an image, or is built: not both", ("build",))
        if not {"image", "build"} & data.keys():
            yield d.finding("MG432", "an environment needs `image` or `build`")
        build = a_map(data.get("build"))
        place = folder.lead(d, str(build["path"])) if isinstance(build.get("path"), str) else None
        if place is not None and "://" not in str(build["path"]):
            file = f"{place}/{build.get('dockerfile_path', 'Dockerfile')}"
            if not folder.has(file):
                yield d.finding("MG434", f"there is no {file}", ("build", "path"))
        if folder.ours and "version" not in data:
            yield d.finding("MG432", "without `version`, every submission makes another environment")


@rule("versions", "a bundle makes the same thing again, not another one")
def versions(folder: Folder) -> Iterator[Diagnostic]:
    """In a bundle of ours, data says its version and its type; a component is known by what it holds."""
    for d in folder.of(DATA) if folder.ours else ():
        for key in ("version", "type"):
            if isinstance(d.data, dict) and key not in d.data:
                yield d.finding("MG432", f"`{key}` is missing")


@rule("versions-of-assets", "azure-ai-ml: versions are plain words")
def version_words(folder: Folder) -> Iterator[Diagnostic]:
    """A version is a plain word or number."""
    for kind in (COMPONENT, ENVIRONMENT, DATA):
        for d in folder.of(kind):
            version = a_map(d.data).get("version")
            if version is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}", str(version)):
                yield d.finding("MG433", f"`{version}` is no version: letters, digits, _, - and .", ("version",))


@rule("addresses", _ASSETS)
def addresses(folder: Folder) -> Iterator[Diagnostic]:
    """Data lies at an address that the service reads, or in a file that is there."""
    for d in folder.of(DATA):
        yield from _address(folder, d, ("path",), a_map(d.data).get("path"))
    for d in folder.of(PIPELINE):
        for name, entry in a_map(a_map(d.data).get("inputs")).items():
            if not isinstance(entry, dict):
                continue
            path = entry.get("path")
            yield from _address(folder, d, ("inputs", name, "path"), path)
            if path is None and "value" not in entry and str(entry.get("type", "")).startswith(("uri", "ml")):
                yield d.finding("MG432", f"the input `{name}` needs `path`", ("inputs", name))


def _address(folder: Folder, d: Document, path: Path, text: object) -> Iterator[Diagnostic]:
    if not isinstance(text, str) or "${{" in text:
        return
    if "/datasets/" in text and text.startswith("azureml:/"):
        yield d.finding("MG443", "datasets are of version 1, which is gone: make a data asset", path)
    elif _SCHEME.match(text):
        if not any(re.fullmatch(form, text) for form in _ADDRESS):
            yield d.finding("MG433", f"`{text[:80]}` is no address: azureml://datastores/NAME/paths/PATH", path)
    else:
        place = folder.lead(d, text)
        if place is None or not folder.has(place):
            yield d.finding("MG434", f"there is no `{text}` here", path)


@rule("clusters", "Azure ML documentation, supported VM series and sizes")
def clusters(folder: Folder) -> Iterator[Diagnostic]:
    """A cluster has machines that are sold in a region that there is, and can grow."""
    for d in folder.of(COMPUTE):
        data = a_map(d.data)
        if str(data.get("type")).lower() != "amlcompute":
            continue
        yield from _machine(d, data.get("size"))
        place = data.get("location")
        if isinstance(place, str) and not is_region(place):
            yield d.finding("MG433", f"there is no region `{place}`", ("location",), "such as westeurope")
        least, most = data.get("min_instances", 0), data.get("max_instances")
        if isinstance(least, int) and isinstance(most, int) and least > most:
            yield d.finding("MG433", f"`min_instances` {least} is above `max_instances` {most}", ("min_instances",))
        if folder.ours and most is None:
            yield d.finding("MG432", "say `max_instances`: how far the cluster may grow")
        if data.get("ssh_public_access_enabled") is True:
            message = "nodes answer ssh from the whole internet"
            yield d.finding("MG442", message, ("ssh_public_access_enabled",), severity=Severity.WARNING)


def _machine(d: Document, size: object) -> Iterator[Diagnostic]:
    if isinstance(size, str) and not is_size(size):
        yield d.finding("MG433", f"there is no machine `{size}`", ("size",), "such as Standard_DS3_v2")
    elif isinstance(size, str) and is_retired(size):
        yield d.finding("MG443", f"`{size}` was switched off", ("size",), "the series has a successor")
