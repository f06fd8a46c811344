"""The judges of a bundle for this machine: its JSON schema, and rules that a schema cannot say.

placing   where in plan.json a finding stands
graph     who reads from whom, places of the spec, versions of data
values    parameters, data, variables, files that must be there
commands  every command against what its step says
runtime   what the runtime will say to its commands
blocks    searches, gates, registration
"""

from __future__ import annotations

from mlopsgen.targets.judging import Judge, importable
from mlopsgen.targets.local.judge.rules import by_rules
from mlopsgen.targets.local.judge.schema import by_schema


def judges() -> tuple[Judge, ...]:
    """Who judges, the schema first."""
    return (
        Judge("jsonschema", 'pip install "mlopsgen[verify]"', importable("jsonschema"), by_schema),
        Judge("mlopsgen", "pip install mlopsgen", lambda: True, by_rules),
    )
