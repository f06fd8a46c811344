"""The page about targets, the API and the runtime know the same flags of the launcher."""

from __future__ import annotations

import re

from mlopsgen.runtime import step
from mlopsgen.targets.launcher import LauncherFlags, RepeatedFlags
from tests.projects import ROOT

PAGE = (ROOT / "docs/writing-a-target.md").read_text(encoding="utf-8")
FLAGS = {*step.SINGLE, *step.REPEATED}


def spelled(names: object) -> set[str]:
    return {str(name).replace("_", "-") for name in names}  # type: ignore[attr-defined]


def test_the_page_has_every_flag() -> None:
    table = PAGE.partition("| flags |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    assert sorted(name for row in rows for name in re.findall("`([a-z-]+)`", row)) == sorted(FLAGS)


def test_the_api_has_every_flag() -> None:
    assert spelled(LauncherFlags.__annotations__) == FLAGS
    assert spelled(RepeatedFlags.__annotations__) == {*step.REPEATED}
    assert all(f"--{name}" in (step.__doc__ or "") for name in FLAGS)
