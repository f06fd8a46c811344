"""Has the champion, or the best registered model, judged by the same evaluation on the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from .gates import Gate, compared
from .launch import run_child
from .measured import Measured, read_measured
from .platforms import open_registry
from .platforms.api import Registry, Version
from .predictions import Label, read_predictions
from .problems import Failed, Usage
from .tables import Frame

Seen: TypeAlias = Mapping[str, frozenset[tuple[str, int, int]] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A registered model to beat; `predictions` is None when only its stored metrics are known."""

    version: str
    measured: Measured
    predictions: Frame | None
    evaluated_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The command that judges a model, and the folders that matter in it."""

    argv: tuple[str, ...]
    model: Path | None
    metrics: Path
    predictions: Path | None
    outputs: frozenset[str] = frozenset()
    """The folders of its command line that it writes to."""


def run_evaluation(evaluation: Evaluation) -> Evaluation:
    """Runs the evaluation on the new model; which folders it writes to is seen by looking."""
    before = _look(evaluation.argv)
    code = run_child(evaluation.argv).code
    if code:
        raise Failed(f"the evaluation ended with exit code {code}, so nothing can be judged")
    after = _look(evaluation.argv)
    mine = {str(path) for path in (evaluation.metrics, evaluation.predictions) if path}
    written = {
        value for value in after if after[value] is not None and (not before[value] or before[value] != after[value])
    }
    return Evaluation(
        argv=evaluation.argv,
        model=evaluation.model,
        metrics=evaluation.metrics,
        predictions=evaluation.predictions,
        outputs=frozenset(written | mine),
    )


def _look(argv: Sequence[str]) -> Seen:
    """What lies in each folder that the command line names: path, size and time of every file; None for no folder."""
    return {value: _files(Path(value)) for value in (word.partition("=")[2] for word in argv) if value}


def _files(folder: Path) -> frozenset[tuple[str, int, int]] | None:
    try:
        if not folder.is_dir():
            return None
        stats = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
        return frozenset((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats)
    except OSError:
        return None


def find_rivals(
    uri: str | None, gates: Sequence[Gate], evaluation: Evaluation, label: Label
) -> dict[str, Rival | None]:
    """The champion and the best version, as far as gates compare with them; None where nothing is registered yet."""
    wanted = compared(gates)
    if not wanted:
        return {}
    if uri is None:
        raise Usage(f"a gate compares with the {wanted[0]}, so gate needs --champion=URI")
    registry = open_registry(uri)
    versions = {which: registry.champion() if which == "champion" else _best(registry, gates) for which in wanted}
    # The best version is often the champion: it is judged once.
    different = {version.name: version for version in versions.values() if version is not None}
    judged = {name: _rival(registry, version, evaluation, label) for name, version in different.items()}
    return {which: None if version is None else judged[version.name] for which, version in versions.items()}


def _rival(registry: Registry, version: Version, evaluation: Evaluation, label: Label) -> Rival:
    if not evaluation.argv:
        return Rival(version=version.name, measured=Measured(version.metrics), predictions=None, evaluated_now=False)
    print(f"version {version.name} on the same rows:", flush=True)
    with _judged(registry, version, evaluation) as (metrics, predictions):
        table = read_predictions(predictions, label) if predictions is not None else None
        return Rival(version=version.name, measured=read_measured(metrics), predictions=table, evaluated_now=True)


def _best(registry: Registry, gates: Sequence[Gate]) -> Version | None:
    """The version with the best stored value of the metric that is compared."""
    wanted = {(gate.metric, gate.maximize) for gate in gates if gate.better_than == "best" and gate.when}
    if len(wanted) > 1:
        raise Usage("gates against the best version must all compare the same metric")
    metric, maximize = wanted.pop()
    having = [version for version in registry.versions() if metric in version.metrics]
    sign = 1 if maximize else -1
    return max(having, key=lambda version: sign * version.metrics[metric], default=None)


@contextmanager
def _judged(registry: Registry, version: Version, evaluation: Evaluation) -> Iterator[tuple[Path, Path | None]]:
    """The folders with the rival's metrics and predictions, for as long as they are needed."""
    with TemporaryDirectory() as place:
        model = Path(place) / "model"
        registry.fetch_model(version, model)
        moved = {
            value: str(Path(place) / f"output-{number}") for number, value in enumerate(sorted(evaluation.outputs))
        }
        argv = [_moved(word, evaluation.model, model, moved) for word in evaluation.argv]
        if f"={model}" not in "".join(argv):
            raise Usage("the evaluation behind ` -- ` has no --model=DIR, so it cannot judge another model")
        for folder in moved.values():
            Path(folder).mkdir()
        code = run_child(argv).code
        if code:
            raise Failed(f"version {version.name} cannot be evaluated on these rows: exit code {code}")
        predictions = evaluation.predictions
        yield Path(moved[str(evaluation.metrics)]), None if predictions is None else Path(moved[str(predictions)])


def _moved(word: str, model: Path | None, rival: Path, moved: Mapping[str, str]) -> str:
    name, equals, value = word.partition("=")
    if not equals:
        return word
    if name == "--model" or (model is not None and Path(value) == model):
        return f"{name}={rival}"
    same = next((folder for output, folder in moved.items() if Path(output) == Path(value)), None)
    return word if same is None else f"{name}={same}"
