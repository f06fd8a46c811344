"""Every seeded fault, in one tuple."""

from __future__ import annotations

from . import (
    faults_arm,
    faults_assets,
    faults_components,
    faults_live,
    faults_pipeline,
    faults_references,
    faults_schedules,
    faults_sweeps,
    faults_template,
)
from .seed import Fault

FAULTS: tuple[Fault, ...] = (
    *(*faults_pipeline.faults, *faults_references.faults),
    *(*faults_components.faults, *faults_sweeps.faults),
    *(*faults_assets.faults, *faults_schedules.faults),
    *faults_live.faults,
    *(*faults_arm.faults, *faults_template.faults),
)
