"""Every seeded fault, in one tuple."""

from __future__ import annotations

from . import (
    faults_frame,
    faults_jobs,
    faults_limits,
    faults_meaning,
    faults_more,
    faults_references,
    faults_schedules,
    faults_stack,
)
from .seed import Fault

FAULTS: tuple[Fault, ...] = (
    *(*faults_frame.faults, *faults_references.faults),
    *(*faults_jobs.faults, *faults_limits.faults, *faults_meaning.faults),
    *(*faults_schedules.faults, *faults_stack.faults, *faults_more.faults),
)
