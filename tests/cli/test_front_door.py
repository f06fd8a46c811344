"""What the program does around its commands, so that a process costs little and loses nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic.plugin import _loader

from tests.projects import ROOT

MAIN = "import sys; from mlopsgen.cli import main; sys.argv = ['mlopsgen', *sys.argv[1:]]; "


def ended(script: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", MAIN + script, *argv], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_what_libraries_want_done_at_the_end_is_done(tmp_path: Path) -> None:
    note = tmp_path / "note"
    done = ended(f"import atexit, pathlib; atexit.register(pathlib.Path({str(note)!r}).touch); main()", "--version")
    assert (done.returncode, note.exists()) == (0, True)


def test_a_thread_that_still_works_is_waited_for(tmp_path: Path) -> None:
    note = tmp_path / "note"
    late = f"import threading, pathlib; threading.Timer(0.3, pathlib.Path({str(note)!r}).touch).start(); main()"
    assert ended(late, "--version").returncode == 0
    assert note.exists()


@pytest.mark.parametrize(("argv", "code"), [(("explain", "MG104"), 0), (("explain", "MG000"), 2), (("nonsense",), 2)])
def test_all_that_was_said_arrives(argv: tuple[str, ...], code: int) -> None:
    done = ended("main()", *argv)
    assert done.returncode == code
    assert (done.stdout if code == 0 else done.stderr).endswith("\n")


def test_pydantic_still_looks_for_plugins_as_we_think() -> None:
    """What main() puts in the place of this module has all that pydantic takes from it."""
    taken = {name for name, value in vars(_loader).items() if callable(value) and value.__module__ == _loader.__name__}
    assert taken == {"get_plugins"}


def test_the_search_for_plugins_is_left_out_of_the_program_alone() -> None:
    looked = "import atexit; atexit.register(lambda: print('importlib.metadata' in sys.modules)); main()"
    assert ended(looked, "check", "examples/wine/spec.yaml").stdout.splitlines()[-1] == "False"
    library = "import mlopsgen.compile, pydantic; pydantic.TypeAdapter(int); from pydantic.plugin import _loader; "
    argv = [sys.executable, "-c", library + "print(_loader.__file__)"]
    here = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert here.stdout.strip().endswith("_loader.py")


MODELS = """
import dataclasses, json, typing_extensions
standard = dataclasses.dataclass, typing_extensions.TypedDict
{how}
assert (dataclasses.dataclass, typing_extensions.TypedDict) == standard
import annotated_types
from typing import Annotated, Literal
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, ValidationError

class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    kind: Literal["a", "b"]
    size: Annotated[int, annotated_types.Interval(gt=0, le=9)] = 3
    names: dict[Annotated[str, Field(pattern="^[a-z]+$")], tuple[Annotated[float, AfterValidator(abs)], ...]] = {{}}

class Outer(BaseModel):
    inner: list[Inner] | None = None
    either: Annotated[Annotated[int, Tag("n")] | Annotated[str, Tag("t")], Discriminator(lambda v: "n" if v else "t")]

print(json.dumps(Outer.model_json_schema()), type(ConfigDict(extra="allow")), repr(annotated_types.Interval(gt=1)))
print(annotated_types.Len(1) == annotated_types.Len(1), hash(annotated_types.Gt(2)))
print(list(annotated_types.Interval(gt=1)), TypeAdapter(tuple[Inner, ...]).core_schema["type"])
print(Outer(either=4, inner=[Inner(kind="a", names=dict(x=(-1.5,)))]))
for wrong in ({{}}, dict(either=4, inner=[dict(kind="c", size=10, more=1)]), dict(either=4, inner=[dict(names=[])])):
    try:
        Outer(**wrong)
    except ValidationError as error:
        print(error.json(include_url=False))
"""


def test_pydantic_is_the_same_when_imported_without_what_nobody_needs() -> None:
    lean = "from mlopsgen.cli.lean import import_pydantic, without_plugins; without_plugins(); import_pydantic()"
    ways = (MODELS.format(how=how) for how in ("import pydantic", lean))
    argvs = ([sys.executable, "-c", way] for way in ways)
    plain, without = (subprocess.run(argv, capture_output=True, text=True, check=False) for argv in argvs)
    assert plain.returncode == 0, plain.stderr
    assert (without.stdout, without.stderr) == (plain.stdout, plain.stderr)
    assert plain.stdout.count("\n") == 7
