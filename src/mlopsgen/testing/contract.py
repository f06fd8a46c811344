"""The tests that every target passes, ours and other people's alike."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlopsgen import compile as compiler
from mlopsgen import targets
from mlopsgen.bundle import Bundle, check_integrity, manifest_of, read_manifest, write
from mlopsgen.codes import CODES
from mlopsgen.diagnostics import Diagnostic, Severity, SpecError, errors
from mlopsgen.plan.steps import Train
from mlopsgen.targets.api import FEATURES, How, Target, TargetOptions
from mlopsgen.testing.changes import SILENT
from mlopsgen.testing.effects import Effects
from mlopsgen.testing.execution import WRITES, environment, execute
from mlopsgen.testing.projects import PROJECTS, SPEC, WHOLE, Project, speaking
from mlopsgen.testing.structure import HOSTILE, differences, documents
from mlopsgen.verify import verify_each

_MARKER = "harmless"
_HEAVY = ("boto3", "botocore", "sagemaker", "azure", "google.cloud", "kfp", "kubernetes", "numpy", "pandas", "sklearn")
_OTHERWISE: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C.UTF-8"},
)
_DIGESTS = """
import json, sys
from pathlib import Path
from mlopsgen.bundle import manifest_of
from mlopsgen.compile import CompileRequest, compile_spec
made = {}
for spec in map(Path, sys.argv[2:]):
    made[str(spec)] = manifest_of(compile_spec(CompileRequest(spec, spec.read_bytes()), sys.argv[1]).bundle).digest
print(json.dumps({"made": made, "modules": sorted(sys.modules)}))
"""


class TargetContract:
    """What a target has to keep to. Subclass it, say which target, and pytest runs the rest.

    A project compiles, or is refused with findings about the target that have a place and a hint;
    what the target's own table refuses is never left out in silence.
    """

    target: ClassVar[str]
    """The name that the target is installed under."""
    options: ClassVar[Mapping[str, Any]] = {}
    """The block `targets.<target>` that each project gets."""
    projects: ClassVar[Sequence[Project]] = PROJECTS
    """What the target is tried with; add your own to PROJECTS."""
    modules: ClassVar[Sequence[str]] = _HEAVY
    """Modules that a compile must not import."""
    escapes: ClassVar[Mapping[str, str]] = {}
    """What the target's platform would evaluate in a text → how the target spells it, so that it does not."""
    blocks: ClassVar[Sequence[Mapping[str, Any]]] = ()
    """Further blocks of the target: each key of the block is in one of them, or in `options`."""
    addresses: ClassVar[Mapping[str, str]] = {}
    """A bucket, an image registry or a key in the specs of WHOLE → how the target's platform writes it."""
    changes: ClassVar[Mapping[str, Sequence[Any]]] = {}
    """`Model.key` of the block → other values, where a value that is one longer would be wrong."""
    ignored: ClassVar[Mapping[str, str]] = {}
    """Fields that change no byte of a bundle, and of which nothing is said → why that is right."""
    compiles_at_least: ClassVar[int] = 1
    """How many of the projects the target compiles: one that refuses all keeps no promise."""
    own_folders: ClassVar[Sequence[str]] = ()
    """How the folders begin that the platform gives to a step."""
    ready_folders: ClassVar[Sequence[str]] = ()
    """Those among them that the platform makes itself before a training starts, beside inputs."""
    built_in: ClassVar[bool] = False
    """Whether the target may report codes that begin with MG."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each project, and for each hostile text."""
        if "project" in metafunc.fixturenames:
            metafunc.parametrize("project", self.projects, ids=lambda project: project.name)
        if "hostile" in metafunc.fixturenames:
            metafunc.parametrize("hostile", HOSTILE)

    def loaded(self) -> Target[Any]:
        """The target, found as the program finds it."""
        return targets.load(self.target)

    def training_command(self, files: Mapping[str, bytes]) -> Sequence[str] | None:  # noqa: ARG002
        """The words that the platform starts the training of a bundle with; None: it starts no plain words."""
        return None

    def request(self, project: Project, folder: Path) -> compiler.CompileRequest:
        """The project in a folder, as `mlopsgen compile` would ask for it."""
        spec = project.lay(folder, self.target, self.options)
        return compiler.CompileRequest(spec, spec.read_bytes())

    def compiled(self, project: Project, folder: Path) -> Bundle:
        """The project's bundle; skips the test where the target refuses the project."""
        try:
            return compiler.compile_spec(self.request(project, folder), self.target).bundle
        except SpecError as refused:
            pytest.skip("refused: " + ", ".join(sorted({one.code for one in errors(refused.findings)})))

    def test_it_is_found_by_its_name(self) -> None:
        """The entry point's name is the target's own; it says who it is and where its templates lie."""
        target = self.loaded()
        assert self.target in targets.names()
        assert target.name == self.target
        assert target.title
        assert issubclass(target.options, TargetOptions)
        assert target.templates.is_dir()

    def test_it_answers_for_every_feature(self) -> None:
        """`mlopsgen targets` can show every row."""
        support = self.loaded().support
        assert {feature.name for feature in FEATURES} - {*support} == set(), "features without an answer"
        assert {*support} - {feature.name for feature in FEATURES} == set(), "answers to no feature"
        assert [name for name, answer in support.items() if not answer.with_what] == []

    def test_its_codes_are_its_own(self) -> None:
        """No code of the compiler is taken again, and each is explained."""
        own = self.loaded().codes
        assert {one.code for one in own} & {*CODES} == set()
        assert self.built_in or [one.code for one in own if one.code.startswith("MG")] == []
        assert [one.code for one in own if not (one.title and one.explanation.strip())] == []

    def test_a_project_compiles_or_is_refused_at_its_place(self, project: Project, tmp_path: Path) -> None:
        """Refused means: an error about the target, with the line and a hint. Nothing is dropped in silence."""
        checked = compiler.check(self.request(project, tmp_path), (self.target,))
        support = self.loaded().support
        refused = [use.feature for use in checked.plan.uses if support[use.feature].how is How.REFUSED]
        try:
            findings = compiler.compile_for(checked, self.target).findings
        except SpecError as wrong:
            findings = wrong.findings
        about = [one for one in findings if self.about_the_target(one)]
        assert [one for one in errors(findings) if one not in about] == []
        assert [one.message for one in about if not (one.spec_path and one.span)] == [], "without a place"
        assert [one.message for one in errors(about) if not one.hint] == [], "without a hint"
        if refused:
            assert [one for one in about if one.severity is not Severity.NOTE], f"nothing is said about {refused}"

    def test_the_smallest_project_compiles(self, tmp_path: Path) -> None:
        """A table and a training script: less cannot be asked of a target."""
        smallest = next(project for project in PROJECTS if project.name == "smallest")
        assert compiler.compile_spec(self.request(smallest, tmp_path), self.target).bundle.files

    def test_no_field_is_read_and_forgotten(self, tmp_path: Path) -> None:
        """Another value of a field gives other bytes, or is refused, or something is said about the field."""
        effects = Effects(self.target, tmp_path, self.changes, self.addresses)
        for block in (self.options, *self.blocks):
            for project in WHOLE:
                project.lay(tmp_path, self.target, {})
                effects.add(project.files[SPEC], block)
        silent = {str(one) for one in effects.forgotten()} - {*SILENT}
        untried = sorted(silent - {str(one) for one in effects.tried})
        forgotten = sorted(silent - {*self.ignored})
        assert forgotten == [], f"{forgotten}; not even tried, since no spec that compiles has them: {untried}"
        assert {*self.ignored} - silent == set(), "these have an effect"

    def test_it_compiles_as_many_projects_as_it_says(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A target that refuses everything is not as good as one that does everything."""
        refused = {}
        for project in self.projects:
            try:
                compiler.compile_spec(self.request(project, tmp_path / project.name), self.target)
            except SpecError as stopped:
                refused[project.name] = sorted({one.code for one in errors(stopped.findings)})
        compiled = len(self.projects) - len(refused)
        with capsys.disabled():
            print(f"\n{self.target} compiles {compiled} of {len(self.projects)} projects; refused: {refused}")  # noqa: T201
        assert compiled >= self.compiles_at_least

    def test_a_training_finds_the_folders_that_it_writes_to(self, tmp_path: Path) -> None:
        """An emitted command is executed where there are its inputs and nothing else."""
        project = next(one for one in PROJECTS if one.name == "smallest")
        request = self.request(replace(project, files={**project.files, "src/train.py": WRITES}), tmp_path / "project")
        checked = compiler.check(request, (self.target,))
        files = compiler.compile_for(checked, self.target).bundle.files
        words = self.training_command(files)
        if words is None:
            pytest.skip("the target says no command: its own tests have to execute its steps")
        (job,) = (step for step in checked.plan.steps if isinstance(step, Train))
        for folder in self.ready_folders:
            (tmp_path / "machine" / folder.lstrip("/")).mkdir(parents=True)
        done = execute(words, files, self.own_folders, tmp_path / "machine", [item.port for item in job.inputs])
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"

    def about_the_target(self, finding: Diagnostic) -> bool:
        """Whether a finding is one that a target reports."""
        return finding.code.startswith("MG3") or finding.code in {one.code for one in self.loaded().codes}

    def test_two_compiles_give_the_same_bytes(self, project: Project, tmp_path: Path) -> None:
        """In two folders, so that no path of this machine is in a bundle."""
        one, other = (self.compiled(project, tmp_path / name) for name in ("one", "other"))
        assert one.files == other.files
        paths = [path for path, content in one.files.items() if str(tmp_path).encode() in content]
        assert paths == [], "files that name a folder of this machine"

    def test_other_processes_give_the_same_bytes_and_import_no_sdk(self, tmp_path: Path) -> None:
        """Under another hash seed, time zone and language; compile needs no platform's library."""
        bundles = {}
        for project in self.projects:
            request = self.request(project, tmp_path / project.name)
            try:
                bundles[str(request.file)] = manifest_of(compiler.compile_spec(request, self.target).bundle).digest
            except SpecError:
                continue
        for otherwise in _OTHERWISE:
            outcome = _elsewhere([self.target, *bundles], otherwise, tmp_path)
            assert outcome["made"] == bundles
            assert [name for name in outcome["modules"] if name.startswith(tuple(self.modules))] == []

    def test_files_parse_and_the_readme_names_each(self, project: Project, tmp_path: Path) -> None:
        """Every document by its own format's parser; a folder of copies may be named as a whole."""
        files = self.compiled(project, tmp_path).files
        assert "README.md" in files
        documents(files)
        readme = files["README.md"].decode()
        folders = {path: [f"{parent}/" for parent in Path(path).parents if parent.name] for path in files}
        named = {path for path in files if path in readme or any(folder in readme for folder in folders[path])}
        assert {*files} - named - {"README.md"} == set()

    def test_what_is_written_is_whole_and_its_judges_find_nothing(self, tmp_path: Path) -> None:
        """The manifest fits the files; writing again changes nothing; no judge that is installed objects.

        Judges read the bundles of all projects at once: most of their time goes into loading a platform's library.
        """
        folders = []
        for project in self.projects:
            request = self.request(project, tmp_path / "projects" / project.name)
            try:
                bundle = compiler.compile_spec(request, self.target).bundle
            except SpecError:
                continue
            folder = tmp_path / "bundles" / project.name
            assert write(bundle, folder).changed
            assert not write(bundle, folder).changed
            assert read_manifest(folder) == manifest_of(bundle)
            assert check_integrity(folder) == ()
            folders.append(folder)
        verdicts = {folder.name: verdict for folder, verdict in zip(folders, verify_each(folders), strict=True)}
        objections = [
            f"{name}: {one.code} {one.message}"
            for name, verdict in verdicts.items()
            for one in errors(verdict.findings)
            if one.code != "MG440"
        ]
        assert objections == []
        assert all(judge.install for verdict in verdicts.values() for judge in verdict.not_run)

    def as_label(self, text: str) -> str:
        """What becomes of a text where the platform takes few characters, as of a tag; the target says so in a note."""
        return text

    def test_text_of_a_user_is_inert(self, hostile: str, tmp_path: Path) -> None:
        """It stands in the files as it was said, and nothing else changes; or it is refused."""
        harmless = self.compiled(speaking(_MARKER), tmp_path / "harmless")
        hostile_bundle = self.compiled(speaking(hostile), tmp_path / "hostile")
        before, after = documents(harmless.files), documents(hostile_bundle.files)
        assert list(before) == list(after)
        spelled = hostile
        for evaluated, escaped in self.escapes.items():
            spelled = spelled.replace(evaluated, escaped)
        assert list(differences(before, after, _MARKER, (hostile, spelled, self.as_label(hostile)))) == []

    def test_a_patch_has_the_last_word(self, tmp_path: Path) -> None:
        """Each document's first key can be replaced from the spec."""
        project = next(project for project in self.projects if SPEC in project.files)
        there = self.compiled(speaking(_MARKER), tmp_path / "speaking").files
        files = {p: c for p, c in self.compiled(project, tmp_path / "plain").files.items() if p in there}
        emitted = {path: data for path, data in documents(files).items() if isinstance(data, dict) and data}
        firsts = {path: next(iter(data)) for path, data in emitted.items() if not path.startswith("image/")}
        patches = [{"file": path, "at": f"/{_escaped(key)}", "replace": _MARKER} for path, key in firsts.items()]
        options = {**self.options, "patches": patches}
        spec = speaking(_MARKER).lay(tmp_path / "patched", self.target, options)
        patched = compiler.compile_spec(compiler.CompileRequest(spec, spec.read_bytes()), self.target).bundle
        assert {path: documents(patched.files)[path][key] for path, key in firsts.items()} == dict.fromkeys(
            firsts, _MARKER
        )


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _elsewhere(words: Sequence[str], otherwise: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """What a process of its own makes of the same specs."""
    command, env = [sys.executable, "-c", _DIGESTS, *words], {**environment(), **otherwise}
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome
