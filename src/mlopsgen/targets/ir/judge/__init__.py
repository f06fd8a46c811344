"""What the judges of Vertex AI and of Kubeflow share: the linter of IR documents, and means to write linters.

rules     what a rule is                     folder        the parsed files of a bundle
shape     keys and types by a table          messages      that table for PipelineSpec
program   an IR document as dags and tasks   linter        every rule that reads one
outside   the script that asks kfp itself
"""

from __future__ import annotations

from pathlib import Path

from mlopsgen.targets.judging import Judge, outside

HERE = Path(__file__).parent
KFP = ("kfp==2.17.0", "kfp-kubernetes==2.17.0", "kfp-pipeline-spec==2.17.3", "PyYAML==6.0.3")
"""kfp 2.17.3 wants a certifi that is not there yet."""


def kfp_itself() -> Judge:
    """The judge `kfp`, in an environment that Vertex AI and Kubeflow share."""
    return outside("kfp", KFP, HERE / "outside.py", HERE / "constraints.txt")
