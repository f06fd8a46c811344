from collections.abc import Callable

import pytest
import yaml

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.source import read_yaml, reader

FindingsOf = Callable[[str | bytes], tuple[Diagnostic, ...]]


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of PyYAML's two parsers: machines without libyaml have the second alone."""
    monkeypatch.setattr(reader, "LOADER", getattr(yaml, request.param))
    return str(request.param)


@pytest.fixture
def findings_of(loader: str) -> FindingsOf:
    """What is wrong with a text, by either parser."""

    def read(text: str | bytes) -> tuple[Diagnostic, ...]:
        with pytest.raises(SpecError) as wrong:
            read_yaml(text, "spec.yaml")
        return wrong.value.findings

    return read
