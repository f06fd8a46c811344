"""Who judges a SageMaker bundle: the service's own model, CloudFormation's, and our linter for what both miss."""

from __future__ import annotations

from mlopsgen.targets.judging import Judge, importable
from mlopsgen.targets.sagemaker.judge import botocore_judge, cfn, linter

INSTALL = 'pip install "mlopsgen[verify]"'


def judges() -> tuple[Judge, ...]:
    """The three judges, the service's own first. Nothing heavy is imported before one runs."""
    return (
        Judge("botocore", INSTALL, importable("botocore"), botocore_judge.judge),
        Judge("cfn-lint", INSTALL, importable("cfnlint"), cfn.judge),
        Judge("mlopsgen", "pip install mlopsgen", lambda: True, linter.judge),
    )
