"""The user's own script: `load(model_dir)` gives a model, `predict(model, records)` its predictions.

It is imported as `python predict.py` would run it: with its folder first on the path. `records` is a table in plain
types; it has the model's columns, and those of id, time and ignored ones that came with them.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

from ..flags import suggestion
from ..problems import Failed, Usage
from ..tables import Frame
from .outputs import Columns, columns_of
from .refusals import BadRecords, ModelFailed


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and the model that it loaded."""

    path: Path
    model: Any
    call: Callable[[Any, Frame], Any]

    def predict(self, table: Frame) -> Columns:
        """What the script says of some records."""
        try:
            returned = self.call(self.model, table)
        except (BadRecords, ModelFailed):
            raise
        except Exception as error:
            traceback.print_exception(error)
            raise ModelFailed(f"predict of {self.path.name} failed: {line_of(error)}") from error
        return columns_of(returned, len(table), f"predict of {self.path.name}")


def open_script(path: Path, model: Path) -> Script:
    """Imports a script, and lets it load the model."""
    if not path.is_file():
        raise Usage(f"there is no script {path}")
    module = _imported(path)
    load, predict = (_function(module, path, name, count) for name, count in (("load", 1), ("predict", 2)))
    try:
        return Script(path, load(str(model)), predict)
    except Exception as error:
        traceback.print_exception(error)
        raise Failed(f"load of {path.name} failed: {line_of(error)}") from error


def _imported(path: Path) -> Any:
    sys.path.insert(0, str(path.resolve().parent))
    spec = util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise Usage(f"{path} is no script of Python")
    module = util.module_from_spec(spec)
    sys.modules[path.stem] = module  # pickles name classes of the script by it
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError:
        raise
    except Exception as error:
        traceback.print_exception(error)
        raise Failed(f"{path.name} cannot be imported: {line_of(error)}") from error
    return module


def _function(module: Any, path: Path, name: str, count: int) -> Callable[..., Any]:
    function: Callable[..., Any] | None = getattr(module, name, None)
    shape = {"load": "load(model_dir)", "predict": "predict(model, records)"}[name]
    if function is None or not callable(function):
        near = suggestion(name, [one for one in vars(module) if callable(getattr(module, one))]).replace("--", "")
        raise Usage(f"{path.name} has no function `{shape}`{near}")
    if inspect.iscoroutinefunction(function):
        raise Usage(f"`{name}` of {path.name} is async; write a plain `def {shape}`")
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError) as error:
        raise Usage(f"`{name}` of {path.name} cannot be called as `{shape}`: {error}") from None
    return function


def line_of(error: BaseException) -> str:
    """An error in one line."""
    first = (str(error).strip().splitlines() or [""])[0][:300]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
