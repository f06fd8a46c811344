"""One cluster for all tests of a run that ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.judges.cluster import PROFILE, RESTRICTED, Cluster
from tests.judges.plane import plane

from .manifests import objects

STRICT = "strict"
"""A namespace whose pods keep to the restricted standard."""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An API server that has the namespaces of all specs, as Kubeflow makes them of a Profile."""
    with plane(tmp_path_factory.mktemp("plane")) as started:
        for name in sorted({made.document["metadata"]["namespace"] for made in objects()}):
            started.namespace(name, PROFILE)
        started.namespace(STRICT, {**PROFILE, **RESTRICTED})
        yield started
