"""What can be wrong with a bundle of this machine: written down before the rules that catch it.

Each fault changes a good bundle in one way; `code` is what at least one finding must have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.targets.judging.faults import OURS

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing gone wrong: in plan.json, or in the folder around it."""

    name: str
    code: str
    spoil: Callable[[Document, Path], None]
    by: str = OURS
    """The judge that has to see it; what is of ours, the schema does not see."""


def step(plan: Document, name: str) -> Document:
    """A step by its name."""
    found: Document = next(s for s in plan["steps"] if s["name"] == name)
    return found


def flag(plan: Document, name: str, wanted: str) -> Document:
    """The argument of a step that has this flag."""
    argv = step(plan, name)["argv"]
    found: Document = next(a for a in argv if isinstance(a, dict) and a.get("flag") == wanted)
    return found


def set_(name: str, key: str, value: Any) -> Callable[[Document, Path], None]:
    """Puts a value under a key of a step."""

    def spoil(plan: Document, _: Path) -> None:
        step(plan, name)[key] = value

    return spoil


def drop_word(name: str, word: str) -> Callable[[Document, Path], None]:
    """Takes a plain word out of a step's command."""

    def spoil(plan: Document, _: Path) -> None:
        step(plan, name)["argv"].remove(word)

    return spoil


def drop_flag(name: str, wanted: str) -> Callable[[Document, Path], None]:
    """Takes a flag out of a step's command."""

    def spoil(plan: Document, _: Path) -> None:
        step(plan, name)["argv"].remove(flag(plan, name, wanted))

    return spoil


def drop_start(name: str, start: str) -> Callable[[Document, Path], None]:
    """Takes out the plain word that starts like this."""

    def spoil(plan: Document, _: Path) -> None:
        argv = step(plan, name)["argv"]
        argv.remove(next(a for a in argv if isinstance(a, str) and a.startswith(start)))

    return spoil


def drop_last_flag(name: str, wanted: str) -> Callable[[Document, Path], None]:
    """Takes a flag out of the command that another one wraps."""

    def spoil(plan: Document, _: Path) -> None:
        argv = step(plan, name)["argv"]
        argv.pop(max(n for n, a in enumerate(argv) if isinstance(a, dict) and a.get("flag") == wanted))

    return spoil


def twice(name: str, wanted: str) -> Callable[[Document, Path], None]:
    """Gives a flag of a step's command twice."""

    def spoil(plan: Document, _: Path) -> None:
        step(plan, name)["argv"].append(flag(plan, name, wanted))

    return spoil


def at(*path: str | int, to: Any) -> Callable[[Document, Path], None]:
    """Puts a value at a path of the document; a first part `@name` is a step."""

    def spoil(plan: Document, _: Path) -> None:
        node: Any = plan
        for part in path[:-1]:
            node = step(plan, part[1:]) if isinstance(part, str) and part.startswith("@") else node[part]
        node[path[-1]] = to

    return spoil


def word(name: str, old: str, new: str) -> Callable[[Document, Path], None]:
    """Changes a plain word of a step's command."""

    def spoil(plan: Document, _: Path) -> None:
        argv = step(plan, name)["argv"]
        argv[argv.index(old)] = new

    return spoil


def word_start(name: str, start: str, value: str) -> Callable[[Document, Path], None]:
    """Changes what stands behind a flag that is known now."""

    def spoil(plan: Document, _: Path) -> None:
        argv = step(plan, name)["argv"]
        at = next(n for n, a in enumerate(argv) if isinstance(a, str) and a.startswith(start))
        argv[at] = start + value

    return spoil


def axis(number: int, key: str, value: Any) -> Callable[[Document, Path], None]:
    """Changes an axis of the search: depth, kind, rate, as the plan sorts them."""
    return at("@training", "tune", "axes", number, key, to=value)


def hole(name: str, wanted: str, value: Document) -> Callable[[Document, Path], None]:
    """Changes the hole behind a flag."""

    def spoil(plan: Document, _: Path) -> None:
        flag(plan, name, wanted)["value"] = value

    return spoil


def place(*path: str | int) -> Callable[[Document, Path], None]:
    """Points to a place of the spec that there is not."""
    return at(*path, "place", to=["nowhere"])


def changed(path: str) -> Callable[[Document, Path], None]:
    """Changes a file of the bundle."""

    def spoil(_: Document, bundle: Path) -> None:
        with (bundle / path).open("a") as stream:
            stream.write("\n")

    return spoil


def gone(path: str) -> Callable[[Document, Path], None]:
    """Deletes a file or folder of the bundle."""

    def spoil(_: Document, bundle: Path) -> None:
        import shutil

        there = bundle / path
        shutil.rmtree(there) if there.is_dir() else there.unlink()

    return spoil


def rename_step(old: str, new: str) -> Callable[[Document, Path], None]:
    """Renames a step where it is defined, and nowhere else."""
    return set_(old, "name", new)


def cycle(plan: Document, _: Path) -> None:
    """Two steps that wait for each other."""
    step(plan, "zone-table")["after"].append("page")


def _reads(kind: str, **origin: str) -> Document:
    return {"kind": kind, "origin": origin}


GRAPH = (
    Fault("two steps of one name", "MG436", rename_step("page", "goodbye")),
    Fault("a step that others read is renamed", "MG434", rename_step("prepare", "prepared")),
    Fault(
        "an input from no step",
        "MG434",
        at("@page", "inputs", "table", to=_reads("files", step="zones", output="table")),
    ),
    Fault(
        "an input from no output",
        "MG434",
        at("@page", "inputs", "table", to=_reads("files", step="zone-table", output="x")),
    ),
    Fault("an input from no source", "MG434", at("@prepare", "inputs", "trips", to=_reads("source", source="trip"))),
    Fault("an input of another kind", "MG433", at("@page", "inputs", "table", "kind", to="model")),
    Fault("a source that is taken for a model", "MG433", at("@prepare", "inputs", "trips", "kind", to="model")),
    Fault(
        "a registered model that is taken for files",
        "MG433",
        at("@page", "inputs", "table", to=_reads("files", model="trips", version="champion")),
    ),
    Fault("after no step", "MG434", set_("page", "after", ["registration"])),
    Fault("a cycle", "MG435", cycle),
    Fault("a step that waits for itself", "MG435", set_("page", "after", ["page"])),
    Fault("a step behind an exit handler", "MG433", set_("page", "after", ["goodbye"])),
    Fault("after the same step twice", "MG436", set_("page", "after", ["registry", "registry"])),
    Fault("a source that nothing reads", "MG434", at("sources", "more", to={"uri": "file:///x", "place": []})),
)
COMMANDS = (
    Fault("a command that does not name its input", "MG434", drop_flag("page", "table")),
    Fault("a command that does not name its output", "MG434", drop_flag("page", "page")),
    Fault("a command that does not name its param", "MG434", drop_flag("training", "folds")),
    Fault("a command that does not name a searched param", "MG434", drop_flag("training", "depth")),
    Fault("a hole for no input", "MG434", hole("page", "table", {"input": "tables"})),
    Fault("a hole for no output", "MG434", hole("page", "page", {"output": "pages"})),
    Fault("a hole for no param", "MG434", hole("training", "folds", {"param": "fold"})),
    Fault("a hole for no run parameter", "MG434", hole("evaluation", "score.at_least", {"parameter": "most"})),
    Fault("a param from no run parameter", "MG434", at("@zone-table", "params", "day", to={"parameter": "date"})),
    Fault(
        "text from no run parameter",
        "MG434",
        at("@zone-table", "params", "tag", to={"text": ["a", {"parameter": "x"}]}),
    ),
    Fault("an unknown hole", "MG430", hole("page", "table", {"inptu": "table"})),
    Fault("a flag given twice", "MG436", twice("page", "table")),
    Fault("an input under the flag of another", "MG433", hole("page", "figures", {"input": "table"})),
    Fault("a script that is not there", "MG444", at("@page", "argv", 1, to={"app": "pages.py"})),
    Fault("a script outside the application folder", "MG409", at("@page", "argv", 1, to={"app": "../../../x.py"})),
    Fault("an interpreter with nothing to run", "MG433", at("@page", "argv", 1, to="--table")),
    Fault("no interpreter before the script", "MG433", at("@page", "argv", to=[{"app": "page.py"}])),
    Fault("an unknown command of the runtime", "MG433", word("registry", "register", "registr")),
    Fault("a module name missing", "MG433", drop_word("registry", "-m")),
    Fault("the runtime without a command", "MG433", drop_word("registry", "register")),
    Fault("a wrapped command lost", "MG433", drop_word("evaluation", "--")),
    Fault("a bare script name", "MG433", at("@page", "argv", 1, to="page.py")),
    Fault("a script named twice", "MG436", at("@page", "argv", 2, to={"app": "page.py"})),
    Fault("the runtime by another name", "MG433", word("registry", "mlopsgen_runtime", "mlopsgen_runtimes")),
    Fault("a command of the runtime without the runtime", "MG433", drop_word("registry", "mlopsgen_runtime")),
    Fault("a word where a flag must be", "MG433", word("registry", "--name=trips", "name=trips")),
    Fault("a flag that the runtime does not know", "MG433", word("registry", "--name=trips", "--names=trips")),
    Fault("a flag that the runtime needs", "MG432", drop_flag("registry", "registry")),
    Fault("no contract for the split", "MG432", drop_flag("prepare", "contract")),
    Fault("a version without its run", "MG432", drop_flag("registry", "run")),
    Fault("a version without its code", "MG432", drop_start("registry", "--code-digest=")),
    Fault("a version without its data", "MG432", drop_start("registry", "--version-of-data=")),
    Fault("nobody says who approves", "MG432", drop_word("registry", "--approval=manual")),
    Fault("an approval that is none", "MG433", word("registry", "--approval=manual", "--approval=manually")),
    Fault("a picture given twice", "MG436", twice("registry", "figure")),
    Fault(
        "a gate's word that is none",
        "MG433",
        word("evaluation", "--score.direction=maximize", "--score.direction=up"),
    ),
    Fault("a margin that is no number", "MG433", word("evaluation", "--better.by=0.0", "--better.by=some")),
    Fault("a comparison with nobody", "MG432", drop_flag("evaluation", "champion")),
    Fault("a judged row that nobody hands over", "MG432", drop_flag("evaluation", "predictions")),
    Fault("a budget that nobody counts", "MG432", drop_flag("evaluation", "budget-store")),
    Fault("a budget that is no number", "MG433", word("evaluation", "--test-budget=9", "--test-budget=nine")),
    Fault("an evaluation that does not get the model", "MG434", drop_last_flag("evaluation", "model")),
    Fault("a source that the contract's check does not see", "MG434", drop_flag("prepare", "trips")),
    Fault("a card that nobody reads", "MG434", drop_flag("registry", "card")),
    Fault("a card that is not there", "MG444", hole("registry", "card", {"bundle": "cards.json"})),
)
VALUES = (
    Fault("a default of another type", "MG431", at("parameters", "least", "default", to="much")),
    Fault("a default out of bounds", "MG433", at("parameters", "least", "default", to=2)),
    Fault("a default that is none of the values", "MG433", at("parameters", "day", "default", to="sun")),
    Fault("bounds the wrong way round", "MG433", at("parameters", "least", "minimum", to=3)),
    Fault("bounds of text", "MG433", at("parameters", "day", "minimum", to=3)),
    Fault("values of another type", "MG431", at("parameters", "day", "values", to=[1, 2])),
    Fault("required with a default", "MG433", at("parameters", "least", "required", to=True)),
    Fault("a condition that is no boolean", "MG433", set_("page", "when", {"parameter": "day"})),
    Fault("a condition on no parameter", "MG434", set_("page", "when", {"parameter": "told"})),
    Fault("a parameter of another type", "MG431", at("parameters", "tell", "type", to="integer")),
    Fault("data outside the spec's folder", "MG409", at("sources", "trips", "path", to="../trips.csv")),
    Fault("data at an absolute path", "MG409", at("sources", "trips", "path", to="/data/trips.csv")),
    Fault("a source from no parameter", "MG434", at("sources", "zones", "uri", to={"parameter": "where"})),
    Fault("a digest that is none", "MG433", at("sources", "trips", "digest", to="abc"), by="jsonschema"),
    Fault("a value of a parameter twice", "MG436", at("parameters", "day", "values", to=["mon", "tue", "mon"])),
    Fault("a file of a source twice", "MG436", at("sources", "trips", "files", to=["trips.csv", "trips.csv"])),
    Fault("text that lost its hole", "MG433", at("@zone-table", "params", "tag", to={"text": ["run-"]})),
    Fault(
        "text with a part twice", "MG433", at("sources", "zones", "uri", "text", to=["a", "b", {"parameter": "day"}])
    ),
    Fault("a parameter from elsewhere in the spec", "MG434", place("parameters", "day")),
    Fault("a source from elsewhere in the spec", "MG434", place("sources", "zones")),
    Fault("a step from elsewhere in the spec", "MG434", place("@training")),
    Fault("another version of the data", "MG444", at("sources", "trips", "digest", to="0" * 64)),
    Fault("a version of other data", "MG434", word_start("registry", "--version-of-data=", "{}")),
    Fault("a version of no data", "MG433", word_start("registry", "--version-of-data=", "trips")),
    Fault("a version of no code", "MG433", word_start("registry", "--code-digest=", "src-1")),
    Fault("runs kept outside the project", "MG409", at("places", "runs", to="../runs")),
    Fault("runs and registry in one place", "MG436", at("places", "runs", to=".mlopsgen/registry")),
    Fault("a variable that is no variable", "MG433", at("@zone-table", "env", "MO DE", to="x")),
    Fault("a secret from no variable", "MG433", at("@zone-table", "secrets", "TOKEN", to="zone service")),
    Fault("a secret and a variable of one name", "MG436", at("@zone-table", "env", "TOKEN", to="x")),
    Fault("a password in a variable", "MG433", at("@zone-table", "env", "DB", to="postgres://me:hunter2secret@db/x")),
    Fault("a key in a command", "MG433", word("registry", "--approval=manual", "--approval=AKIAIOSFODNN7EXAMPLX")),
)
BLOCKS = (
    Fault("a search that is no tuning", "MG433", set_("training", "kind", "train")),
    Fault("a tuning without search", "MG433", set_("training", "tune", None)),
    Fault("two axes of one name", "MG436", axis(0, "name", "kind")),
    Fault("an axis that is also a param", "MG436", at("@training", "params", "depth", to=3)),
    Fault("an axis that is upside down", "MG433", axis(0, "low", 20)),
    Fault("a log scale from zero", "MG433", axis(2, "low", 0)),
    Fault("a grid over a number without points", "MG433", at("@training", "tune", "strategy", to="grid")),
    Fault("trials that are no number", "MG433", at("@training", "tune", "trials", to={"parameter": "day"})),
    Fault("no trials", "MG433", at("@training", "tune", "trials", to=0), by="jsonschema"),
    Fault("more at once than there are", "MG433", at("@training", "tune", "trials", to=1)),
    Fault("a refit on no input", "MG434", at("@training", "tune", "refit", "add", to="valid")),
    Fault("a refit on itself", "MG433", at("@training", "tune", "refit", "add", to="train")),
    Fault("a search without metrics", "MG432", at("@training", "outputs", "metrics", to="files")),
    Fault("a negative number of failures", "MG433", at("@training", "tune", "max_failures", to=-1), by="jsonschema"),
    Fault("a gate in no output", "MG434", at("@evaluation", "gate", "output", to="gates")),
    Fault("a gate on a step that judges nothing", "MG433", set_("evaluation", "kind", "run")),
    Fault(
        "a rule that nobody judges",
        "MG434",
        at(
            "@evaluation",
            "gate",
            "rules",
            to={"score": ["metric", "direction", "at_least"], "better": [], "fair": ["at_most"]},
        ),
    ),
    Fault(
        "a rule that nobody knows",
        "MG434",
        at("@evaluation", "gate", "rules", to={"score": ["metric", "direction", "at_least"]}),
    ),
    Fault(
        "a field of a rule twice",
        "MG436",
        at("@evaluation", "gate", "rules", "score", to=["metric", "metric", "direction", "at_least"]),
    ),
    Fault("a rule without bound", "MG434", drop_flag("evaluation", "score.at_least")),
    Fault(
        "a gate that says another thing than its command", "MG433", at("@evaluation", "gate", "on_failure", to="report")
    ),
    Fault("a judged step without gate", "MG433", set_("evaluation", "gate", None)),
    Fault("registration that does not wait for the gate", "MG434", at("@registry", "register", "gate", to=None)),
    Fault("registration behind no input", "MG434", at("@registry", "register", "gate", to="gates")),
    Fault("registration behind what is no gate", "MG433", at("@registry", "register", "gate", to="model")),
    Fault("registration of another model than the command's", "MG433", at("@registry", "register", "model", to="trip")),
    Fault(
        "registration that goes on where the gate stops",
        "MG433",
        at("@registry", "register", "on_failure", to="report"),
    ),
    Fault("registration that is no registration", "MG433", set_("registry", "kind", "run")),
    Fault("a command that registers behind the executor's back", "MG433", set_("registry", "register", None)),
    Fault("a gate that reads another model's champion", "MG433", hole("evaluation", "champion", {"registry": "other"})),
)
FILES = (
    Fault("no plan", "MG444", gone("plan.json"), by="jsonschema"),
    Fault("no runtime", "MG444", gone("image/app/mlopsgen_runtime")),
    Fault("no requirements", "MG444", gone("image/requirements.txt")),
    Fault("no script", "MG444", gone("image/app/train.py")),
    Fault("no contract", "MG444", gone("image/app/mlopsgen_config/contract.json")),
    Fault("another contract", "MG444", changed("image/app/mlopsgen_config/contract.json")),
    Fault("no application folder", "MG444", at("code", "app", to="image/apps")),
    Fault("an application folder outside", "MG409", at("code", "app", to="../app")),
    Fault("no schema", "MG444", gone("plan.schema.json"), by="jsonschema"),
)
FORMAT = (
    Fault("an unknown key", "MG430", at("stepps", to=[]), by="jsonschema"),
    Fault("a key of another format", "MG433", at("format", to="mlopsgen/local/v2"), by="jsonschema"),
    Fault("a missing key", "MG432", lambda plan, _: plan["steps"][0].pop("cache"), by="jsonschema"),
    Fault("text for a boolean", "MG431", set_("page", "always", "false"), by="jsonschema"),
    Fault("a number for a name", "MG431", set_("page", "name", 3), by="jsonschema"),
    Fault("no steps", "MG433", at("steps", to=[]), by="jsonschema"),
    Fault("a name that is no folder's name", "MG433", rename_step("page", "../page"), by="jsonschema"),
    Fault("an unknown kind of output", "MG433", at("@page", "outputs", "page", to="pages"), by="jsonschema"),
    Fault("no time at all", "MG433", set_("zone-table", "timeout", 0), by="jsonschema"),
    Fault("an unknown strategy", "MG433", at("@training", "tune", "strategy", to="genetic"), by="jsonschema"),
    Fault("a python that is none", "MG433", at("code", "python", to="latest"), by="jsonschema"),
)
FAULTS = (*GRAPH, *COMMANDS, *VALUES, *BLOCKS, *FILES, *FORMAT)
