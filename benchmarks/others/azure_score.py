"""The entry script of azureml-inference-server-http, with a model of skops: MODEL names its file."""

import json
import os
from typing import Any

import pandas as pd
import skops.io

loaded: dict[str, Any] = {}


def init() -> None:
    """Loads the model once."""
    path = os.environ["MODEL"]
    loaded["model"] = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


def run(data: str) -> Any:
    """Answers one request."""
    return loaded["model"].predict(pd.DataFrame(json.loads(data)["instances"])).tolist()
