"""`make bench`: what mlopsgen costs, held against what was promised; exit code 1 when a bound breaks.

The wheel is built and installed into an environment of its own, as people have it. Every command
is a whole process. Processes are measured in turn, round after round, and the median of each is
divided by that of `python -c pass`, so that a slow machine or a busy one changes both sides. Time
is what the processor spent on the process: waiting for other programs is not ours to answer for.
Prints a table; leaves nothing behind.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
FLAGSHIP = ROOT / "examples/schedule-adherence/spec.yaml"
PASS = "python -c pass"
HELP = "mlopsgen --help"
ALL = "compile for every target in one process"
FEW, MANY = 5, 500
ROUNDS = 15
MEBI = 1 << 20
TOOLS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")
"""What a new environment holds before anything is installed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    seconds: float
    peak: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One promise, and what was measured."""

    what: str
    measured: float
    bound: float
    unit: str

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.measured <= self.bound


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything, print the table."""
    parser = argparse.ArgumentParser(prog="bench", description="Holds what mlopsgen costs against its bounds.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each process is measured")
    parser.add_argument("--alone", action="store_true", help="hold us against bounds alone, not against others")
    parser.add_argument("--python", type=Path, help="an interpreter that has mlopsgen; default: a fresh environment")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mlopsgen-bench-") as scratch:
        folder = Path(scratch)
        python = asked.python.absolute() if asked.python else installed(folder)
        said = commands(python, folder)
        others = {} if asked.alone else compared(folder)
        costs = measured(said | {name: words for name, (_, words) in others.items()}, asked.rounds)
        rows = [*ratios(costs), *against({name: ours for name, (ours, _) in others.items()}, costs)]
        rows.append(size_of_install(python))
    print(table(rows))
    return 0 if all(row.holds for row in rows) else 1


def installed(folder: Path) -> Path:
    """The wheel in an environment of its own, with nothing but what it needs."""
    _quietly(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT))
    _quietly(sys.executable, "-m", "venv", str(folder / "venv"))
    python = folder / "venv/bin/python"
    (wheel,) = (folder / "dist").glob("*.whl")
    pip = (
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--constraint",
        str(ROOT / "constraints.txt"),
    )
    _quietly(str(python), *pip, str(wheel))
    return python


def commands(python: Path, folder: Path) -> dict[str, list[str]]:
    """Each process that is measured, by its name in the table."""
    program = [str(python.parent / "mlopsgen")]
    said = {PASS: [str(python), "-c", "pass"], HELP: [*program, "--help"]}
    for target in _targets():
        said[f"compile -t {target}"] = [*program, "compile", str(FLAGSHIP), "-t", target, "-o", str(folder / "out")]
    each = [word for target in _targets() for word in ("-t", target)]
    said[ALL] = [*program, "compile", str(FLAGSHIP), *each, "-o", str(folder / "all")]
    for target in _targets():
        for count in (FEW, MANY):
            spec, out = _steps(folder / f"{count}-{target}", count, target), folder / "out" / f"{count}"
            said[steps(count, target)] = [*program, "compile", str(spec), "-t", target, "-o", str(out)]
    return said


def steps(count: int, target: str) -> str:
    """The name of a compile of so many steps."""
    return f"{count} steps -t {target}"


def compared(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Programs of others, by name: which process of ours each is held against, and its own."""
    from benchmarks.others import processes

    return {other.name: (f"compile -t {other.target}", words) for other, words in processes(_targets(), folder / "out")}


def _targets() -> list[str]:
    """The targets that this repository ships."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(project["entry-points"]["mlopsgen.targets"])


def _steps(folder: Path, count: int, target: str) -> Path:
    """A spec with so many steps of its own, each reading from the one before; account facts are the flagship's."""
    folder.mkdir()
    (folder / "step.py").write_text("")
    lines = ["apiVersion: mlopsgen/v1", "name: many", "steps:"]
    for number in range(count):
        inputs = f", inputs: {{before: s{number - 1}.after}}" if number else ""
        lines += [f"  s{number}: {{run: step.py, outputs: {{after: dataset}}{inputs}}}"]
    flagship: dict[str, Any] = yaml.safe_load(FLAGSHIP.read_text(encoding="utf-8"))
    block = flagship["targets"].get(target)
    lines += [f"targets: {json.dumps({target: block})}"] if block else []
    spec = folder / "spec.yaml"
    spec.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return spec


def measured(said: Mapping[str, list[str]], rounds: int) -> dict[str, Cost]:
    """The median cost of each command; one round before warms every cache."""
    costs: dict[str, list[Cost]] = {name: [] for name in said}
    for number in range(rounds + 1):
        for name, words in said.items():
            cost = cost_of(words)
            if number:
                costs[name].append(cost)
    return {
        name: Cost(median(one.seconds for one in found), max(one.peak for one in found))
        for name, found in costs.items()
    }


def cost_of(words: Sequence[str]) -> Cost:
    """One process, from its start to its end."""
    # An environment that forbids bytecode would have every process compile all of its modules.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # Not subprocess.run: only wait4 tells what this one child used.
    with subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {process.returncode}\n{said.decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def ratios(costs: Mapping[str, Cost]) -> Iterator[Row]:
    """Every promise about time and memory."""
    unit = costs[PASS].seconds
    yield Row(HELP, costs[HELP].seconds / unit, 6, "×")
    compiled = [name for name in costs if name.startswith("compile -t")]
    for name in compiled:
        yield Row(f"mlopsgen {name}", costs[name].seconds / unit, 25, "×")
    yield Row(f"mlopsgen {ALL}", costs[ALL].seconds / unit, 35, "×")
    for many in (name for name in costs if name.startswith(f"{MANY} steps")):
        few = many.replace(str(MANY), str(FEW), 1)
        yield Row(f"{many}, against {FEW}", costs[many].seconds / costs[few].seconds, 5, "×")
    yield Row("peak memory of a compile", max(costs[name].peak for name in compiled) / MEBI, 60, " MiB")


def against(others: Mapping[str, str], costs: Mapping[str, Cost]) -> Iterator[Row]:
    """Our process beside that of somebody else for the same pipeline: it has to be the cheaper one."""
    for name, ours in others.items():
        yield Row(f"mlopsgen {ours}, against {name}", costs[ours].seconds / costs[name].seconds, 1, "×")


def size_of_install(python: Path) -> Row:
    """What installing mlopsgen adds to an environment."""
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    folder = Path(done.stdout.strip())
    files = (path for path in folder.rglob("*") if path.is_file())
    own = (path for path in files if not path.relative_to(folder).parts[0].startswith(TOOLS))
    return Row("core install", sum(path.stat().st_size for path in own) / MEBI, 30, " MiB")


def table(rows: Sequence[Row]) -> str:
    """The rows for people."""
    width = max(len(row.what) for row in rows)
    lines = [f"{'':{width}}  {'measured':>12}  {'bound':>9}"]
    for row in rows:
        mark = "" if row.holds else "   broken"
        measured, bound = f"{row.measured:.1f}{row.unit}", f"{row.bound:g}{row.unit}"
        lines.append(f"{row.what:{width}}  {measured:>12}  {bound:>9}{mark}")
    return "\n".join(lines)


def _quietly(*words: str) -> None:
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}")


if __name__ == "__main__":
    sys.exit(main())
