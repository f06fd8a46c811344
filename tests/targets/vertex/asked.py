"""What a spec has to say otherwise for this target to do a feature: its own block, addresses and keys."""

from __future__ import annotations

from typing import Any

BLOCK: dict[str, Any] = {"project": "acme-ml", "region": "europe-west1", "bucket": "acme-ml-models"}
REMOTE = "gs://acme-ml-models/churn/"
KEY = "projects/acme-ml/locations/europe-west1/keyRings/ml/cryptoKeys/models"
DATA = {"label": "churned", "columns": {"id": "string", "churned": "category"}}
ASKED: dict[str, dict[str, Any]] = {
    "data.sources.remote": {"data": {**DATA, "source": REMOTE}},
    "data.sources.sharded": {
        "data": {"source": REMOTE, "distribution": "sharded", "label": "churned", "split": "none"},
    },
    "data.sources.table": {"data": {**DATA, "source": "bq://acme-ml.churn.rows"}},
    "triggers.new_data": {"data": {**DATA, "source": REMOTE}},
    "governance.encryption": {"governance": {"encryption": KEY}},
    "governance.network": {"targets": {"vertex": {**BLOCK, "network": "projects/123456789012/global/networks/ml"}}},
    "targets.steps": {"targets": {"vertex": {**BLOCK, "steps": {"training": {"taskInfo": {"name": "Train"}}}}}},
    "targets.patches": {
        "targets": {
            "vertex": {**BLOCK, "patches": [{"file": "pipeline.yaml", "at": "/sdkVersion", "replace": "kfp-2.17.0"}]},
        }
    },
}
