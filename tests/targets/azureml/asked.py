"""What a spec has to say otherwise for this target to do a feature: its own block, addresses and ids."""

from __future__ import annotations

from typing import Any

BLOCK: dict[str, Any] = {
    "subscription": "00000000-1111-2222-3333-444444444444",
    "resource_group": "acme-ml",
    "workspace": "acme-ml",
    "region": "westeurope",
    "key_vault": "acme-ml-kv",
}
REMOTE = "azureml://datastores/workspaceblobstore/paths/churn/"
WATCHED = "https://acmeml.blob.core.windows.net/lake/churn/"
DATA = {"label": "churned", "columns": {"id": "string", "churned": "category"}}
ASKED: dict[str, dict[str, Any]] = {
    "data.sources.remote": {"data": {**DATA, "source": REMOTE}},
    "data.sources.sharded": {
        "data": {"source": REMOTE, "distribution": "sharded", "label": "churned", "split": "none"},
    },
    "triggers.new_data": {"data": {**DATA, "source": WATCHED}},
    "governance.network": {"targets": {"azureml": {**BLOCK, "network": "acme", "subnet": "jobs"}}},
    "governance.access": {"governance": {"access": {"deploy": ["11111111-2222-3333-4444-555555555555"]}}},
    "targets.steps": {"targets": {"azureml": {**BLOCK, "steps": {"training": {"limits": {"timeout": 60}}}}}},
    "targets.patches": {
        "targets": {
            "azureml": {**BLOCK, "patches": [{"file": "pipeline.yml", "at": "/display_name", "replace": "churn"}]},
        }
    },
}
