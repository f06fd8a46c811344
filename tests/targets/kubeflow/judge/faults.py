"""Every seeded fault of a Kubeflow bundle, in one tuple."""

from __future__ import annotations

from tests.targets.ir.judge.faults import FAULTS as IR
from tests.targets.ir.judge.seed import Fault

from . import faults_manifests, faults_platform, faults_runs, faults_searches

OWN: tuple[Fault, ...] = (
    *(*faults_platform.faults, *faults_manifests.faults, *faults_searches.faults),
    *faults_runs.faults,
)
FAULTS: tuple[Fault, ...] = (*IR, *OWN)
