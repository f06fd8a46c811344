"""A product so small that all of it runs in a second: two scripts of the standard library, two environments."""

from __future__ import annotations

from pathlib import Path

SPEC = """\
apiVersion: mlopsgen/v1
name: churn
variables:
  bucket: {default: acme-ml}
parameters:
  score: {type: number, default: 0.9, minimum: 0, maximum: 1}
  min_accuracy: {type: number, default: 0.8}
  broken: {type: boolean, default: false}
data: {source: data/churn.csv, label: churned, split: none}
training:
  run: train.py
  params: {score: "${parameters.score}", broken: "${parameters.broken}"}
evaluation:
  gates: {accuracy: {at_least: "${parameters.min_accuracy}"}}
environments:
  staging: {}
  production: {parameters: {min_accuracy: {default: 0.95}}}
targets:
  sagemaker: {region: eu-west-1, account: "123456789012", bucket: "${var.bucket}"}
"""
WRONG = "apiVersion: mlopsgen/v1\nnam: churn\n"
TRAIN = """\
import json, pathlib, sys

asked = dict(word.lstrip("-").split("=", 1) for word in sys.argv[1:])
if asked["broken"] == "true":
    sys.exit("the training broke")
for port in ("model", "metrics"):
    pathlib.Path(asked[port]).mkdir(parents=True, exist_ok=True)
(pathlib.Path(asked["model"]) / "model.txt").write_text("a model")
(pathlib.Path(asked["metrics"]) / "metrics.json").write_text(json.dumps({"accuracy": float(asked["score"])}))
"""
FILES = {
    "spec.yaml": SPEC,
    "src/train.py": TRAIN,
    "data/churn.csv": "age,churned\n1,yes\n2,no\n",
}


def lay(folder: Path, **changed: str) -> Path:
    """The product in a folder; `spec` replaces its text."""
    for path, text in {**FILES, **({"spec.yaml": changed["spec"]} if "spec" in changed else {})}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder
