"""Loads a model that a script of the user wrote, whatever it wrote it with.

| in the model's folder | read with |
|---|---|
| `model.json` of the built-in trainer | its own loader (`models`) |
| `MLmodel`, here or one folder below | the format inside where it is one of these, else MLflow |
| `*.skops` | skops, types of numeric libraries alone |
| `*.joblib`, `*.pkl`, `*.pickle` | joblib: a pickle runs code |
| `*.onnx` | ONNX Runtime |
| `*.ubj`, `*.xgb`, `*.bst`, XGBoost's `*.json` | XGBoost |
| `*.txt`, `*.lgb` of LightGBM | LightGBM |

Of several, the one called `model.*` counts. `classes.json`, a list, names the classes in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .. import models
from ..answers import Answers
from ..contract import Contract
from ..files import read_json
from ..problems import Failed
from ..spelling import text_of
from .foreign import foreign
from .formats import Format, NativeModel

CLASSES = "classes.json"
EVALUATOR = "for anything else write the evaluation: `run: evaluate.py`"


def load(folder: Path, contract: Contract, task: str, instead: str = EVALUATOR) -> Answers:
    """The model in a folder: the built-in trainer's own, or another's that does a task."""
    return models.load(folder) if is_own(folder) else _foreign(folder, contract, task, lambda: task, instead)


def load_of_any_task(folder: Path, contract: Contract, otherwise: Callable[[], str], instead: str) -> Answers:
    """The model in a folder whose task nobody said: it says so itself, or else `otherwise` does.

    `instead` is what the user may do where nothing here is read.
    """
    return models.load(folder) if is_own(folder) else _foreign(folder, contract, None, otherwise, instead)


def _foreign(folder: Path, contract: Contract, task: str | None, otherwise: Callable[[], str], instead: str) -> Answers:
    path, kind = model_file(folder, instead)
    print(f"the model is {path.relative_to(folder)}, read as {kind.words}")
    native = _opened(path, kind, task)
    task = task or native.task or otherwise()
    model = foreign(native, contract, task, _names(folder / CLASSES))
    if model.classes:
        print(f"its classes are {', '.join(model.classes)}")
    return model


def is_own(folder: Path) -> bool:
    """Whether the built-in trainer wrote it: XGBoost's own file may be called model.json, too."""
    path = folder / "model.json"
    if not path.is_file():
        return False
    about = read_json(path)
    return isinstance(about, dict) and "format_version" in about


def model_file(folder: Path, instead: str = EVALUATOR) -> tuple[Path, Format]:
    """The file that holds the model, and its format; `instead` is what may be done where there is none."""
    if not folder.is_dir():
        raise Failed(f"{folder} is no folder, so there is no model to load")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    described = next((path for path in (folder / "MLmodel", *sorted(folder.glob("*/MLmodel"))) if path.is_file()), None)
    if described is not None:
        return described, Format.MLFLOW
    known = [(path, kind) for path in files if path.parent == folder and (kind := Format.of(path))]
    named = [one for one in known if one[0].stem == "model"]
    if len(known) == 1 or len(named) == 1:
        return (named or known)[0]
    there = ", ".join(str(path.relative_to(folder)) for path in files[:8]) or "nothing"
    if known:
        raise Failed(f"{folder} holds several models ({there}); call the one that counts `model.*`")
    raise Failed(
        f"no model that can be loaded here lies in {folder}: it holds {there}. What is read is"
        " *.skops, *.joblib, *.pkl, *.onnx, *.ubj, *.json of XGBoost, *.txt of LightGBM, and MLflow's MLmodel;"
        f" {instead}"
    )


def _opened(path: Path, kind: Format, task: str | None) -> NativeModel:
    try:
        return kind.opened(path, task)
    except (Failed, ModuleNotFoundError):
        raise
    except Exception as error:  # noqa: BLE001 - a library may fail anywhere in a file that it cannot read
        reason = (str(error).splitlines() or [""])[0][:200]
        raise Failed(f"{path} cannot be read as {kind.words}: {type(error).__name__}: {reason}") from None


def _names(path: Path) -> tuple[str, ...] | None:
    if not path.is_file():
        return None
    names = read_json(path)
    if not isinstance(names, list) or not names:
        raise Failed(f"{path} must hold a list of the classes, in the order of their numbers")
    return tuple(map(text_of, names))
