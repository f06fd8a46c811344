"""Every code is shown: by a wrong spec beside its message, by a seeded fault, or by a test that is named here."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from mlopsgen import targets
from mlopsgen.codes import CODES
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.lock import NAME, read_lock
from mlopsgen.targets.sagemaker.judge import linter
from tests.projects import ROOT
from tests.targets.sagemaker.judge.faults import FAULTS
from tests.targets.sagemaker.judge.seed import Seeded
from tests.wrong import INVALID

BY_FAULT = {
    "MG430": "version-renamed",
    "MG431": "steps-are-a-map",
    "MG432": "step-name-renamed",
    "MG433": "step-name-with-a-blank",
    "MG434": "steps-renamed",
    "MG435": "depends-on-itself",
    "MG436": "two-steps-of-one-name",
    "MG437": "step-name-too-long",
    "MG438": "definition-is-cut-off",
    "MG439": "regex-that-does-not-compile",
    "MG442": "action-star",
    "MG443": "debugger-hook",
    "MG444": "definition-is-missing",
    "MG445": "image-latest",
}
"""Codes about emitted files: no spec leads to them unless a target is wrong, so a bundle is spoilt."""

BY_TEST = {
    "MG130": "diagnostics/test_shown.py::test_a_lock_that_is_none",
    "MG131": "lock/test_trouble.py::test_all_that_does_not_exist_is_said_at_once",
    "MG132": "lock/test_trouble.py::test_a_registry_that_stays_busy_is_a_remote_failure",
    "MG316": "lock/test_lock_command.py::test_a_requirement_that_is_new_since_is_found_where_it_was_written",
    "MG314": "diagnostics/test_shown.py::test_a_plug_in_that_cannot_be_imported",
    "MG401": "render/test_proof.py::test_all_files_report_at_once",
    "MG402": "render/test_unparsed.py::test_a_token_holds_nothing_that_a_shell_would_read",
    "MG403": "render/test_unparsed.py::test_a_token_is_a_word_of_its_own",
    "MG404": "render/test_proof.py::test_keys_that_would_meet_are_found",
    "MG405": "render/test_proof.py::test_a_broken_template_is_located",
    "MG406": "bundle/test_write.py::test_unknown_files_are_refused",
    "MG407": "bundle/test_write.py::test_edits_by_hand_are_refused",
    "MG408": "bundle/test_write.py::test_a_newer_format_is_refused",
    "MG409": "bundle/test_paths.py::test_twins_are_refused",
    "MG410": "bundle/test_write.py::test_a_second_rename_that_fails_is_undone",
    "MG440": "targets/sagemaker/judge/test_judges.py::test_one_that_is_not_installed_is_reported",
    "MG441": "targets/sagemaker/judge/test_judges.py::test_nobody_quietens_cfn_lint",
    "MG605": "targets/local/test_preflight.py::test_a_damaged_plan_is_no_plan",
    "MG609": "cli/test_approve.py::test_nothing_to_approve_is_said",
    "MG610": "cli/test_deployed.py::test_nobody_is_asked_before_a_version_is_approved",
    "MG611": "cli/test_deployed.py::test_a_port_that_is_taken_is_said_at_once",
    "MG612": "cli/test_serving.py::test_of_two_at_once_the_second_says_who_has_the_place",
    "MG613": "cli/test_serving.py::test_a_version_that_cannot_be_rolled_out_is_refused",
    "MG614": "cli/test_registry.py::test_a_version_that_is_not_there_is_told_from_those_that_are",
    "MG606": "targets/local/test_resume.py::test_a_run_of_a_changed_plan_starts_anew_and_says_so",
}
"""Codes that need more than a spec: a lock, a plug-in, a template, a folder, a tool, a run before this one."""


def test_every_code_is_shown() -> None:
    by_spec = {path.name[:5] for path in INVALID.rglob("MG*.yaml")}
    assert by_spec <= set(CODES)
    assert sorted(set(CODES) - by_spec - {*BY_FAULT, *BY_TEST}) == []
    assert sorted(by_spec & {*BY_FAULT, *BY_TEST}) == [], "a spec shows it: it needs no other place"


@pytest.mark.parametrize(("code", "name"), BY_TEST.items())
def test_the_test_that_is_named_is_there_and_speaks_of_the_code(code: str, name: str) -> None:
    file, _, function = name.partition("::")
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    test = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}[function]
    first = min(test.lineno, *(decorator.lineno for decorator in test.decorator_list), test.lineno)
    assert code in "\n".join(text.splitlines()[first - 1 : test.end_lineno])


@pytest.mark.parametrize(("code", "name"), BY_FAULT.items())
def test_a_spoilt_bundle_shows_it(code: str, name: str, tmp_path: Path) -> None:
    broken = Seeded.read(ROOT / "tests" / "targets" / "sagemaker" / "judge" / "bundle")
    next(fault for fault in FAULTS if fault.name == name).break_(broken)
    broken.write(tmp_path)
    findings = [d for d in linter.judge(tmp_path) if d.code == code]
    assert findings
    assert all(d.message and (d.span or d.code == "MG444") for d in findings)


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"version": 99}', b'{"version": 1, "data": {"a": {"b": 1}}}'])
def test_a_lock_that_is_none(text: bytes) -> None:
    (finding,) = _stopped(lambda: read_lock(text))
    assert (finding.code, finding.hint) == ("MG130", f"delete {NAME} and write it again with `mlopsgen lock`")


def _stopped(work: Callable[[], object]) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as stopped:
        work()
    return stopped.value.findings


def test_a_plug_in_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("acme", "no_such_module_of_acme:target", targets.GROUP)
    monkeypatch.setattr(targets, "_entry_points", lambda: {"acme": broken})
    targets.load.cache_clear()
    (finding,) = _stopped(lambda: targets.load("acme"))
    assert finding.code == "MG314"
    assert "`acme` of package `no_such_module_of_acme` cannot be loaded: ModuleNotFoundError" in finding.message
