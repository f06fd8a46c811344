"""What the makers of a platform give for the same work, measured in the same rounds as ours.

Each runs in the environment of the judge that uses the same library, in its exact version.
The scripts beside this file see that library and nothing of mlopsgen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlopsgen import targets
from mlopsgen.targets.judge_environment import JudgeEnvironment

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Other:
    """A program of somebody else, held against a compile for one target."""

    name: str
    target: str
    library: str
    script: str
    reads: bool
    """Whether it is given the bundle that we wrote; else the file that it is to write."""
    bound: float
    """The most that ours may take of its time."""

    def words(self, python: Path, bundles: Path) -> list[str]:
        """The process."""
        path = bundles / self.target if self.reads else bundles / f"{self.name}.yaml"
        return [str(python), str(HERE / self.script), str(path)]


OTHERS = (
    Other("kfp's own compiler", "kubeflow", "kfp", "kfp_compile.py", reads=False, bound=0.6),
    Other("azure-ai-ml's load_job", "azureml", "azure-ai-ml", "azure_load.py", reads=True, bound=0.25),
)


def processes(shipped: Sequence[str], bundles: Path) -> Iterator[tuple[Other, list[str]]]:
    """Each program that has something to be held against, with its process; makes environments that are not there."""
    for other in OTHERS:
        if other.target in shipped:
            yield other, other.words(_python(other), bundles)


def _python(other: Other) -> Path:
    for judge in targets.load(other.target).judges():
        outside = getattr(judge.run, "__self__", None)
        if isinstance(outside, JudgeEnvironment) and _requires(outside, other.library):
            missing = outside.prepare(lambda line: print(f"· {line}", file=sys.stderr))
            if missing is not None:
                raise SystemExit(f"{missing.message}\n{missing.hint}\nleave the comparison out: --alone")
            return outside.python
    raise SystemExit(f"no judge of `{other.target}` has {other.library}")


def _requires(outside: JudgeEnvironment, library: str) -> bool:
    return any(line.partition("==")[0] == library for line in outside.requirements)
