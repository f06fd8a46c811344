"""What Acme's own service would say to a workflow, said before it is sent there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from mlopsgen.targets.api import Diagnostic


def check(bundle: Path) -> Iterator[Diagnostic]:
    """Every job has a name of its own and needs only jobs that are there."""
    jobs = yaml.safe_load((bundle / "workflow.yaml").read_text(encoding="utf-8"))["jobs"]
    names = [job["name"] for job in jobs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Diagnostic("MG436", f"workflow.yaml: two jobs are called `{name}`")
    for job in jobs:
        for needed in job["needs"]:
            if needed not in names:
                yield Diagnostic("MG434", f"workflow.yaml: `{job['name']}` needs `{needed}`, which no job is called")
