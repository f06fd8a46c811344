"""What tests of several targets share."""

from __future__ import annotations

import os

import pytest

from tests.targets.here import Shared


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Runs on this machine, of all processes of the session together."""
    own = tmp_path_factory.getbasetemp()
    return Shared((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "here")
