"""Writes what the compiler knows of scikit-learn's estimators: task, scores and params.

`python tools/estimators.py` adds what the installed version has to src/mlopsgen/spec/estimators.json: names that
only earlier versions have stay, since an image may have one of those.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parents[1] / "src" / "mlopsgen" / "spec" / "estimators.json"


def installed() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every classifier and regressor that is built without arguments."""
    from sklearn.utils import all_estimators

    for task, kinds in (("classification", "classifier"), ("regression", "regressor")):
        for name, kind in all_estimators(kinds):
            try:
                fresh = kind()
            except TypeError:
                continue
            yield (
                name,
                {"task": task, "scores": scores(kind, fresh), "params": " ".join(sorted(fresh.get_params(deep=False)))},
            )


def scores(kind: type, fresh: object) -> str:
    """What a classifier says beside its classes: probabilities, values, by its params one of them, or nothing."""
    if hasattr(fresh, "predict_proba"):
        return "probabilities"
    if hasattr(kind, "predict_proba"):
        return "either"
    return "values" if hasattr(fresh, "decision_function") else "none"


def merged(before: dict[str, Any], version: str) -> dict[str, Any]:
    """The table with what is installed."""
    estimators = dict(before.get("estimators", {}))
    for name, facts in installed():
        params = {*facts["params"].split(), *estimators.get(name, {}).get("params", "").split()}
        estimators[name] = {**facts, "params": " ".join(sorted(params))}
    return {
        "taken": f"{datetime.now(UTC):%Y-%m-%d}",
        "versions": sorted({*before.get("versions", ()), version}),
        "estimators": dict(sorted(estimators.items())),
    }


def main() -> int:
    """Writes the table."""
    import sklearn

    before = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    TABLE.write_text(json.dumps(merged(before, sklearn.__version__), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
