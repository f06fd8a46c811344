"""The launcher: prepares what a platform cannot put on a command line, then runs the step's own command.

step [--secret=ENV=URI]… [--params-file=FILE --param=NAME:TYPE…] [--scalars=stdout|mlflow|file:PATH] [--metrics=DIR]
     [--make=DIR]… [--fetch=DIR=VERSION@REGISTRY]… [--load=DIR=URI]… [--unpack=DIR[:SUBDIR]]… [--merge=DIR=DIR1,DIR2]…
     [--once=DIR] [--save=DIR=URI]… [--rank=VARIABLE] [--cluster=VARIABLE|PATH] [--failure-file=PATH] [--timeout=N]
     [--when=true|false]… [--needs=FILE]… [--optional=NAME[=TEXT]]… [--required=NAME=TEXT]… [--integer=NAME]…
     [--instead=NAME=TEXT=VALUE]…
     [--executor-input JSON] [--collect=DIR] [--params=JSON] [--params-to=DIR] [--note=FILE=NAME,NAME…]…
     [--attempts=N] [--backoff=SECONDS] [--may-fail=true|false] [--fresh=DIR]… [--keep=DIR]…
     [--track=URI [--track-as=STEP] [--track-run=ID] [--track-param=NAME]… [--track-metrics=DIR] [--track-figure=DIR]…]
     -- COMMAND…

The command does not run where a --when is false or a file of --needs is not there. A flag of the command whose
value is TEXT has none: an --optional one is left out, a --required one is refused, and one of --instead says VALUE.
--attempts are made after the first one failed, in --fresh folders; one that --may-fail then tells its failure, and no
more. --keep leaves no folder empty; --note keeps what flags of the command say.
Of several processes on a machine that name the same --once folder, the first one fetches, loads, unpacks and merges.
Of several machines, --rank's variable counts them from 0: the first one saves, and tells the scalars.
--cluster's variable (Vertex AI: CLUSTER_SPEC), or file where it is a path (SageMaker: resourceconfig.json), names them
all, and counts them where there is no --rank; the command finds the first one where torchrun looks.
--executor-input (a word of its own, as pipelines write it) names the folders of a pipeline's task; --collect puts
what the trials of a loop made below one folder. --params is an object whose entries become flags of the command,
kept in --params-to.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import around, executor
from .files import write_json, write_whole
from .flags import Flags, read_flags, truth
from .launch import REASON_LIMIT, Ended, run_child
from .measured import read_measured
from .nodes import rendezvous
from .once import once
from .parameters import flags_from, parameters_from
from .platforms import fetch_secret, open_registry
from .problems import Failed, Usage
from .remote import is_first, load, save
from .tracking import REPEATED as RECORDED
from .tracking import SINGLE as RECORD
from .tracking import Record
from .unpack import merge_folders, unpack_folder

SINGLE = (
    *("params-file", "scalars", "metrics", "failure-file", "rank", "cluster", "timeout"),
    *("executor-input", "collect", "params", "params-to", "attempts", "backoff", "may-fail", "once"),
    *RECORD,
)
REPEATED = (
    *("secret", "param", "make", "fetch", "load", "save", "unpack", "merge", "optional"),
    *("when", "needs", "required", "integer", "instead", "fresh", "keep", "note"),
    *RECORDED,
)
SPARE = Path("/tmp/mlopsgen/inputs")  # noqa: S108 — a container runs one step, and nothing else writes there


def run(argv: Sequence[str]) -> int:
    """Runs a step's command inside what the platform laid out; its exit code is passed on."""
    flags = read_flags("step", _joined(argv), single=SINGLE, repeated=REPEATED)
    _check(flags)
    if why := around.skipped(flags.many("when"), flags.many("needs")):
        print(f"skipped: {why}")
        around.keep(flags.many("keep"))
        return 0
    failure = flags.maybe_folder("failure-file")
    try:
        code, reason = _run(flags)
    except Exception as problem:
        said = str(problem) if isinstance(problem, Failed | Usage) else f"{type(problem).__name__}: {problem}"
        _write_reason(failure, said)
        raise
    if code:
        _write_reason(failure, reason or f"the step ended with exit code {code}")
    return code


def _joined(argv: Sequence[str]) -> list[str]:
    """`--executor-input JSON` as one word: platforms surely fill in a placeholder that is a word of its own."""
    words = list(argv)
    if "--executor-input" in words[:-1]:
        at = words.index("--executor-input")
        words[at : at + 2] = [f"--executor-input={words[at + 1]}"]
    return words


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
    place = flags.maybe("executor-input")
    task = executor.read_executor_input(place) if place else None
    _lay_out(flags, task)
    command = _command(flags)
    for text in flags.many("note"):
        around.note(text, command)
    secrets = _secrets(flags.many("secret"))
    record = Record(flags)
    machines = _machines(flags)
    variables = {**record.start(command, secrets), **secrets, **machines}
    ended = _tried(flags, executor.in_folders(task, command, SPARE) if task else command, variables)
    record.end(good=ended.code == 0)
    if ended.code == 0:
        _hand_on(flags, task, first=_is_first(flags, machines))
    elif truth("may-fail", flags.maybe("may-fail") or "false"):
        print(f"failed with exit code {ended.code}: {ended.last_words}")
        return 0, ""
    return ended.code, ended.last_words


def _lay_out(flags: Flags, task: executor.ExecutorInput | None) -> None:
    """Everything that has to be there before the command starts."""
    if task is not None:
        executor.make_folders(task)
    for folder in flags.many("make"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    once(flags.maybe_folder("once"), lambda: _bring(flags))
    if task is not None and (trials := flags.maybe_folder("collect")) is not None:
        executor.collect(task, trials)


def _bring(flags: Flags) -> None:
    """Fills folders from elsewhere."""
    for text in flags.many("fetch"):
        _fetch(text)
    for text in flags.many("load"):
        load(text)
    for text in flags.many("unpack"):
        unpack_folder(text)
    for text in flags.many("merge"):
        merge_folders(text)


def _command(flags: Flags) -> list[str]:
    """The command with all its params."""
    command = list(flags.rest)
    parameters = flags.maybe_folder("params-file")
    if parameters is not None:
        command += parameters_from(parameters, flags.many("param"))
    command = around.meant([*command, *_given(flags)], flags.many("instead"))
    absent = (flags.many(name) for name in ("optional", "required", "integer"))
    return around.settled(command, *absent)


def _is_first(flags: Flags, machines: Mapping[str, str]) -> bool:
    """Whether this machine speaks for all of them: --rank's variable says so, or else --cluster's list."""
    rank = flags.maybe("rank")
    return is_first(rank) if rank else machines.get("NODE_RANK", "0") == "0"


def _hand_on(flags: Flags, task: executor.ExecutorInput | None, *, first: bool) -> None:
    """What a platform is told after the command has ended well."""
    if task is not None:
        executor.tell(task)
    metrics = flags.maybe_folder("metrics")
    for text in flags.many("save") if first else ():
        save(text)
    if metrics is not None and first:
        _tell_scalars(metrics, flags.maybe("scalars") or "stdout")
    around.keep(flags.many("keep"))


def _given(flags: Flags) -> list[str]:
    """The params of a trial as flags of the command, and kept in a file."""
    if flags.maybe("params") is None:
        return []
    params, words = flags_from(flags.one("params"))
    kept = flags.maybe_folder("params-to")
    if kept is not None:
        write_json(kept / "params.json", params)
    return words


def _tried(flags: Flags, command: Sequence[str], variables: Mapping[str, str]) -> Ended:
    """Runs the command as often as it may be."""
    limit = flags.count("timeout", 0) or None
    attempts, wait = (flags.count(name, 0) for name in ("attempts", "backoff"))
    return around.tried(lambda: run_child(command, variables, limit), attempts, wait, flags.many("fresh"))


def _fetch(text: str) -> None:
    """Brings a registered model's files into a folder, which stays empty while there is no champion."""
    folder, equals, origin = text.partition("=")
    version, at, uri = origin.partition("@")
    if not equals or not at or not folder or not version:
        raise Usage(f"--fetch takes DIR=VERSION@REGISTRY, not `{text}`")
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


def _machines(flags: Flags) -> Mapping[str, str]:
    """Where the command finds the other machines."""
    cluster = flags.maybe("cluster")
    return rendezvous(cluster) if cluster else {}


def _secrets(entries: Sequence[str]) -> dict[str, str]:
    secrets = {}
    for entry in entries:
        name, equals, uri = entry.partition("=")
        if not equals or not name or not uri:
            raise Usage("--secret takes ENV=URI")
        secrets[name] = fetch_secret(uri)
    return secrets


def _tell_scalars(folder: Path, target: str) -> None:
    measured = read_measured(folder)
    if measured.without:
        # Platforms read metrics on stdout.
        print(f"note: {measured.sentence()}", file=sys.stderr, flush=True)
    if target == "mlflow":
        around.log_to_mlflow(measured.values)
        return
    lines = "".join(f"{name}={value!r}\n" for name, value in sorted(measured.values.items()))
    if target == "stdout":
        print(lines, end="", flush=True)
    else:
        write_whole(Path(target.removeprefix("file:")), lines.encode())


def _write_reason(path: Path | None, reason: str) -> None:
    if path is not None:
        # The end says what went wrong, and SageMaker keeps the start: 1,024 bytes, whatever letters they are.
        write_whole(path, reason.encode()[-REASON_LIMIT:].decode(errors="ignore").encode())
