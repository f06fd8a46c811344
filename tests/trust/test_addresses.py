"""Addresses, file names and requirements stay what was written, wherever they are emitted; or they are refused."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.compile import compile_spec
from mlopsgen.diagnostics import Diagnostic, SpecError, errors
from tests.compile.outcome import ALLOWED, Made, make
from tests.trust.leaves import expected, read, seen, settled
from tests.trust.payloads import PAYLOADS
from tests.wrong import TARGETS, asked, lay

MARK = "mark0of0the0place"
ODD = (
    "a b", "it's", 'say "x"', "a&b", "$x", "${x}", "$(x)", "`x`", ";x", "(x)", "!x", "*", "?", "a*b?c", "+", "a,b",
    "a=b", "@x", "a:b", "~", "a|b", "<x>", "{{ x }}", "[x]", "{x}", "a\\b", "%20", "%", "#x", "^", " x", "x ", "-x",
    "--help", "..", "a..b", "\xe9", "e\u0301", "\u65e5\u672c", "\U0001f600", "${AWS::AccountId}", "${*}", "a\nb",
)  # fmt: skip
"""What a key in S3 may hold, whether or not anybody should."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("project"))


def a_spec(uri: str, **more: Any) -> dict[str, Any]:
    """A spec with data at this address, which one step reads."""
    source = {"uri": uri.replace("${", "$${"), "version": "1", "format": "csv", **more}
    return {
        "apiVersion": "mlopsgen/v1",
        "name": "churn",
        "code": {"requirements": "listed.txt"},
        "data": {"sources": {"trips": source}, "label": "churned", "split": "none"},
        "training": {"run": "train.py"},
        "targets": {"local": {}, "sagemaker": {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"}},
    }


def tried(project: Path, spec: Mapping[str, Any]) -> tuple[Mapping[str, Mapping[str, bytes]], tuple[Diagnostic, ...]]:
    """Target → its files, and the errors of all."""
    try:
        output: Made = make(project, spec)
    except SpecError as stopped:
        return {}, errors(stopped.findings)
    return output.files, tuple(d for target in TARGETS for d in errors(output.found[target]))


def compare(harmless: Mapping[str, bytes], hostile: Mapping[str, bytes], words: Mapping[str, str]) -> None:
    """Every file is its harmless twin with the text in the mark's place."""
    assert hostile.keys() == harmless.keys()
    policy = {mark: in_a_policy(text) for mark, text in words.items()}
    for name, content in hostile.items():
        expectation = expected(read(name, harmless[name]), policy if name == "stack.yaml" else words)
        values = seen(read(name, content), expectation)
        assert settled(values, ordered=True) == settled(expectation, ordered=True), name


def in_a_policy(text: str) -> str:
    """As IAM spells what would be a pattern or a variable there."""
    return re.sub(r"[*?$]", lambda match: f"${{{match[0]}}}", text)


@pytest.fixture(scope="module")
def harmless(project: Path) -> Mapping[str, Mapping[str, bytes]]:
    files, wrong = tried(project, a_spec(f"s3://acme/{MARK}/in/"))
    assert wrong == ()
    return files


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_an_address_stays_an_address(text: str, project: Path, harmless: Mapping[str, Mapping[str, bytes]]) -> None:
    files, wrong = tried(project, a_spec(f"s3://acme/{text}/in/"))
    assert all(d.spec_path[:3] == ("data", "sources", "trips") and d.span for d in wrong)
    assert wrong or set(files) == set(TARGETS)
    for target in files:
        if files[target]:
            compare(harmless[target], files[target], {MARK: text})


@pytest.mark.soak
@pytest.mark.parametrize("text", PAYLOADS, ids=ascii)
def test_all_other_text_in_an_address_too(
    text: str, project: Path, harmless: Mapping[str, Mapping[str, bytes]]
) -> None:
    test_an_address_stays_an_address(text, project, harmless)


NAMES = tuple(text for text in ODD if text not in ("..", "a\\b") and text == text.strip())


@pytest.mark.parametrize("text", NAMES, ids=ascii)
def test_a_name_of_a_file_stays_a_name(text: str, project: Path) -> None:
    # How a page tells to upload a file depends on whether a shell would read its name otherwise.
    mark = MARK if re.fullmatch(r"[\w.+-]+", text, re.ASCII) else f"{MARK} {MARK}"
    outputs = {}
    for name in (mark, text):
        (project / "data" / f"{name}.csv").write_text("id,churned\n1,no\n")
        outputs[name] = tried(project, a_spec(f"data/{name}.csv"))
    files, wrong = outputs[text]
    assert all(d.spec_path[:3] == ("data", "sources", "trips") and d.span for d in wrong)
    assert wrong or set(files) == set(TARGETS)
    for target in files:
        if files[target]:
            apart = {"README.md"} if "'" in text or not text.isprintable() else set()
            harmless, hostile = (
                {name: content for name, content in bundle.items() if name not in apart}
                for bundle in (outputs[mark][0][target], files[target])
            )
            compare(harmless, hostile, {mark: text})
            if apart and target != "local":
                quoted = shlex.quote(f"data/{text}.csv") in files[target]["README.md"].decode()
                assert quoted is text.isprintable()


LINES = (
    "plain", "plain-extras[a,b]>=2", 'marked>=1; python_version < "3.12"', "quoted ; platform_machine == 'x86_64'",
    "both[c] ~=1.0 ; extra == 'x' and python_version>='3.8'", "not!=1.5,!=1.6", "same===1.0+local.1", "any==2.*",
    "direct @ https://example.com/a%20b-1.0-py3-none-any.whl#sha256=" + "ab" * 32,
    "from-git @ git+https://example.com/x.git@main#subdirectory=$(touch x)", "spaced  >=  1", "$(touch x)", "`touch x`",
    "${TOKEN}==1", "a;b", "a&&b", "a|b", 'a"b', "a'b", "{{ x }}==1", "<b>", "caf\xe9", "\u65e5\u672c==1",
)  # fmt: skip
REFUSED = (
    "-r other.txt",
    "--index-url https://example.com",
    "-e .",
    "--hash=sha256:00",
    "plain --no-binary=x\n-i y",
    "x\\n",
)


def requiring(project: Path, text: bytes) -> tuple[Mapping[str, Mapping[str, bytes]], tuple[Diagnostic, ...]]:
    (project / "listed.txt").write_bytes(text)
    return tried(project, a_spec("s3://acme/in/"))


def test_requirements_stay_lines_of_one_file(project: Path) -> None:
    none, wrong = requiring(project, b"")
    assert wrong == ()
    files, wrong = requiring(project, "".join(f"{line}\r\n" for line in LINES).encode())
    assert wrong == ()
    for target in TARGETS:
        for name, content in files[target].items():
            before = read(name, none[target][name])
            if name == "image/requirements.txt":
                assert content.decode().split("\n") == [*LINES, *before.split("\n")]
            else:
                assert settled(read(name, content), ordered=True) == settled(before, ordered=True), name


@pytest.mark.parametrize("line", REFUSED, ids=ascii)
def test_options_of_pip_are_refused_where_requirements_are_named(line: str, project: Path) -> None:
    _, wrong = requiring(project, f"plain\n{line}\n".encode())
    assert {(d.code, d.spec_path) for d in wrong} == {("MG117", ("code", "requirements"))}
    assert all(d.span for d in wrong)


@pytest.mark.parametrize("text", PAYLOADS, ids=ascii)
def test_any_text_in_requirements_is_there_or_refused(text: str, project: Path) -> None:
    files, wrong = requiring(project, f"plain; {text}\nlast\n".encode())
    assert all(d.code == "MG117" and d.span for d in wrong)
    assert wrong or files["local"]["image/requirements.txt"].decode() == "".join(f"{line}\n" for line in _kept(text))


def _kept(text: str) -> list[str]:
    """As pip reads a file: a comment begins after a blank, and a backslash goes on in the next line."""
    text = "\n".join(f"plain; {text}\nlast\n".splitlines())
    kept = (re.sub(r"(^| )#.*", "", line).strip() for line in re.sub(r"\s*\\\n\s*", " ", text).split("\n"))
    return [line for line in kept if line]


@pytest.mark.parametrize(
    "content", [b"pl\xffain\n", "pl\xe4in\n".encode("latin-1"), "plain\n".encode("utf-16")], ids=ascii
)
def test_requirements_that_are_no_utf_8_are_refused(content: bytes, project: Path) -> None:
    _, wrong = requiring(project, content)
    assert [(d.code, d.spec_path) for d in wrong] == [("MG118", ("code", "requirements"))]
    assert wrong[0].span


def test_the_mark_of_an_editor_is_no_part_of_a_requirement(project: Path) -> None:
    files, _ = requiring(project, b"\xef\xbb\xbfplain\n")
    assert files["local"]["image/requirements.txt"] == b"plain\n"


@pytest.mark.parametrize("text", PAYLOADS[::4], ids=ascii)
def test_a_value_of_an_environment_is_as_if_it_stood_in_the_spec(text: str, project: Path) -> None:
    """Text that an overlay brings, in a variable and in what steps see, is what the spec itself would say."""
    escaped = text.replace("${", "$${")
    plain = a_spec("s3://acme/in/")
    overlay = {
        "training": {"env": {"WORD": escaped}},
        "description": "${var.word}",
        "variables": {"word": {"default": escaped}},
    }
    there = {**plain, "training": {"run": "train.py", "env": {"WORD": escaped}}, "description": escaped}
    # What an environment adds to names is a matter of its own (tests/compile/test_environments.py).
    staging = {"staging": {**overlay, "suffix": ""}}
    here = {**plain, "environments": staging, "variables": {"word": {"default": "w"}}}
    bundles = [_bundles(project, spec, env) for spec, env in ((there, None), (here, "staging"))]
    assert bundles[0] == bundles[1]


def _bundles(project: Path, spec: Mapping[str, Any], env: str | None) -> list[object]:
    """What every target makes of a spec in an environment, or which codes refuse it."""
    request = replace(asked(project, json.dumps(spec, ensure_ascii=False), ALLOWED), env=env)
    results: list[object] = []
    for target in TARGETS:
        try:
            files = compile_spec(request, target).bundle.files
            # Where a README says which environment it is of, and from where its bundle sees the spec.
            own = rb", for its environment `staging`|(?<=mlopsgen run) --env staging|(?<=\ncd \.\./\.\.)/\.\."
            results.append({path: re.sub(own, b"", text) for path, text in files.items()})
        except SpecError as stopped:
            results.append({d.code for d in errors(stopped.findings)})
    return results
