"""What a step leaves behind is all that a cache can hand on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlopsgen.compile import compile_spec
from tests.wrong import asked, lay

BLOCKS = {
    "local": {},
    "sagemaker": {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"},
    "azureml": {
        "subscription": "00000000-1111-2222-3333-444444444444",
        "resource_group": "acme-ml",
        "workspace": "acme-ml",
        "region": "westeurope",
    },
    "kubeflow": {
        "namespace": "ml",
        "endpoint": "https://kubeflow.example.com",
        "storage": "s3://acme-ml",
        "images": "ghcr.io/acme",
    },
    "vertex": {"project": "acme-ml", "region": "europe-west1", "bucket": "acme-ml-models"},
}


@pytest.mark.parametrize("target", BLOCKS)
def test_a_message_is_sent_by_every_run_and_not_once_in_a_month(target: str, tmp_path: Path) -> None:
    def files(**more: object) -> dict[str, bytes]:
        spec = {
            "apiVersion": "mlopsgen/v1",
            "name": "churn",
            "data": {"source": "data/churn.csv"},
            "training": {"run": "train.py"},
            "steps": {"tell": {"run": "tell.py", "after": ["training"], **more}},
            "targets": {target: BLOCKS[target]},
        }
        bundle = compile_spec(asked(lay(tmp_path / "project"), json.dumps(spec)), target).bundle
        return {path: content for path, content in bundle.files.items() if path != "manifest.json"}

    assert files() == files(cache=False)
    made = {"outputs": ["page"]}
    assert files(**made) != files(**made, cache=False), "a step with outputs is taken from the cache"
