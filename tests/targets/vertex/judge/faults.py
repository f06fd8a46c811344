"""Every seeded fault of a Vertex AI bundle, in one tuple."""

from __future__ import annotations

from tests.targets.ir.judge.faults import FAULTS as IR
from tests.targets.ir.judge.seed import Fault

from . import faults_bodies, faults_terraform

OWN: tuple[Fault, ...] = (*faults_bodies.faults, *faults_terraform.faults)
FAULTS: tuple[Fault, ...] = (*IR, *OWN)
