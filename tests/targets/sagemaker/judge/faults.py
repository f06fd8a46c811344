"""Every seeded fault, in one tuple."""

from __future__ import annotations

from . import faults_definition, faults_jobs, faults_more, faults_stack
from .seed import Fault

FAULTS: tuple[Fault, ...] = (*faults_definition.faults, *faults_jobs.faults, *faults_stack.faults, *faults_more.faults)
