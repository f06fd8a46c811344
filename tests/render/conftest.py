"""A template in one line, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mlopsgen.diagnostics import SpecError
from mlopsgen.render import FileJob, Patch, render

Render = Callable[..., str]
Refuse = Callable[..., list[str]]


def printed(path: str, template: str, values: Mapping[str, Any], patches: tuple[Patch, ...] = ()) -> str:
    return render([FileJob(path, "t", values, patches=patches)], {"t": template})[path].decode()


@pytest.fixture
def rendered() -> Render:
    return printed


@pytest.fixture
def refused() -> Refuse:
    def codes(path: str, template: str, values: Mapping[str, Any]) -> list[str]:
        with pytest.raises(SpecError) as caught:
            printed(path, template, values)
        return [finding.code for finding in caught.value.findings]

    return codes
