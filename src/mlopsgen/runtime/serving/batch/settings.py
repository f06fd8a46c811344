"""What the command line says that is to be scored, how, and where to."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...contract import Contract, read_contract
from ...flags import Flags, number, read_flags, truth
from ...problems import Usage
from ..lock import Claim

FORMATS = ("csv", "parquet", "jsonl")
POLICIES = ("fail", "skip", "dead-letter")
SINGLE = (
    *("input", "format", "header", "columns", "partition"),
    *("output", "out-format", "out-header", "out-columns", "out-partition", "write", "state"),
    *("name", "run-id", "at", "timezone"),
    *("model", "registry", "version", "predict", "contract"),
    *("mini-batch", "mini-batch-bytes", "call-timeout", "call-retries", "part-bytes"),
    *("workers", "node", "nodes", "heartbeat"),
    *("on-bad-record", "max-bad"),
)
PART_BYTES = 64 * 2**20
HEARTBEAT = 10.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=@+-]{0,199}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """How files hold records."""

    format: str
    header: bool
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """How the model is asked."""

    size: int
    by_bytes: bool
    timeout: float | None
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who shares the work."""

    workers: int
    node: int
    nodes: int
    heartbeat: float
    """Seconds between two signs of life; who gave none for six of them is taken for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the model comes from: a folder, or a version of a registry."""

    model: str | None
    registry: str | None
    version: str | None
    predict: str | None
    contract: str | None

    def rules(self) -> Contract | None:
        """The data contract, where there is one."""
        return None if self.contract is None else read_contract(Path(self.contract))

    def script(self) -> Path | None:
        """The user's script, where there is one."""
        return None if self.predict is None else Path(self.predict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run of a batch deployment."""

    name: str
    run: str
    at: str | None
    input: str
    """The address of the files: with the run's day, where the input is cut by days."""
    output: str
    """The address that readers know: with the run's day, where the output is cut by days."""
    root: str
    """The output's address without a day; dead letters lie below it."""
    state: str
    read: Records
    written: Records
    overwrite: bool
    source: Source
    calls: Calls
    crew: Crew
    on_bad: str
    max_bad: float | None
    part_bytes: int

    @property
    def claim(self) -> Claim:
        """This machine's place in the run."""
        return Claim(name=self.name, run=self.run, node=self.crew.node, every=self.crew.heartbeat)

    def facts(self) -> dict[str, Any]:
        """What decides on the result: a run that is taken up again has to say the same."""
        read, written = self.read, self.written
        return {
            "input": self.input, "format": read.format, "header": read.header, "columns": list(read.columns),
            "output": self.output, "out-format": written.format, "out-header": written.header,
            "out-columns": list(written.columns), "write": "overwrite" if self.overwrite else "append",
            "on-bad-record": self.on_bad, "part-bytes": self.part_bytes,
        }  # fmt: skip


def read_settings(argv: Sequence[str]) -> Settings:
    """The settings of a command line; what contradicts itself is refused."""
    flags = read_flags("score", argv, single=SINGLE)
    source = _source(flags)
    contract = source.rules()
    root = address(flags.one("output"))
    output = _dated(flags, "out-partition", root)
    there = _dated(flags, "partition", address(flags.one("input")))
    # What a run has written must never be its input the next time.
    if f"{root.rstrip('/')}/".startswith(f"{there.rstrip('/')}/"):
        raise Usage(f"--output={flags.one('output')} lies in --input: the next run would read what this one writes")
    return Settings(
        name=_word(flags, "name"),
        run=_word(flags, "run-id"),
        at=flags.maybe("at"),
        input=there,
        output=output,
        root=root,
        state=address(flags.maybe("state") or f"{root.rstrip('/')}/_state"),
        read=_read(flags, contract),
        written=_written(flags, contract),
        overwrite=flags.choice("write", ("append", "overwrite"), "append") == "overwrite",
        source=source,
        calls=_calls(flags),
        crew=_crew(flags),
        on_bad=flags.choice("on-bad-record", POLICIES, "fail"),
        max_bad=_share(flags),
        part_bytes=flags.count("part-bytes", PART_BYTES),
    )


def address(text: str) -> str:
    """A URI as it is; a folder here as one."""
    if re.match(r"[a-z][a-z0-9+.-]*:", text):
        return text
    from urllib.parse import quote

    return f"file://{quote(str(Path(text).absolute()))}"


def _word(flags: Flags, name: str) -> str:
    """A name that is one folder of every store."""
    text = flags.one(name)
    if not _NAME.fullmatch(text):
        raise Usage(f"--{name} must be one word of letters, digits and ._:=@+-, not `{text}`")
    return text


def _dated(flags: Flags, name: str, uri: str) -> str:
    if flags.choice(name, ("none", "date"), "none") == "none":
        return uri
    # Who starts it by hand and says no time means this one.
    at = flags.maybe("at") or datetime.now(UTC).isoformat()
    return f"{uri.rstrip('/')}/{day_of(at, flags.maybe('timezone') or 'UTC')}"


def day_of(at: str, timezone: str) -> str:
    """The day of a moment where the schedule is kept; a moment without an offset is one of that place."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        moment, zone = datetime.fromisoformat(at), UTC if timezone == "UTC" else ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, OSError):
        raise Usage(f"--timezone={timezone} is not known here; is `tzdata` in the image?") from None
    except ValueError:
        raise Usage(f"--at must be a time such as 2024-05-01T03:00:00Z, not `{at}`") from None
    return (moment if moment.tzinfo is None else moment.astimezone(zone)).date().isoformat()


def _source(flags: Flags) -> Source:
    model, registry = flags.maybe("model"), flags.maybe("registry")
    if (model is None) == (registry is None):
        raise Usage("score needs --model=DIR or --registry=URI, and one of the two alone")
    return Source(
        model=model,
        registry=registry,
        version=flags.maybe("version"),
        predict=flags.maybe("predict"),
        contract=flags.maybe("contract"),
    )


def _read(flags: Flags, contract: Contract | None) -> Records:
    records = Records(
        format=flags.choice("format", FORMATS, "csv"),
        header=truth("header", flags.maybe("header") or "true"),
        columns=_columns(flags, "columns"),
    )
    if records.format != "csv" or records.header or records.columns:
        return records
    known = () if contract is None else tuple(column.name for column in contract.source.columns)
    if not known:
        raise Usage("csv without a header needs --columns=[…], the names of its fields in their order")
    return Records(format="csv", header=False, columns=known)


def _written(flags: Flags, contract: Contract | None) -> Records:
    id_column = None if contract is None else contract.roles.id
    return Records(
        format=flags.choice("out-format", FORMATS, "csv"),
        header=truth("out-header", flags.maybe("out-header") or "true"),
        columns=_columns(flags, "out-columns") or ((id_column,) if id_column else ()),
    )


def _columns(flags: Flags, name: str) -> tuple[str, ...]:
    text = flags.maybe(name)
    try:
        names = [] if text is None else json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(one, str) and one for one in names):
        raise Usage(f'--{name} must be a JSON list of names such as ["id", "age"], not `{text}`')
    if len(set(names)) < len(names):
        raise Usage(f"--{name} names a column twice")
    return tuple(names)


def _calls(flags: Flags) -> Calls:
    if flags.maybe("mini-batch") and flags.maybe("mini-batch-bytes"):
        raise Usage("score takes --mini-batch=N or --mini-batch-bytes=N, not both")
    by_bytes = flags.maybe("mini-batch-bytes") is not None
    seconds = flags.maybe("call-timeout")
    timeout = None if seconds is None else number("call-timeout", seconds)
    if timeout is not None and timeout <= 0:
        raise Usage("--call-timeout must be more than 0 seconds")
    return Calls(
        size=flags.count("mini-batch-bytes" if by_bytes else "mini-batch", 100),
        by_bytes=by_bytes,
        timeout=timeout,
        retries=flags.count("call-retries", 0),
    )


def _crew(flags: Flags) -> Crew:
    crew = Crew(
        workers=flags.count("workers", 1),
        node=flags.count("node", 0),
        nodes=flags.count("nodes", 1),
        heartbeat=number("heartbeat", flags.maybe("heartbeat") or str(HEARTBEAT)),
    )
    if crew.node >= crew.nodes:
        raise Usage(f"--node={crew.node} is none of --nodes={crew.nodes}: nodes are counted from 0")
    if crew.heartbeat <= 0:
        raise Usage("--heartbeat must be more than 0 seconds")
    return crew


def _share(flags: Flags) -> float | None:
    text = flags.maybe("max-bad")
    share = None if text is None else number("max-bad", text)
    if share is not None and not (0 <= share <= 1 and math.isfinite(share)):
        raise Usage(f"--max-bad must be a share from 0 to 1, not `{text}`")
    return share
