"""Who judges a Vertex AI bundle: kfp and the API's own types in environments of their own, checkov, and our linter.

linter      every rule                             messages    keys and types of request bodies
requests    request bodies, whoever sends them     modules     Terraform's JSON as blocks that name each other
resources   arguments of resources, as a table     outside     the script that asks the API's own types
"""

from __future__ import annotations

from pathlib import Path

from mlopsgen.targets.ir.judge import kfp_itself
from mlopsgen.targets.judging import Judge, importable, outside
from mlopsgen.targets.vertex.judge import linter

HERE = Path(__file__).parent
INSTALL = 'pip install "mlopsgen[verify]"'
CHECKOV = ("checkov==3.3.30",)
SDK = ("google-cloud-aiplatform==2.7.0", "PyYAML==6.0.3")


def judges() -> tuple[Judge, ...]:
    """Our own rules first: they need no environment. Nothing heavy is imported before one runs."""
    return (
        Judge("mlopsgen", INSTALL, importable("celpy"), linter.judge),
        kfp_itself(),
        outside("aiplatform", SDK, HERE / "outside.py", HERE / "constraints.txt"),
        outside("checkov", CHECKOV, HERE / "checkov_outside.py", HERE / "checkov_constraints.txt"),
    )
