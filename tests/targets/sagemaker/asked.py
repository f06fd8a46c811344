"""What features are asked for with on SageMaker, where that is said otherwise."""

from __future__ import annotations

from typing import Any

ASKED: dict[str, dict[str, Any]] = {
    "deployment.real-time.zero": {
        "deployment": {
            "mode": "real-time",
            "replicas": {"min": 0, "max": 2},
            "scale_on": {"concurrency": 8},
            "async": {"output": "s3://acme/answers/"},
        }
    },
}
