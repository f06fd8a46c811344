"""Runs of small bundles: real processes, real folders."""

from __future__ import annotations

import json

from tests.targets.local.bundles import Project, a_step


def test_a_step_reads_what_the_step_before_it_wrote(project: Project) -> None:
    project.script("make.py", "write('table', 'data.csv', 'a,b\\n1,2\\n')")
    project.script("use.py", "write('model', 'm.txt', read('table', 'data.csv').upper())")
    project.plan(
        a_step("make", writes={"table": "dataset"}),
        a_step("use", reads={"table": "make.table"}, writes={"model": "model"}),
    )
    outcome = project.run()
    assert outcome.status == "succeeded"
    assert outcome.exit_code == 0
    use = outcome.steps[1]
    assert (use.outputs["model"] / "m.txt").read_text() == "A,B\n1,2\n"
    assert use.state == "ran"
    assert json.loads((outcome.folder / "run.json").read_text())["status"] == "succeeded"
