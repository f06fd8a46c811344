"""What one target makes of a spec, and of the same spec with one leaf changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlopsgen import compile as compiler
from mlopsgen import targets
from mlopsgen.diagnostics import Diagnostic, Severity, SpecError, SpecPath
from mlopsgen.source import plain
from mlopsgen.spec.read import read_spec
from mlopsgen.spec.resolve import canonical, resolve
from mlopsgen.spec.write import as_data
from mlopsgen.targets.blocks import option_models
from mlopsgen.testing.effects import Outcome
from mlopsgen.testing.projects import SPEC, Project
from tests.golden_test.golden import masked
from tests.leaves.leaves import Leaf, Leaves
from tests.targets.corpus import MISSING, REFUSED_IN_PART, made_of

VALID = 3
"""So many other values that a spec may have are tried before a leaf is called silent."""


@dataclass(frozen=True, slots=True)
class Silent:
    """An edit that a target neither obeyed nor answered."""

    leaf: Leaf
    edit: str
    target: str

    def __str__(self) -> str:
        return f"{self.target}: {'.'.join(map(str, self.leaf.path))} ({self.leaf.field}) {self.edit}"


@dataclass(frozen=True, slots=True)
class Made(Outcome):
    """What came of a spec, and what the spec says when it is written out."""

    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """One spec for one target: its bundle, and its leaves."""

    folder: Path
    target: str
    data: Any
    before: Made
    leaves: Leaves

    @classmethod
    def of(
        cls, project: Project, folder: Path, target: str, block: Mapping[str, Any], words: Mapping[str, str]
    ) -> Tried | None:
        """None where the target makes nothing of the spec."""
        project.lay(folder, target, {})
        data = _resolved(folder, project.files[SPEC], target, block, words)
        try:
            before = _made(folder, data, target)
        except SpecError as wrong:
            missing = [match for one in wrong.findings if (match := MISSING.search(one.message))]
            if not missing:
                return None
            for match in missing:
                made_of(match, folder)
            before = _made(folder, data, target)
        if not before.files:
            return None
        return cls(folder, target, data, before, Leaves(data, _read(folder, data)))

    def silent(self, leaf: Leaf) -> Silent | None:
        """The first edit of a leaf, where of none of its edits anything is seen or said.

        Taken out is what no other value fits: else the value may be the one that the target chooses by itself.
        """
        ignored = []
        for edit, data in self.leaves.edits(leaf):
            verdict = self._verdict(leaf, data)
            if verdict:
                return None
            ignored += [edit] if verdict is False else []
            if len(ignored) == VALID:
                break
        if not ignored and self._verdict(leaf, self.leaves.without(leaf)) is False:
            ignored = ["removed"]
        return Silent(leaf, ignored[0], self.target) if ignored else None

    def _verdict(self, leaf: Leaf, data: Any) -> bool | None:
        """Whether the target heeds an edit; None where the spec is wrong with it, or means what it did."""
        try:
            after = _made(self.folder, data, self.target)
        except SpecError:
            return None
        if after.meaning == self.before.meaning:
            return None
        if not after.files:
            return True
        said = self.before.findings | after.findings
        return _differ(self.before.files, after.files) or self._answered(leaf.path, said)

    def _answered(self, path: SpecPath, said: Iterable[Diagnostic]) -> bool:
        """Whether a finding is about a leaf; of a run parameter, about each place that uses it."""
        if any(_speaks(one, path) for one in said):
            return True
        readers = [*self.leaves.readers(str(path[1]))] if path[0] == "parameters" else []
        return bool(readers) and all(any(_speaks(one, reader) for one in said) for reader in readers)


def _resolved(folder: Path, text: bytes, target: str, block: Mapping[str, Any], words: Mapping[str, str]) -> Any:
    """A spec as plain data in its long form, for one target alone."""
    data = plain(canonical(resolve(compiler.read(_request(folder, text)), None, {})).root)
    data.pop("variables", None)
    own = data.get("targets", {}).get(target, block)
    spelled = json.dumps(data)
    for word, here in words.items():
        spelled = spelled.replace(word, here)
    return {**json.loads(spelled), "targets": {target: dict(own)}}


def _request(folder: Path, text: bytes) -> compiler.CompileRequest:
    return compiler.CompileRequest(folder / SPEC, text, allow=REFUSED_IN_PART)


def _text(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _read(folder: Path, data: Any) -> Any:
    source = canonical(resolve(compiler.read(_request(folder, _text(data))), None, {}))
    return read_spec(source, option_models(source), targets.names())


def _made(folder: Path, data: Any, target: str) -> Made:
    checked = compiler.check(_request(folder, _text(data)), (target,))
    meaning = json.dumps(as_data(checked.spec), sort_keys=True, default=str)
    try:
        compiled = compiler.compile_for(checked, target)
    except SpecError as refused:
        return Made({}, frozenset(refused.findings), meaning)
    return Made(compiled.bundle.files, frozenset(compiled.findings), meaning)


def _differ(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> bool:
    """Whether two bundles differ in more than digests, which say that something changed and not what."""
    if one.keys() != other.keys():
        return True
    return any(text != other[name] and masked(text) != masked(other[name]) for name, text in one.items())


def _speaks(finding: Diagnostic, path: SpecPath) -> bool:
    """Whether a finding is about a leaf: itself, a map in a step that it stands in, or a step of which it names this.

    What is refused is refused with all that stands in it.
    """
    where = finding.spec_path
    if not where or where != path[: len(where)]:
        return False
    named = any(f"`{part}`" in finding.message for part in path[len(where) :])
    whole = finding.severity is not Severity.NOTE and finding.code.startswith(("MG2", "MG3"))
    return named or whole or len(where) > (2 if where[0] in ("steps", "data", "parameters") else 1)
