"""kserve's own server with a model of skops: `python kserve_server.py MODEL.skops PORT`."""

import sys
from typing import Any

import kserve
import pandas as pd
import skops.io

Base: Any = kserve.Model


class Served(Base):  # type: ignore[misc]
    """Asked as its protocol v1 has it."""

    def __init__(self, path: str) -> None:
        super().__init__("bench")
        self.model = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
        self.ready = True

    async def predict(self, payload: Any, *_: Any, **__: Any) -> Any:
        """One list of predictions."""
        return {"predictions": self.model.predict(pd.DataFrame(payload["instances"])).tolist()}


kserve.ModelServer(http_port=int(sys.argv[2]), enable_grpc=False, workers=1).start([Served(sys.argv[1])])
