"""Text of a spec stays text: in every emitted file it is the same text at the same place, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath, errors
from mlopsgen.targets.sagemaker.names import as_tag, one_line
from tests.compile.outcome import WHOLE, Made, make, whole
from tests.trust.leaves import SPEC_OF, TEXTS, expected, marks, opened, path_of, put, read, related, seen, settled
from tests.trust.payloads import HIDDEN, PAYLOADS
from tests.wrong import TARGETS, lay

pytestmark = pytest.mark.slow

Files: TypeAlias = Mapping[str, bytes]
ADDED: Mapping[str, Mapping[SpecPath, Any]] = {
    "script": {
        ("data", "sources", "trips", "columns", "spare"): {"type": "string"},
        ("registry", "card", "spare"): "words",
        ("tags", "spare"): "words",
        ("targets", "sagemaker", "steps", "clean", "Environment"): {"A": "b"},
        ("training", "params", "word"): "word",
        ("steps", "clean", "params", "sizes"): ["small"],
    },
}
"""Where the specs have no text yet."""
RUNS = [
    *((payload, "script") for payload in PAYLOADS[::2]),
    *((payload, name) for name in ("names", "prepared", "built-in") for payload in PAYLOADS[1::8]),
]
"""What every test run tries; all of it takes two minutes."""
REST = [(payload, name) for name in TEXTS for payload in PAYLOADS if (payload, name) not in RUNS]


HERE: Mapping[tuple[str, SpecPath], Callable[[str], str]] = {
    ("sagemaker", ("description",)): lambda text: one_line(text, len(text)),
}
"""What a service takes of a text in another form."""


@dataclass(frozen=True, slots=True)
class Case:
    """A spec with a mark in the place of every text, and what comes of it."""

    data: Any
    texts: Mapping[SpecPath, str]
    output: Made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its tables are empty: a header would refuse the names of columns that are tried here."""
    root = lay(tmp_path_factory.mktemp("project"))
    for table in root.rglob("*.csv"):
        table.write_text("")
    return root


@pytest.fixture(scope="module")
def cases(project: Path) -> Mapping[str, Case]:
    by_name = {}
    for name, texts in TEXTS.items():
        spec = SPEC_OF.get(name, name)
        data = put_all(whole(project, WHOLE[spec])[0], ADDED.get(spec, {}))
        own = dict(marks(tuple(path_of(text, data) for text in texts)))
        output = make(project, put(data, own))
        assert all(output.files.values()), output.found
        by_name[name] = Case(data, own, output)
    return by_name


def put_all(data: Any, values: Mapping[SpecPath, Any]) -> Any:
    for path, value in values.items():
        here = data
        for part in path[:-1]:
            here = here[part]
        here[path[-1]] = value
    return data


@pytest.mark.parametrize(("payload", "name"), RUNS, ids=ascii)
def test_text_stays_text(payload: str, name: str, project: Path, cases: Mapping[str, Case]) -> None:
    everywhere(payload, name, project, cases[name])


@pytest.mark.soak
@pytest.mark.parametrize(("payload", "name"), REST, ids=ascii)
def test_all_other_text_stays_text_too(payload: str, name: str, project: Path, cases: Mapping[str, Case]) -> None:
    everywhere(payload, name, project, cases[name])


def everywhere(payload: str, name: str, project: Path, case: Case) -> None:
    """The text in every place at once; where it is refused there, in all others."""
    kept = dict.fromkeys(case.texts, payload)
    for _ in range(6):
        output, refused = attempt(project, case, kept)
        if not refused:
            break
        if {d.code for d in refused} == {"MG109"}:
            return  # nobody sees what it is, so no spec holds it
        out = [leaf for leaf in kept if any(related(leaf, d.spec_path) for d in refused)]
        assert out, [(d.code, d.message, d.spec_path) for d in refused]
        assert all(any(related(leaf, d.spec_path) for leaf in out) for d in refused), "each refusal is about a text"
        kept = {leaf: text for leaf, text in kept.items() if leaf not in out}
    else:
        pytest.fail(f"refused again and again: {refused}")
    for target in TARGETS:
        shown = kept | {path: HERE[target, path](text) for path, text in kept.items() if (target, path) in HERE}
        compare(case, shown, output.files[target], case.output.files[target], ordered=name != "names")


def attempt(project: Path, case: Case, texts: Mapping[SpecPath, str]) -> tuple[Made, tuple[Diagnostic, ...]]:
    """What comes of the spec with these texts, or the errors that keep a target from it."""
    try:
        output = make(project, put(case.data, {**case.texts, **texts}))
    except SpecError as stopped:
        return case.output, errors(stopped.findings)
    return output, tuple(d for t in TARGETS if not output.files[t] for d in errors(output.found[t]))


def compare(case: Case, texts: Mapping[SpecPath, str], hostile: Files, harmless: Files, *, ordered: bool) -> None:
    words = {case.texts[path]: text for path, text in texts.items()}
    # Before what a version says of itself, nothing leaves no blank either.
    words = {f"{mark} (": "(" for mark, text in words.items() if not text.strip()} | words
    assert hostile.keys() == harmless.keys()
    for name, content in hostile.items():
        content_here = read(name, content)
        if ("owner",) in texts:
            _untagged(content_here, texts[("owner",)])
        expectation = expected(read(name, harmless[name]), words)
        # Names are sorted, so that another name stands at another place.
        values = seen(content_here, expectation) if ordered else opened(content_here)
        assert settled(values, ordered=ordered) == settled(expectation, ordered=ordered), name


def _untagged(node: Any, owner: str) -> None:
    """Puts the owner back where a tag holds what AWS takes of it."""
    if isinstance(node, dict):
        if node.get("Key") == "owner" and node.get("Value") == as_tag(owner):
            node["Value"] = owner
        node = list(node.values())
    for one in node if isinstance(node, list) else ():
        _untagged(one, owner)


@pytest.mark.parametrize("payload", HIDDEN, ids=ascii)
def test_what_nobody_sees_is_refused(payload: str, project: Path, cases: Mapping[str, Case]) -> None:
    case = cases["script"]
    for path in case.texts:
        with pytest.raises(SpecError) as stopped:
            make(project, put(case.data, {path: f"a{payload}b"}))
        assert {d.code for d in stopped.value.findings} == {"MG109"}
        assert all(d.span for d in stopped.value.findings)
