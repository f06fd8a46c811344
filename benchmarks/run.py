"""`make bench`: what mlopsgen costs, held against what was promised; exit code 1 when a bound breaks.

The wheel is built and installed into an environment of its own, as people have it. Every command
is a whole process. Processes are measured in turn, round after round, and the median of each is
divided by that of `python -c pass`, so that a slow machine or a busy one changes both sides. Time
is what the processor spent on the process: waiting for other programs is not ours to answer for.
Every round writes into new folders, as a compile does whose spec has changed. Prints a table; leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeAlias

from benchmarks.specs import FLAGSHIP, chain, copies

ROOT = Path(__file__).resolve().parents[1]
PASS = "python -c pass"
HELP = "mlopsgen --help"
ALL = "compile for every target in one process"
FEW, MANY = 5, 500
HUGE = 8_000
LIMITS = {"sagemaker": 800}
"""How many steps fit into what a platform takes, where that is fewer."""
SPECS = 200
ROUNDS = 15
SELDOM = 2
"""So often is measured what takes seconds: its own length makes it steady."""
SOMETIMES = 5
"""So often is measured what takes seconds and waits for the disk, which others use too."""

AGAIN = f"{SPECS} specs in one process, unchanged"
SOME = 120
ALONE, SHARED = f"{SOME} specs in one process", f"{SOME} specs, --jobs 2"
USUAL = 0.011
"""Seconds that PASS took where the bound of bundles a second was set; a slower machine is forgiven its slowness."""
MEBI = 1 << 20
TOOLS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")
"""What a new environment holds before anything is installed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    seconds: float
    peak: int
    """Bytes."""
    clock: float = 0
    """Seconds on the clock."""


Words: TypeAlias = Callable[[int], list[str]]
"""The command line of a process, by the number of the round."""


@dataclass(frozen=True, slots=True)
class Row:
    """One promise, and what was measured."""

    what: str
    measured: float
    bound: float
    unit: str
    least: bool = False
    """Whether the bound is the least that is promised, not the most."""

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.measured >= self.bound if self.least else self.measured <= self.bound


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything, print the table."""
    parser = argparse.ArgumentParser(prog="bench", description="Holds what mlopsgen costs against its bounds.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each process is measured")
    parser.add_argument("--alone", action="store_true", help="hold us against bounds alone, not against others")
    parser.add_argument("--python", type=Path, help="an interpreter that has mlopsgen; default: a fresh environment")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mlopsgen-bench-") as scratch:
        folder = Path(scratch)
        python = options.python.absolute() if options.python else installed(folder)
        others = {} if options.alone else compared(folder)
        theirs: dict[str, Words] = {name: _always(words) for name, (_, words, _) in others.items()}
        costs = measured(commands(python, folder) | theirs, options.rounds)
        costs |= measured(large(python, folder), min(options.rounds, SELDOM), warm=False)
        costs |= measured(many(python, folder), min(options.rounds, SOMETIMES), warm=False)
        rows = [*ratios(costs), *against(others, costs), *scale(costs)]
        rows.append(size_of_install(python))
    print(table(rows))
    return 0 if all(row.holds for row in rows) else 1


def installed(folder: Path) -> Path:
    """The wheel in an environment of its own, with nothing but what it needs."""
    _quietly(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT))
    _quietly(sys.executable, "-m", "venv", str(folder / "venv"))
    python = folder / "venv/bin/python"
    (wheel,) = (folder / "dist").glob("*.whl")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _quietly(*pip, "--constraint", str(ROOT / "constraints.txt"), str(wheel))
    return python


def _always(words: list[str]) -> Words:
    """The same words in every round."""
    return lambda _: words


def _into(words: list[str], out: Path) -> Words:
    """A command that writes into a folder of its own in each round."""
    return lambda number: [*words, "-o", str(out / str(number))]


def commands(python: Path, folder: Path) -> dict[str, Words]:
    """Each process that is measured in every round, by its name in the table."""
    program = [str(python.parent / "mlopsgen")]
    words: dict[str, Words] = {PASS: lambda _: [str(python), "-c", "pass"], HELP: lambda _: [*program, "--help"]}
    for target in _targets():
        words[f"compile -t {target}"] = _compile(python, folder / "out", FLAGSHIP, target)
    words[ALL] = _compile(python, folder / "all", FLAGSHIP, *_targets())
    for target in _targets():
        for count in (FEW, MANY):
            spec = chain(folder / f"{count}-{target}", count, target)
            words[steps(count, target)] = _compile(python, folder / f"out-{count}", spec, target)
    return words


def large(python: Path, folder: Path) -> dict[str, Words]:
    """Each process that takes seconds."""
    words: dict[str, Words] = {}
    for target in _targets():
        huge = LIMITS.get(target, HUGE)
        for count in (huge // 4, huge):
            spec = chain(folder / f"{count}-{target}", count, target)
            words[steps(count, target)] = _compile(python, folder / f"out-{count}", spec, target)
    return words


def many(python: Path, folder: Path) -> dict[str, Words]:
    """Each process that compiles many specs."""
    words: dict[str, Words] = {}
    program = [str(python.parent / "mlopsgen"), "compile"]
    specs = copies(folder / "specs", SPECS)
    # The first of the two writes, and is not what counts.
    for name in (f"{AGAIN}, before", AGAIN):
        words[name] = lambda _: [*program, *specs, "-t", "sagemaker", "-o", str(folder / "again")]
    for name, jobs in ((ALONE, "1"), (SHARED, "2")):
        shared = [*program, *specs[:SOME], "-t", "sagemaker", "--jobs", jobs]
        words[name] = _into(shared, folder / f"jobs-{jobs}")
    return words


def _compile(python: Path, out: Path, spec: Path, *names: str) -> Words:
    words = [str(python.parent / "mlopsgen"), "compile", str(spec)]
    return _into([*words, *(word for name in names for word in ("-t", name))], out)


def steps(count: int, target: str) -> str:
    """The name of a compile of so many steps."""
    return f"{count} steps -t {target}"


def compared(folder: Path) -> dict[str, tuple[str, list[str], float]]:
    """Programs of others, by name: which process of ours each is held against, its own, and the bound."""
    from benchmarks.others import processes

    programs = processes(_targets(), folder / "out" / "0")
    return {other.name: (f"compile -t {other.target}", words, other.bound) for other, words in programs}


def _targets() -> list[str]:
    """The targets that this repository ships."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(project["entry-points"]["mlopsgen.targets"])


def measured(words: Mapping[str, Words], rounds: int, *, warm: bool = True) -> dict[str, Cost]:
    """The median cost of each command; with `warm` one round before fills every cache."""
    costs: dict[str, list[Cost]] = {name: [] for name in words}
    for number in range(0 if warm else 1, rounds + 1):
        for name in words:
            # The unit is measured beside each of them: it is short, and a machine is not equally fast all the time.
            for each in (name, *(PASS,) * (PASS in words)):
                cost = cost_of(words[each](number))
                if number:
                    costs[each].append(cost)
    return {
        name: Cost(median(c.seconds for c in each), max(c.peak for c in each), median(c.clock for c in each))
        for name, each in costs.items()
    }


def cost_of(words: Sequence[str]) -> Cost:
    """One process, from its start to its end."""
    # An environment that forbids bytecode would have every process compile all of its modules.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # Not subprocess.run: only wait4 tells what this one child used.
    started = time.monotonic()
    with subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    clock = time.monotonic() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {process.returncode}\n{errors.decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024), clock)


def ratios(costs: Mapping[str, Cost]) -> Iterator[Row]:
    """Every promise about time and memory."""
    unit = costs[PASS].seconds
    yield Row(HELP, costs[HELP].seconds / unit, 6, "×")
    compiled = [name for name in costs if name.startswith("compile -t")]
    for name in compiled:
        yield Row(f"mlopsgen {name}", costs[name].seconds / unit, 28, "×")
    yield Row(f"mlopsgen {ALL}", costs[ALL].seconds / unit, 42, "×")
    for many in (name for name in costs if name.startswith(f"{MANY} steps")):
        few = many.replace(str(MANY), str(FEW), 1)
        yield Row(f"{many}, against {FEW}", costs[many].seconds / costs[few].seconds, 4, "×")
    yield Row("peak memory of a compile", max(costs[name].peak for name in compiled) / MEBI, 60, " MiB")


def against(others: Mapping[str, tuple[str, list[str], float]], costs: Mapping[str, Cost]) -> Iterator[Row]:
    """Our process beside that of somebody else for the same pipeline."""
    for name, (ours, _, bound) in others.items():
        yield Row(f"mlopsgen {ours}, against {name}", costs[ours].seconds / costs[name].seconds, bound, "×")


def scale(costs: Mapping[str, Cost]) -> Iterator[Row]:
    """Every promise about large specs and many of them."""
    for name in costs:
        count, _, rest = name.partition(" ")
        less, more = (f"{int(count) * 4**power // 4} {rest}" if count.isdigit() else "" for power in (0, 2))
        # The largest that was measured of each target, against the one before it.
        if less in costs and more not in costs:
            yield Row(f"{name}, against a fourth", costs[name].seconds / costs[less].seconds, 4.6, "×")
    slower = costs[PASS].seconds / USUAL
    yield Row(f"{AGAIN}, where {PASS} takes 11 ms", SPECS / costs[AGAIN].seconds * slower, 50, "/s", least=True)
    yield Row(f"{SHARED}, on the clock", costs[ALONE].clock / costs[SHARED].clock, 1.6, "×", least=True)


def size_of_install(python: Path) -> Row:
    """What installing mlopsgen adds to an environment."""
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
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
        measured, bound = f"{row.measured:.2f}{row.unit}", f"{'≥' if row.least else '≤'} {row.bound:g}{row.unit}"
        lines.append(f"{row.what:{width}}  {measured:>12}  {bound:>9}{mark}")
    return "\n".join(lines)


def _quietly(*words: str) -> None:
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}")


if __name__ == "__main__":
    sys.exit(main())
