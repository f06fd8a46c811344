"""Sources, the data contract, and the step that checks and splits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath
from mlopsgen.lock import Lock
from mlopsgen.lock.model import LARGE, changed_data
from mlopsgen.plan.files import Files
from mlopsgen.plan.jobs import CONTRACT, Placed, around, command, common, flags, optional_params, runtime, setting
from mlopsgen.plan.steps import FromSource, Input, LocalData, Prepare, Source
from mlopsgen.plan.values import Argv, Flag, InputDir, OutputDir, PortKind
from mlopsgen.plan.wiring import PREPARE, Wires, built_in_split, outputs
from mlopsgen.spec.data import Data, DataSource, Split
from mlopsgen.spec.product import Spec
from mlopsgen.spec.values import Ref, Text

_COMPRESSION = {"none": "none", "gzip": "gzip", "bzip2": "bz2", "zstd": "zstd"}


def main_source(data: Data) -> str:
    """The source that label, checks and split describe."""
    return data.main or next(iter(data.sources), "source")


def sources(spec: Spec, files: Files, lock: Lock, findings: list[Diagnostic]) -> Iterator[Source]:
    """Every declared source; one beside the spec with the digest of its files, or a finding when it is not there."""
    if spec.data is None:
        return
    for name, source in spec.data.sources.items():
        try:
            declared = _declared(name, source, files, lock)
            if declared.local is not None:
                findings.extend(changed_data(declared.local.path, declared.local.digest, declared.origin, lock))
            yield declared
        except SpecError as missing:
            findings.extend(missing.findings)


def _declared(name: str, source: DataSource, files: Files, lock: Lock) -> Source:
    origin: SpecPath = ("data", "sources", name, "uri")
    uri = (
        source.uri
        if isinstance(source.uri, str | Ref)
        else Text(source.uri.parts if isinstance(source.uri, Text) else (source.uri,))
    )
    local = _local(uri, files, lock, origin) if isinstance(uri, str) and is_local(uri) else None
    locked = lock.data.get(uri) if isinstance(uri, str) else None
    return Source(
        name=name,
        uri=uri,
        local=local,
        format=source.file_format,
        version=source.version or (locked.digest if locked and local is None else None),
        distribution=source.distribution,
        origin=origin,
    )


def is_local(uri: str) -> bool:
    """Whether it is a path beside the spec: a URI has a scheme before its first slash."""
    return ":" not in uri.split("/", 1)[0]


def _local(path: str, files: Files, lock: Lock, spec_path: SpecPath) -> LocalData | None:
    size, modified = files.facts(path, spec_path)
    known = lock.data.get(path)
    if known and size >= LARGE and (known.size, known.modified) == (size, modified):
        return LocalData(path=path, digest=known.digest, files=files.listing(path, spec_path))
    digest, names = files.digest(path, spec_path)
    return LocalData(path=path, digest=digest, files=names)


def has_rules(data: Data) -> bool:
    """Whether there is anything to check before the first step."""
    checks = data.checks
    bounds = (checks.max_null_rate, checks.min_rows, checks.max_rows)
    return any(s.columns for s in data.sources.values()) or bool(checks.unique) or any(b is not None for b in bounds)


def contract(data: Data) -> bytes:
    """contract.json, as the runtime reads it (mlopsgen/runtime/contract.py documents it)."""
    split = built_in_split(data)
    document = {
        "format_version": 1,
        "main": main_source(data),
        "sources": {name: _source(source) for name, source in data.sources.items()},
        "roles": {
            "label": data.label,
            "positive": _positive(data),
            "id": data.id,
            "time": data.time,
            "weight": data.weight,
            "ignore": list(data.ignore),
            **{role: column for role in ("query", "series") if (column := getattr(data, role)) is not None},
        },
        "checks": _checks(data),
        "split": _split(data, split) if split else None,
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _source(source: DataSource) -> Mapping[str, Any]:
    columns = {
        name: {
            # A day is a moment to the runtime: its midnight.
            "type": "datetime" if rule.type == "date" else rule.type,
            "nullable": rule.nullable,
            **({"format": rule.format} if rule.format is not None else {}),
            "minimum": rule.minimum,
            "maximum": rule.maximum,
            "values": list(rule.values) or None,
        }
        for name, rule in source.columns.items()
    }
    compression = _COMPRESSION[source.compression] if source.compression != "none" else None
    return {
        "format": source.file_format,
        "header": source.header,
        "delimiter": source.delimiter,
        **({"decimal": source.decimal} if source.decimal != "." else {}),
        "compression": compression,
        "columns": columns,
    }


def _positive(data: Data) -> Mapping[str, Any] | None:
    if data.positive is None:
        return None
    return {key: value for key, value in data.positive.model_dump().items() if value is not None}


def _checks(data: Data) -> Mapping[str, Any]:
    checks = data.checks
    return {
        "max_null_rate": checks.max_null_rate,
        "min_rows": checks.min_rows,
        "max_rows": checks.max_rows,
        "unique": [list(checks.unique)] if checks.unique else [],
    }


def _is_stratified(data: Data, split: Split) -> bool:
    """As the spec says, and else wherever the label may be a class and time does not decide."""
    if split.stratify is not None:
        return split.stratify
    label = data.sources[main_source(data)].columns.get(str(data.label)) if data.sources else None
    is_number = label is not None and label.type in ("number", "datetime", "date")
    return data.label is not None and not split.by_time and not is_number


def _split(data: Data, split: Split) -> Mapping[str, Any]:
    # A list that is cut in two is ranked by half of it.
    together = split.group or (None if split.by_time else data.query)
    return {
        "test": split.test,
        "validation": split.validation,
        "seed": split.seed,
        "stratify": _is_stratified(data, split),
        "by_time": split.by_time,
        "group": together,
    }


def checked(data: Data, inputs: tuple[Input, ...], digest: str, inner: Argv) -> Argv:
    """The command with the data contract's check before it, when there is one to check.

    Only sources are checked, under the flag that the step knows them by.
    """
    read = [i for i in inputs if isinstance(i.source, FromSource)]
    if not has_rules(data) or not read:
        return inner
    named = (Flag(i.source.source, InputDir(i.port)) for i in read if isinstance(i.source, FromSource))
    return around(runtime("validate", Flag("contract", CONTRACT), setting("contract-digest", digest), *named), inner)


def prepare_step(data: Data, digest: str, wires: Wires, optional: frozenset[str]) -> Prepare | None:
    """The first step: checks the contract, then splits or runs the user's own preparation."""
    if PREPARE not in wires.outputs:
        return None
    if data.prepare is None:
        return _built_in(data, digest, wires)
    origin: SpecPath = ("data", "prepare")
    references = data.prepare.inputs
    inputs = wires.inputs(PREPARE, references if references is not None else _all_sources(data), (*origin, "inputs"))
    ports = wires.outputs[PREPARE]
    own = flags(
        [i.port for i in inputs],
        ports,
        [n for n, v in data.prepare.params.items() if v is not None],
        optional_params(data.prepare, optional),
    )
    return Prepare(
        name=PREPARE,
        argv=checked(data, inputs, digest, (*command(data.prepare.run), *own)),
        inputs=inputs,
        outputs=outputs(ports, (*origin, "outputs")),
        runtime=has_rules(data),
        **common(Placed(PREPARE, data.prepare, origin)),
    )


def _built_in(data: Data, digest: str, wires: Wires) -> Prepare:
    main = main_source(data)
    origin: SpecPath = ("data", "split")
    # The contract covers every source that has columns, so that a broken side table stops the run too.
    read = [name for name, source in data.sources.items() if name == main or source.columns]
    inputs = tuple(
        Input(port=n, kind=PortKind.SOURCE, source=FromSource(n), origin=("data", "sources", n)) for n in read
    )
    ports = wires.outputs[PREPARE]
    split = runtime(
        "split", Flag("contract", CONTRACT), Flag(main, InputDir(main)), *(Flag(p, OutputDir(p)) for p in ports)
    )
    return Prepare(
        name=PREPARE,
        argv=checked(data, inputs, digest, split),
        inputs=inputs,
        outputs=outputs(ports, origin),
        runtime=True,
        origin=origin,
    )


def _all_sources(data: Data) -> dict[str, str]:
    return {name: f"data.{name}" for name in data.sources}
