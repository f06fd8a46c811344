"""What a spec has to say otherwise for this target to do a feature: its own block."""

from __future__ import annotations

from typing import Any

BLOCK: dict[str, Any] = {
    "namespace": "ml",
    "endpoint": "https://kubeflow.example.com",
    "storage": "s3://acme-ml",
    "images": "ghcr.io/acme",
    "cloud": "gcp",
    "region": "eu-west-1",
}
ASKED: dict[str, dict[str, Any]] = {
    "targets.steps": {"targets": {"kubeflow": {**BLOCK, "steps": {"training": {"imagePullPolicy": "Always"}}}}},
    "targets.patches": {
        "targets": {
            "kubeflow": {**BLOCK, "patches": [{"file": "uploads.json", "at": "/0/path", "replace": "data/x.csv"}]},
        }
    },
}
