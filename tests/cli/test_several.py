"""Several specs at once: each product in a folder of its own, all of them or none, findings of each at its place."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlopsgen.bundle import swap
from tests.cli.calling import Ended, Program
from tests.cli.product import SPEC, WRONG, lay

TWO = ("a/spec.yaml", "b/spec.yaml")


@pytest.fixture
def both(mlopsgen: Program) -> Program:
    """The program beside two products, `churn` and `wine`."""
    lay(mlopsgen.folder / "a")
    lay(mlopsgen.folder / "b", spec=SPEC.replace("name: churn", "name: wine"))
    return mlopsgen


def folders(program: Program) -> set[str]:
    build = program.folder / "build"
    return {path.parent.relative_to(build).as_posix() for path in build.rglob("manifest.json")}


def said(ended: Ended) -> list[str]:
    """Where each error stands, and its code."""
    return re.findall(r"^(\S+?:\d+:\d+: error\[\w+\])", ended.err, re.MULTILINE)


@pytest.fixture(params=["one process", "two processes"])
def jobs(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What is written and said is the same however many processes share the work."""
    return () if request.param == "one process" else ("--jobs", "2")


def held(program: Program) -> dict[str, str]:
    """What each bundle says of itself."""
    build = program.folder / "build"
    return {str(path): json.loads(path.read_bytes())["digest"] for path in build.rglob("manifest.json")}


class TestCompile:
    @pytest.mark.parametrize("bundle", [1, 2, 3, 4])
    def test_a_disk_that_is_full_at_any_bundle_leaves_all_as_they_were(
        self, both: Program, jobs: tuple[str, ...], bundle: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        argv = ("compile", *TWO, *jobs, "--target", "all")
        both(*argv)
        before = held(both)
        for name in ("a", "b"):
            next((both.folder / name).rglob("train.py")).write_text("print('another')\n")
        full = tuple(both.folder.glob("build/*/*"))[bundle - 1]
        write = swap._write_all

        def until_full(new: Path, files: Mapping[str, bytes]) -> None:
            write(new, files)
            if full.name in new.name and full.parent.name == new.parent.name:
                raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patching:
            patching.setattr(swap, "_write_all", until_full)
            ended = both(*argv)
        assert ended.code == 1
        assert "MG410" in ended.err
        assert held(both) == before
        assert not list(both.folder.rglob(".*.mlopsgen-*"))
        assert both(*argv).code == 0
        assert all(held(both)[name] != digest for name, digest in before.items())

    def test_each_product_has_a_folder(self, both: Program, jobs: tuple[str, ...]) -> None:
        done = both("compile", *TWO, *jobs, "--target", "all", "--verify")
        assert (done.code, said(done)) == (0, [])
        assert folders(both) == {"churn/local", "churn/sagemaker", "wine/local", "wine/sagemaker"}
        assert [line for line in done.out.splitlines() if line.endswith("/")] == [
            *("build/churn/local/", "build/churn/sagemaker/", "build/wine/local/", "build/wine/sagemaker/")
        ]
        assert done.out.count("judged by") == 4

    def test_an_environment_comes_below_the_product(self, both: Program, jobs: tuple[str, ...]) -> None:
        assert both("compile", "a", "b", *jobs, "-t", "local", "-e", "staging").code == 0
        assert folders(both) == {"churn/staging/local", "wine/staging/local"}

    def test_the_bundles_are_those_of_each_alone(self, both: Program, jobs: tuple[str, ...]) -> None:
        both("compile", *TWO, *jobs, "-t", "sagemaker")
        both("compile", "b/spec.yaml", "-t", "sagemaker", "-o", "alone")
        together, alone = both.folder / "build/wine/sagemaker", both.folder / "alone/sagemaker"
        assert (together / "manifest.json").read_bytes() == (alone / "manifest.json").read_bytes()

    def test_one_spec_given_twice_is_one_spec(self, both: Program) -> None:
        assert both("compile", "a/spec.yaml", "./a", "-t", "local").code == 0
        assert folders(both) == {"local"}

    def test_one_that_is_wrong_leaves_all_as_they_were(self, both: Program, jobs: tuple[str, ...]) -> None:
        (both.folder / "a/spec.yaml").write_text(WRONG)
        (both.folder / "b/spec.yaml").write_text(WRONG + "more: 1\n")
        done = both("compile", *TWO, *jobs, "-t", "local")
        assert (done.code, done.out) == (1, "")
        assert {line.partition(":")[0] for line in said(done)} == set(TWO), "findings of all, each in its own file"
        assert "    2 | nam: churn" in done.err
        assert folders(both) == set()

    def test_a_folder_that_must_not_be_written_over_stops_all(self, both: Program, jobs: tuple[str, ...]) -> None:
        (both.folder / "build/wine/local").mkdir(parents=True)
        (both.folder / "build/wine/local/mine.txt").write_text("mine")
        done = both("compile", *TWO, *jobs, "-t", "local")
        assert (done.code, done.out) == (1, "")
        assert "MG406" in done.err
        assert folders(both) == set()

    def test_two_products_of_one_name_are_refused(self, both: Program, jobs: tuple[str, ...]) -> None:
        lay(both.folder / "b")
        done = both("compile", *TWO, *jobs, "-t", "all")
        assert (done.code, done.out) == (1, "")
        assert said(done) == ["b/spec.yaml:2:7: error[MG125]"]
        assert "`churn` is the name of a/spec.yaml too" in done.err
        assert folders(both) == set()

    def test_a_spec_that_is_not_there_is_wrong_usage(self, both: Program, jobs: tuple[str, ...]) -> None:
        done = both("compile", "a/spec.yaml", "c/spec.yaml", *jobs, "-t", "local")
        assert done.code == 2
        assert "There is no c/spec.yaml" in done.err
        assert folders(both) == set()

    def test_what_one_spec_does_not_know_is_said_of_that_one(self, both: Program, jobs: tuple[str, ...]) -> None:
        (both.folder / "b/spec.yaml").write_text(SPEC.replace("staging: {}", "test: {}").replace("churn", "wine"))
        done = both("compile", *TWO, *jobs, "-t", "local", "-e", "staging")
        assert [line.partition(":")[0] for line in said(done)] == ["b/spec.yaml"]
        assert "MG114" in done.err

    def test_what_cannot_be_written_leaves_the_others_unwritten(self, both: Program, jobs: tuple[str, ...]) -> None:
        (both.folder / "build").mkdir()
        (both.folder / "build/wine").write_text("in the way")
        done = both("compile", *TWO, *jobs, "-t", "local")
        assert (done.code, done.out) == (1, "")
        assert "error[MG410]" in done.err
        assert folders(both) == set()

    def test_the_report_is_the_same_to_the_letter(self, both: Program) -> None:
        for name in "cdefg":
            lay(both.folder / name, spec=SPEC.replace("name: churn", f"name: {name}").replace("label:", "lable:"))
        words = ("compile", *TWO, *"cdefg", "-t", "all", "--format", "json")
        alone, shared = both(*words), both(*words, "--jobs", "3")
        assert (alone.code, alone.err.count("MG104")) == (1, 5)
        assert shared == alone

    def test_a_mistake_of_ours_ends_all(self, both: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("nothing to divide by")

        monkeypatch.setattr("mlopsgen.compile.compile_for", broken)
        for jobs in ((), ("--jobs", "2")):
            done = both("compile", *TWO, *jobs, "-t", "local")
            assert done.code == 1
            assert "ZeroDivisionError: nothing to divide by" in done.err
            assert folders(both) == set()

    def test_a_process_that_is_ended_from_outside_ends_all(
        self, both: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mlopsgen.compile.compile_for", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        done = both("compile", *TWO, "--jobs", "2", "-t", "local")
        assert done.code == 1
        assert "a process that compiled specs was ended from outside" in done.err
        assert folders(both) == set()

    @pytest.mark.parametrize("count", ["0", "many"])
    def test_no_number_of_processes_is_wrong_usage(self, both: Program, count: str) -> None:
        assert both("compile", *TWO, "-t", "local", "--jobs", count).code == 2


class TestCheck:
    def test_each_is_said_to_be_good(self, both: Program) -> None:
        done = both("check", *TWO)
        assert done.code == 0
        assert [line.partition(": good for ")[0] for line in done.out.splitlines()] == [*TWO]

    def test_the_good_one_beside_the_wrong_one(self, both: Program) -> None:
        (both.folder / "a/spec.yaml").write_text(WRONG)
        done = both("check", *TWO)
        assert done.code == 1
        assert done.out.startswith("b/spec.yaml: good for ")
        assert {line.partition(":")[0] for line in said(done)} == {"a/spec.yaml"}

    def test_both_are_mended(self, both: Program) -> None:
        for name in TWO:
            spec = both.folder / name
            spec.write_text(spec.read_text().replace("label:", "lable:"))
        done = both("check", "--fix", *TWO)
        assert done.code == 0
        assert done.out.count("`lable` is now `label`") == 2
        assert all("label:" in (both.folder / name).read_text() for name in TWO)

    def test_only_one_is_printed_in_full(self, both: Program) -> None:
        done = both("check", "--resolved", *TWO)
        assert done.code == 2
        assert "--resolved prints one spec" in done.err


def test_completion_reads_the_first_spec(both: Program) -> None:
    from mlopsgen.cli.compile import command
    from mlopsgen.cli.completing import environments

    context = command.make_context("compile", ["a/spec.yaml", "b/spec.yaml", "-t", "local"])
    assert [item.value for item in environments(context, command.params[0], "s")] == ["staging"]
    assert Path("a/spec.yaml") in context.params["specs"]
