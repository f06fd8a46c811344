"""Who judges a Kubeflow bundle: kfp and the schemas of the cluster in environments of their own, and our linter.

linter    every rule               tables    keys and types of all objects
cluster   manifests as objects     outside   the script that asks the schemas of the cluster
"""

from __future__ import annotations

from pathlib import Path

from mlopsgen.targets.ir.judge import kfp_itself
from mlopsgen.targets.judging import Judge, importable, outside
from mlopsgen.targets.kubeflow.judge import linter

HERE = Path(__file__).parent
INSTALL = 'pip install "mlopsgen[verify]"'
SCHEMAS = (
    "kubernetes-validate==1.37.0",
    "kubeflow_katib_api==0.19.0",
    "kubeflow_trainer_api==2.3.0",
    "kfp-server-api==2.17.3",
    "PyYAML==6.0.3",
)


def judges() -> tuple[Judge, ...]:
    """Our own rules first: they need no environment. Nothing heavy is imported before one runs."""
    return (
        Judge("mlopsgen", INSTALL, importable("celpy"), linter.judge),
        kfp_itself(),
        outside("kubernetes", SCHEMAS, HERE / "outside.py", HERE / "constraints.txt"),
    )
