"""The launcher: prepares what a platform cannot put on a command line, then runs the step's own command.

step [--secret=ENV=URI]… [--params-file=FILE --param=NAME:TYPE…] [--scalars=stdout|mlflow|file:PATH] [--metrics=DIR]
     [--make=DIR]… [--fetch=DIR=VERSION@REGISTRY]… [--unpack=DIR[:SUBDIR]]… [--merge=DIR=DIR1,DIR2]…
     [--when=true|false]… [--needs=FILE]… [--optional=NAME[=TEXT]]… [--required=NAME=TEXT]… [--integer=NAME]…
     [--attempts=N] [--backoff=SECONDS] [--fresh=DIR]… [--keep=DIR]… [--note=FILE=NAME,NAME…]…
     [--track=URI [--track-as=STEP] [--track-run=ID] [--track-param=NAME]… [--track-metrics=DIR] [--track-figure=DIR]…]
     [--failure-file=PATH] -- COMMAND…

The command does not run where a --when is false or a file of --needs is not there. A flag of the command whose
value is TEXT has none: an --optional one is left out, a --required one is refused. --attempts are made after the
first one failed, in --fresh folders. --keep leaves no folder empty; --note keeps what flags of the command say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from . import around
from .files import read_metrics, write_whole
from .flags import Flags, read_flags
from .launch import REASON_LIMIT, run_child
from .parameters import parameters_from
from .platforms import fetch_secret, open_registry
from .problems import Failed, Usage
from .tracking import REPEATED as RECORDED
from .tracking import SINGLE as RECORD
from .tracking import Record
from .unpack import merge_folders, unpack_folder

SINGLE = ("params-file", "scalars", "metrics", "failure-file", "attempts", "backoff", *RECORD)
REPEATED = (
    *("secret", "param", "make", "fetch", "unpack", "merge", "optional"),
    *("when", "needs", "required", "integer", "fresh", "keep", "note"),
    *RECORDED,
)


def run(argv: Sequence[str]) -> int:
    """Runs a step's command inside what the platform laid out; its exit code is passed on."""
    flags = read_flags("step", argv, single=SINGLE, repeated=REPEATED)
    _check(flags)
    if why := around.skipped(flags.many("when"), flags.many("needs")):
        print(f"skipped: {why}")
        around.keep(flags.many("keep"))
        return 0
    failure = flags.maybe_folder("failure-file")
    try:
        code, reason = _run(flags)
    except Failed as problem:
        _write_reason(failure, str(problem))
        raise
    if code:
        _write_reason(failure, reason or f"the step ended with exit code {code}")
    return code


def _check(flags: Flags) -> None:
    if not flags.rest:
        raise Usage("step needs the command to run after ` -- `")
    if flags.many("param") and flags.maybe("params-file") is None:
        raise Usage("--param needs --params-file=FILE, where the values are")
    if flags.maybe("scalars") and flags.maybe("metrics") is None:
        raise Usage("--scalars needs --metrics=DIR, where metrics.json will be")
    target = flags.maybe("scalars") or "stdout"
    if target not in ("stdout", "mlflow") and not target.removeprefix("file:"):
        raise Usage("--scalars takes stdout, mlflow or file:PATH")
    if target not in ("stdout", "mlflow") and not target.startswith("file:"):
        raise Usage(f"--scalars takes stdout, mlflow or file:PATH, not `{target}`")


def _run(flags: Flags) -> tuple[int, str]:
    for folder in flags.many("make"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    for asked in flags.many("fetch"):
        _fetch(asked)
    for asked in flags.many("unpack"):
        unpack_folder(asked)
    for asked in flags.many("merge"):
        merge_folders(asked)
    command = _command(flags)
    for asked in flags.many("note"):
        around.note(asked, command)
    secrets = _secrets(flags.many("secret"))
    attempts, wait = (flags.count(name, 1) if flags.maybe(name) else 0 for name in ("attempts", "backoff"))
    record = Record(flags)
    variables = {**record.start(command, secrets), **secrets}
    ended = around.tried(lambda: run_child(command, variables), attempts, wait, flags.many("fresh"))
    record.end(good=ended.code == 0)
    metrics = flags.maybe_folder("metrics")
    if ended.code == 0 and metrics is not None:
        _tell_scalars(metrics, flags.maybe("scalars") or "stdout")
    if ended.code == 0:
        around.keep(flags.many("keep"))
    return ended.code, ended.last_words


def _command(flags: Flags) -> list[str]:
    """The command with all its params."""
    command = list(flags.rest)
    parameters = flags.maybe_folder("params-file")
    if parameters is not None:
        command += parameters_from(parameters, flags.many("param"))
    return around.settled(command, flags.many("optional"), flags.many("required"), flags.many("integer"))


def _fetch(asked: str) -> None:
    """Brings a registered model's files into a folder, which stays empty while there is no champion."""
    folder, equals, wanted = asked.partition("=")
    version, at, uri = wanted.partition("@")
    if not equals or not at or not folder or not version:
        raise Usage(f"--fetch takes DIR=VERSION@REGISTRY, not `{asked}`")
    registry = open_registry(uri)
    if version == "champion":
        found = registry.champion()
    else:
        found = next((v for v in registry.versions() if v.name.rpartition("/")[2] == version), None)
        if found is None:
            raise Failed(f"{uri} has no version {version}")
    Path(folder).mkdir(parents=True, exist_ok=True)
    if found is None:
        print(f"there is no champion in {uri} yet, so {folder} stays empty")
    else:
        registry.fetch_model(found, Path(folder))


def _secrets(asked: Sequence[str]) -> dict[str, str]:
    secrets = {}
    for entry in asked:
        name, equals, uri = entry.partition("=")
        if not equals or not name or not uri:
            raise Usage("--secret takes ENV=URI")
        secrets[name] = fetch_secret(uri)
    return secrets


def _tell_scalars(folder: Path, target: str) -> None:
    if target == "mlflow":
        around.log_to_mlflow(read_metrics(folder))
        return
    lines = "".join(f"{name}={value!r}\n" for name, value in sorted(read_metrics(folder).items()))
    if target == "stdout":
        print(lines, end="", flush=True)
    else:
        write_whole(Path(target.removeprefix("file:")), lines.encode())


def _write_reason(path: Path | None, reason: str) -> None:
    if path is not None:
        write_whole(path, reason[-REASON_LIMIT:].encode())
