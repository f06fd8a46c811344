"""Which libraries each command of the runtime needs, as data the compiler reads.

Keys: a command; `command:option` for what one choice adds; `format:…` for a data format.
What opening a URI of some scheme adds stands beside the adapter that opens it: `requirements_of`
in `platforms`, which is read only for a spec that uses a scheme.
"""

from __future__ import annotations

from collections.abc import Mapping

_TABLES = ("pandas>=2.2",)
_LEARNING = ("pandas>=2.2", "scikit-learn>=1.5", "scipy>=1.11", "skops>=0.11")

REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    "step": (),
    "validate": (*_TABLES, "pandera>=0.24"),
    "split": _TABLES,
    "train": _LEARNING,
    "train:xgboost": ("xgboost>=2.1",),
    "train:lightgbm": ("lightgbm>=4.5",),
    "propose": (),
    "select": (),
    "evaluate": (*_LEARNING, "matplotlib>=3.9"),
    # What a script exports a model to ONNX with does not run it.
    "evaluate:onnx": ("onnxruntime>=1.18",),
    "explain": (*_LEARNING, "matplotlib>=3.9"),
    "explain:shap": ("shap>=0.46",),
    "gate": (),
    "gate:compare": ("pandas>=2.2", "scikit-learn>=1.5", "scipy>=1.11"),
    "gate:bias": ("pandas>=2.2", "scikit-learn>=1.5", "scipy>=1.11", "fairlearn>=0.12"),
    "register": (),
    "cluster": (),
    "trial": (),
    "record": (),
    "extract": (),
    # Without a script of the user's, `…:model` is what the formats that the runtime knows are read with.
    "score": _TABLES,
    "score:model": _LEARNING,
    "serve": (*_TABLES, "starlette>=0.40", "uvicorn>=0.30", "prometheus-client>=0.20"),
    "serve:model": _LEARNING,
    "format:parquet": ("pyarrow>=16",),
    "track:mlflow": ("mlflow-skinny>=2.9",),
}

TWINS: Mapping[str, tuple[str, ...]] = {
    "xgboost": ("xgboost-cpu",),
    "tensorflow": ("tensorflow-cpu",),
    "opencv-python": ("opencv-python-headless",),
    "psycopg2": ("psycopg2-binary",),
    "mlflow-skinny": ("mlflow",),
}
"""Distribution → others that bring the same module: where one of them is, nobody lacks the first."""
