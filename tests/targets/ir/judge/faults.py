"""Every seeded fault of an IR document, in one tuple."""

from __future__ import annotations

from . import faults_frame, faults_meaning, faults_references
from .seed import Fault

FAULTS: tuple[Fault, ...] = (*faults_frame.faults, *faults_references.faults, *faults_meaning.faults)
