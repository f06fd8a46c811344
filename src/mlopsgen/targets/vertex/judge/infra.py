"""Rules for Terraform's JSON: blocks, arguments, references, cycles, what nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.nearest import nearest
from mlopsgen.spec.cron import cron_problem, timezone_problem
from mlopsgen.targets.documents import Document, Path, dig, items, walk
from mlopsgen.targets.ir.judge.folder import mapping, repeated
from mlopsgen.targets.ir.judge.references import reached
from mlopsgen.targets.rules import rule
from mlopsgen.targets.vertex.judge.modules import Module, Name, Unbalanced, expressions, names
from mlopsgen.targets.vertex.judge.resources import DATA, GIVES, META, RESOURCES, TABLE

LANGUAGE = "Terraform language, JSON configuration syntax"
PROVIDER = "Terraform's provider for Google Cloud"
_TOP = {"terraform", "provider", "variable", "locals", "data", "resource", "output", "module", "check", "moved"}
_TOP |= {"import", "removed", "//"}
_FUNCTIONS = {
    *("abs", "abspath", "alltrue", "anytrue", "base64decode", "base64encode", "base64gzip", "base64sha256"),
    *("basename", "can", "ceil", "chomp", "chunklist", "cidrhost", "cidrsubnet", "cidrsubnets", "coalesce"),
    *("coalescelist", "compact", "concat", "contains", "csvdecode", "dirname", "distinct", "element"),
    *("endswith", "file", "filebase64", "fileexists", "filemd5", "fileset", "filesha256", "flatten", "floor"),
    *("format", "formatdate", "formatlist", "indent", "index", "join", "jsondecode", "jsonencode", "keys"),
    *("length", "log", "lookup", "lower", "map", "matchkeys", "max", "md5", "merge", "min", "nonsensitive"),
    *("one", "parseint", "pathexpand", "pow", "range", "regex", "regexall", "replace", "reverse", "sensitive"),
    *("setintersection", "setproduct", "setsubtract", "setunion", "sha1", "sha256", "sha512", "slice", "sort"),
    *("split", "startswith", "strcontains", "strrev", "substr", "sum", "templatefile", "templatestring"),
    *("timeadd", "timecmp", "timestamp", "title", "tobool", "tolist", "tomap", "tonumber", "toset", "tostring"),
    *("transpose", "trim", "trimprefix", "trimspace", "trimsuffix", "try", "type", "upper", "urlencode", "uuid"),
    *("values", "yamldecode", "yamlencode", "zipmap"),
}
_WORDS = {"true", "false", "null", "for", "in", "if", "else", "endif", "endfor"}
_SELF = {"path": {"module", "root", "cwd"}, "terraform": {"workspace"}, "each": {"key", "value"}, "count": {"index"}}
_IDENTITY = {
    "google_service_account": ("account_id",),
    "google_storage_bucket": ("name",),
    "google_artifact_registry_repository": ("location", "repository_id"),
    "google_secret_manager_secret": ("secret_id",),
    "google_project_iam_custom_role": ("role_id",),
    "google_project_service": ("service",),
}


@rule("tf-blocks", LANGUAGE)
def blocks(m: Module) -> Iterator[Diagnostic]:
    """A file holds blocks that Terraform knows, under names that it can say."""
    for document in m.documents:
        yield from repeated(document)
        if not isinstance(document.data, dict):
            yield document.finding("MG431", "a file of Terraform is one object")
            continue
        for key, value in document.data.items():
            if key not in _TOP:
                near = nearest(key, _TOP)
                hint = f"did you mean `{near}`?" if near else None
                yield document.finding("MG430", f"Terraform has no block `{key}`", (key,), hint)
            elif key in ("resource", "data", "variable", "output", "locals") and not isinstance(value, dict):
                yield document.finding("MG431", f"`{key}` is an object", (key,))
    for block in m.blocks:
        if not re.fullmatch(r"[A-Za-z_][\w-]*", block.name):
            yield block.document.finding("MG433", f"`{block.name}` is no name of a resource", block.path)


@rule("tf-shape", PROVIDER)
def shape(m: Module) -> Iterator[Diagnostic]:
    """Every argument is one of its resource, and those that it needs are there."""
    for document in m.documents:
        for kind, known in (("resource", RESOURCES), ("data", DATA)):
            for type_, named in mapping(mapping(document.data).get(kind)).items():
                yield from _resources(document, (kind, type_), named, known)
        for section, message in (("variable", "Input"), ("output", "Output")):
            for name, body in mapping(mapping(document.data).get(section)).items():
                yield from TABLE.check(document, message, body, (section, name))


def _resources(document: Document, path: Path, named: Any, known: dict[str, dict[str, str]]) -> Iterator[Diagnostic]:
    kind, type_ = path
    if not isinstance(named, dict):
        yield document.finding("MG431", f"`{type_}` is an object of resources by name", path)
    elif type_ in known:
        for name, body in named.items():
            yield from TABLE.check(document, f"{kind} {type_}", body, (*path, name))
    elif near := nearest(str(type_), known):
        # What is like nothing here may well be a resource of another provider.
        yield document.finding("MG430", f"there is no {kind} `{type_}`", path, f"did you mean `{near}`?")


@rule("tf-providers", LANGUAGE + "; a provider without an upper bound is another one tomorrow")
def providers(m: Module) -> Iterator[Diagnostic]:
    """Providers are required by version, and every resource is one of theirs."""
    if not m.blocks:
        return
    yield from _settings(m)
    required = {name: (document, version) for document in m.documents for name, version in _required(document).items()}
    for name, (document, requirement) in required.items():
        version = mapping(requirement).get("version")
        if isinstance(version, str) and ">" in version and "<" not in version and "~>" not in version:
            message = f"`{version}` takes any later version: say up to which"
            yield document.finding("MG445", message, ("terraform", "required_providers", name, "version"))
    for block in m.blocks:
        alias = str(block.body.get("provider", "")).partition(".")[0]
        if required and (alias or block.type.split("_")[0]) not in required:
            message = f"no provider of this module makes `{block.type}`"
            yield block.document.finding("MG433", message, (*block.path, "provider") if alias else block.path)


def _settings(m: Module) -> Iterator[Diagnostic]:
    for section, what in (("terraform", "which providers"), ("provider", "which project and region")):
        if all(document.at((section,)) is None for document in m.documents):
            yield m.documents[0].finding("MG432", f"`{section}` is missing: {what}")
    for document in m.documents:
        for path, kind in (
            (("terraform",), "Settings"),
            (("provider", "google"), "Provider"),
            (("provider", "google-beta"), "Provider"),
        ):
            if document.at(path) is not None:
                yield from TABLE.check(document, kind, document.at(path), path)


def _required(document: Document) -> dict[str, Any]:
    return mapping(document.at(("terraform", "required_providers")))


@rule("tf-expressions", "Terraform language, expressions")
def well_formed(m: Module) -> Iterator[Diagnostic]:
    """Every `${` is closed, and calls functions that there are."""
    for document, path, text in m.texts():
        try:
            words = [name for inner in expressions(text) for name in names(inner)]
        except Unbalanced:
            yield document.finding("MG439", "this expression is not closed", path)
            continue
        for name in words:
            if name.called and name.root not in _FUNCTIONS:
                near = nearest(name.root, sorted(_FUNCTIONS))
                hint = f"did you mean `{near}`?" if near else None
                yield document.finding("MG439", f"Terraform has no function `{name.root}`", path, hint)


@rule("tf-references", "Terraform language, references to named values")
def references(m: Module) -> Iterator[Diagnostic]:
    """What an expression names is there, and has what is read of it."""
    for document, path, name in _named(m):
        wrong = _wrong(m, path, name)
        if wrong:
            yield document.finding("MG434", wrong[0], path, wrong[1])
    for block in m.blocks:
        for i, address in enumerate(items(block.body.get("depends_on"))):
            place = (*block.path, "depends_on", i)
            if isinstance(address, str) and "${" in address:
                message = "`depends_on` names resources without `${}`"
                yield block.document.finding("MG439", message, place)
            elif isinstance(address, str) and address not in m.addresses and not address.startswith("module."):
                near = nearest(address, m.addresses)
                hint = f"did you mean `{near}`?" if near else None
                yield block.document.finding("MG434", f"there is no `{address}`", place, hint)


def _named(m: Module) -> Iterator[tuple[Document, Path, Name]]:
    for document, path, text in m.texts():
        try:
            references = [(inner, name) for inner in expressions(text) for name in names(inner)]
        except Unbalanced:
            continue
        for inner, name in references:
            # A loop of an expression has names of its own.
            local = re.search(rf"\bfor\b[^:]*\b{re.escape(name.root)}\b", inner)
            if not name.called and name.root not in _WORDS and not local:
                yield document, path, name


def _wrong(m: Module, path: Path, name: Name) -> tuple[str, str | None] | None:
    """What is wrong with a name, and what was meant; None when it is right."""
    first = name.parts[0] if name.parts else ""
    if name.root in ("var", "local"):
        known = m.variables if name.root == "var" else m.values
        return None if first in known else _meant(f"there is no `{name.root}.{first}`", first, known)
    if name.root in _SELF:
        if first not in _SELF[name.root]:
            return _meant(f"`{name.root}` has no `{first}`", first, dict.fromkeys(sorted(_SELF[name.root])))
        needs = {"each": "for_each", "count": "count"}.get(name.root)
        if needs and path[0] in ("resource", "data") and dig(_body(m, path), (needs,)) is None:
            return f"`{name.root}.{first}` is known only beside `{needs}`", None
        return None
    if name.root in ("module", "self"):
        return None
    return _of_block(m, name)


def _body(m: Module, path: Path) -> Any:
    for block in m.blocks:
        if block.path == path[:3]:
            return block.body
    return None


def _of_block(m: Module, name: Name) -> tuple[str, str | None] | None:
    parts = (name.root, *name.parts)
    length = 3 if name.root == "data" else 2
    if len(parts) < 2 or ("_" not in name.root and name.root != "data"):
        return f"`{'.'.join(parts)}` is nothing that Terraform knows", None
    address = ".".join(parts[:length])
    block = m.addresses.get(address)
    if block is None:
        return _meant(f"there is no `{address}`", address, m.addresses)
    table = (RESOURCES if block.kind == "resource" else DATA).get(block.type)
    read = parts[length] if len(parts) > length else None
    if table is None or read is None or read == "*":
        return None
    known = {key.removesuffix("!") for key in table if key not in META} | {"id", *GIVES.get(block.type, ())}
    return None if read in known else _meant(f"`{block.type}` has no `{read}`", read, dict.fromkeys(sorted(known)))


def _meant(message: str, word: str, known: Any) -> tuple[str, str | None]:
    near = nearest(word, known)
    return message, f"did you mean `{near}`?" if near else None


@rule("tf-cycles", "Terraform plans a graph without circles")
def cycles(m: Module) -> Iterator[Diagnostic]:
    """No resource waits for itself."""
    edges: dict[str, set[str]] = {address: set() for address in m.addresses}
    for _, path, name in _named(m):
        if path[0] in ("resource", "data") and len(path) > 2:
            source = f"{'data.' if path[0] == 'data' else ''}{path[1]}.{path[2]}"
            parts = (name.root, *name.parts)
            edges.setdefault(source, set()).add(".".join(parts[: 3 if name.root == "data" else 2]))
    for block in m.blocks:
        edges[block.address] |= {a for a in items(block.body.get("depends_on")) if isinstance(a, str)}
    for address, block in m.addresses.items():
        if address in reached(edges, address):
            yield block.document.finding("MG435", f"`{address}` waits for itself", block.path)


@rule("tf-unused", "what nobody reads is a reference that went wrong")
def unused(m: Module) -> Iterator[Diagnostic]:
    """Every variable and every local value is read."""
    read = {(name.root, name.parts[0]) for _, _, name in _named(m) if name.parts}
    for section, root in (("variable", "var"), ("locals", "local")):
        for document, name, _ in m.section(section):
            if (root, name) not in read:
                message = f"nothing reads `{root}.{name}`"
                yield document.finding("MG434", message, (section, name), severity=Severity.WARNING)


@rule("tf-twice", PROVIDER)
def twice(m: Module) -> Iterator[Diagnostic]:
    """No two resources are the same thing."""
    seen: set[tuple[Any, ...]] = set()
    for block in m.of(*_IDENTITY):
        identity = tuple(str(block.body.get(key)) for key in _IDENTITY[block.type])
        key = (block.type, str(block.body.get("project")), *identity)
        if key in seen and not any("each." in one for one in identity):
            message = f"another {block.type} is `{identity[-1]}` already"
            yield block.document.finding("MG436", message, block.path)
        seen.add(key)


@rule("tf-clocks", "Cloud Scheduler, cron job format and time zone")
def clocks(m: Module) -> Iterator[Diagnostic]:
    """A schedule is cron of five fields, in a time zone that is said."""
    for block in m.of("google_cloud_scheduler_job"):
        line, zone = m.resolved(block.body.get("schedule")), m.resolved(block.body.get("time_zone"))
        if isinstance(line, str) and (problem := cron_problem(line)):
            yield block.document.finding("MG439", problem, (*block.path, "schedule"))
        if "time_zone" not in block.body:
            yield block.document.finding("MG432", "say the time zone: `time_zone`", block.path)
        elif isinstance(zone, str) and (problem := timezone_problem(zone)):
            yield block.document.finding("MG439", problem, (*block.path, "time_zone"))


@rule("tf-files", LANGUAGE + "; functions file and filebase64")
def files(m: Module) -> Iterator[Diagnostic]:
    """Files that a module reads are in the bundle."""
    pattern = re.compile(r'\bfile(?:base64|sha256|md5)?\(\s*\\?"\$\{path\.module\}/([^"$\\]+)\\?"')
    for document in m.documents:
        for path, text in walk(document.data):
            for name in pattern.findall(text) if isinstance(text, str) else ():
                folder = m.folder.root / PurePosixPath(document.file).parent
                if not (folder / name).is_file():
                    yield document.finding("MG434", f"there is no file `{name}`", path)
