"""What a target has to keep to, as a test class that its own tests subclass.

    from mlopsgen.testing import TargetContract

    class TestAcme(TargetContract):
        target = "acme"
        options = {"cluster": "ml"}

That is all: pytest finds the tests in the class. It needs pytest, and the target installed.
projects.py holds what a target is tried with, contract.py the tests, structure.py how documents
are compared.
"""

from __future__ import annotations

import pytest

# The assertions of the class explain themselves only when pytest has rewritten them.
pytest.register_assert_rewrite("mlopsgen.testing.contract")

from mlopsgen.testing.contract import TargetContract  # noqa: E402
from mlopsgen.testing.projects import PROJECTS, Project, speaking  # noqa: E402

__all__ = ["PROJECTS", "Project", "TargetContract", "speaking"]
