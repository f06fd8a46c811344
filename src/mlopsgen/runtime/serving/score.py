"""Scores the records below an address with a model, and writes the predictions below another.

score --name=DEPLOYMENT --run-id=ID [--at=TIME [--timezone=ZONE]]
      --input=URI|DIR [--format=csv|parquet|jsonl] [--header=true|false] [--columns=JSON] [--partition=none|date]
      --output=URI|DIR [--out-format=csv|parquet|jsonl] [--out-header=true|false] [--out-columns=JSON]
      [--out-partition=none|date] [--write=append|overwrite] [--state=URI|DIR]
      --model=DIR | --registry=URI [--version=V] [--predict=SCRIPT] [--contract=FILE]
      [--mini-batch=N | --mini-batch-bytes=N] [--call-timeout=SECONDS] [--call-retries=N] [--part-bytes=N]
      [--workers=N] [--node=I --nodes=N] [--heartbeat=SECONDS]
      [--on-bad-record=fail|skip|dead-letter] [--max-bad=SHARE]

Input. The files below --input in the order of their names; hidden ones, and those that begin with `_`, are notes of
their writers. --partition=date reads `<input>/YYYY-MM-DD/` alone, the day of --at (the time for which the run was
scheduled) in --timezone (UTC). --columns are those to read; without a header they name all fields in their order.
--contract gives the model's columns their types, the csv its delimiter, and says which column is the id.

Output. `<output>/run=<id>/part-00000.csv` and so on, each put in place whole, and `_SUCCESS` when all are there: JSON
with counts, the model's version and each file that was read (name, size, the store's mark). Readers wait for it.
Columns: those of --out-columns (the id) as they are written, then `prediction`, `score` where the model has one, and
`score:<class>` where there are several. --write=overwrite keeps one run alone, directly in --output: see
`batch/ending.py` for what a reader sees meanwhile. --out-partition=date writes below `<output>/YYYY-MM-DD/`.

Model. --model is a folder (--version names it), --registry one whose version in use is asked, or the one of --version.

Cut off anywhere and started again with the same --run-id, a run goes on: with the files and the version with which it
began, and without the parts that are done. What is written down for that lies in --state (`<output>/_state`; with an
address of its own where --output changes from run to run). One run of a deployment is at work at a time; a second one
says which and ends with exit code 5. --node=I of --nodes=N scores every N-th part; the last one writes `_SUCCESS`.

Memory. Each worker holds one lot: 2,000 records or 8 MiB of text, or one mini-batch where that is more; of parquet, one
group of rows. A record is no longer than 16 MiB. Files of more than --part-bytes (64 MiB) are several parts.

Bad records, those that do not fit the model's columns or on which it breaks: fail tells the first one, skip counts
them, dead-letter writes them to `<output>/dead-letter/run=<id>/part-00000.jsonl` with file, line and reason. More of
all than --max-bad and the run fails at its end. A call of the model that fails, or takes longer than --call-timeout, is
made --call-retries times again, then with half its records each, until the bad one stands alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..files import digest_of
from ..platforms import open_registry
from ..platforms.api import Registry
from ..platforms.api import Version as Registered
from ..problems import Failed
from ..stopping import stopped_when_told
from .batch.calls import Loaded
from .batch.ending import end, finished
from .batch.plan import Plan, Progress, Version
from .batch.settings import Settings, read_settings
from .batch.workers import work
from .lock import Lock, held


def run(argv: Sequence[str]) -> int:
    """Goes on with the run where it stands, which is nowhere for a new one."""
    settings = read_settings(argv)
    progress = Progress(settings)
    if finished(settings):
        print(f"run {settings.run} of `{settings.name}` is done already: {settings.output}")
        return 0
    with stopped_when_told(), held(progress.store, settings.claim) as lock:
        plan = _plan(settings, progress, lock)
        done = progress.done()
        mine = [part for part in plan.of_node(settings.crew.node, settings.crew.nodes) if part.stem not in done]
        if done:
            print(f"{len(done)} of {len(plan.parts)} parts are done already", flush=True)
        if mine:
            with _model(settings, plan.version) as folder:
                loaded = Loaded(source=settings.source, folder=folder, version=plan.version.name)
                work(settings, plan, loaded, mine)
        print(end(settings, plan, progress), flush=True)
    return 0


def _plan(settings: Settings, progress: Progress, lock: Lock) -> Plan:
    plan = progress.plan()
    # To list and cut the files may take long: the first machine does it for all, if it is there.
    while plan is None and settings.crew.node and lock.sees(0):
        time.sleep(min(2.0, settings.crew.heartbeat))
        plan = progress.plan()
    if plan is None:
        contract = settings.source.rules()
        plan = progress.begin(_version(settings), "," if contract is None else contract.source.delimiter)
    many = f"{len(plan.files)} file{'s' if len(plan.files) != 1 else ''}, {len(plan.parts)} parts"
    print(f"run {settings.run} of `{settings.name}`: {many}, version {plan.version.name} of the model", flush=True)
    return plan


def _version(settings: Settings) -> Version:
    source = settings.source
    if source.model is not None:
        digest = digest_of(Path(source.model))
        return Version(name=source.version or digest.replace(":", "-")[:19], digest=digest)
    registry = open_registry(str(source.registry))
    if source.version is not None:
        return Version(name=_pinned(registry, source.version).name)
    champion = registry.champion()
    if champion is None:
        raise Failed(f"no version in {source.registry} is in use yet: approve one, or name it with --version")
    return Version(name=champion.name)


def _pinned(registry: Registry, name: str) -> Registered:
    """A version by its name, or by the number at the end of a longer one."""
    versions = registry.versions()
    version = next((one for one in versions if name in (one.name, one.name.rpartition("/")[2])), None)
    if version is None:
        there = ", ".join(one.name for one in versions[-8:]) or "none"
        raise Failed(f"there is no version {name} of the model; there is {there}")
    return version


@contextmanager
def _model(settings: Settings, version: Version) -> Iterator[Path]:
    """A folder with the version's files: the one with which the run began."""
    source = settings.source
    if source.model is not None:
        folder = Path(source.model)
        if version.digest is not None and digest_of(folder) != version.digest:
            raise Failed(f"{folder} is not the model with which run {settings.run} began; give another --run-id")
        yield folder
        return
    registry = open_registry(str(source.registry))
    with TemporaryDirectory(prefix="model-") as place:
        registry.fetch_model(_pinned(registry, version.name), Path(place) / "model")
        yield Path(place) / "model"
