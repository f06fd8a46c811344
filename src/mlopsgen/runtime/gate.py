"""May this model go on? Judges every gate and writes gate.json.

gate --metrics=DIR --gate=DIR [--predictions=DIR] [--model=DIR] [--champion=URI] [--contract=FILE]
     [--test=DIR --test-budget=N --budget-store=URI] [--passed=FILE] --on-failure=stop|fail|register|report
     --<gate>.<field>=value… [-- EVALUATION…]

The evaluation behind ` -- ` runs first; when a gate compares, it runs once more on the registered
model, with its outputs in temporary folders. --contract tells which class is the positive one, and whether
rows follow one another in time: then a paired test draws them in stretches.

gate.json: passed (what a pipeline's condition reads; true with --on-failure=report), reasons,
metrics, gates {name: {passed, reason, value}}, on_failure. The file of --passed gets `true` or `false`
alone. The exit code is 0 whenever all could be judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .budget import use_test_set
from .contract import Contract, read_contract
from .files import write_json, write_whole
from .flags import Flags, read_flags
from .gates import read_gates
from .judging import Case, Judgement, judge
from .measured import read_measured
from .moments import in_time, moments_of
from .predictions import label_of, read_predictions
from .problems import Usage
from .rivals import Evaluation, find_rivals, run_evaluation
from .scores import Array
from .tables import Frame

ON_FAILURE = ("stop", "fail", "register", "report")
SINGLE = (
    *("metrics", "gate", "predictions", "model", "champion", "contract"),
    *("test", "test-budget", "budget-store", "on-failure", "passed"),
)


def run(argv: Sequence[str]) -> int:
    """Evaluates, judges, writes gate.json and says why."""
    flags = read_flags("gate", argv, single=SINGLE, extra=True)
    on_failure = flags.choice("on-failure", ON_FAILURE, "stop")
    out = flags.folder("gate")
    budget = list(_budget(flags))
    case = _case(flags)
    judgements = [*budget, *(judge(gate, case) for gate in case.gates)]
    verdict = verdict_of(judgements, case.measured.values, on_failure)
    write_json(out / "gate.json", verdict)
    if (told := flags.maybe_folder("passed")) is not None:
        write_whole(told, b"true" if verdict["passed"] else b"false")
    print("the gates hold" if all(j.passed for j in judgements) else f"the gates do not hold ({on_failure})")
    for reason in verdict["reasons"]:
        print(f"- {reason}")
    return 0


def verdict_of(judgements: Sequence[Judgement], metrics: Mapping[str, float], on_failure: str) -> dict[str, Any]:
    """The content of gate.json; when something failed, the reasons are those of the failures alone."""
    failed = [judgement for judgement in judgements if not judgement.passed]
    return {
        "passed": not failed or on_failure == "report",
        "reasons": [judgement.reason for judgement in failed or judgements],
        "metrics": dict(sorted(metrics.items())),
        "gates": {j.name: {"passed": j.passed, "reason": j.reason, "value": j.value} for j in judgements},
        "on_failure": on_failure,
    }


def _case(flags: Flags) -> Case:
    gates = read_gates(flags.extra)
    evaluation = Evaluation(
        argv=flags.rest,
        model=flags.maybe_folder("model"),
        metrics=flags.folder("metrics"),
        predictions=flags.maybe_folder("predictions"),
    )
    if evaluation.argv:
        evaluation = run_evaluation(evaluation)
    needs_rows = any(gate.when and (gate.group or (gate.better_than and gate.confidence)) for gate in gates)
    if needs_rows and evaluation.predictions is None:
        raise Usage("a gate groups or tests, so gate needs --predictions=DIR")
    contract = _contract(flags)
    label = label_of(contract, flags.maybe_folder("model"))
    rivals = find_rivals(flags.maybe("champion"), gates, evaluation, label)
    predictions = read_predictions(evaluation.predictions, label) if needs_rows and evaluation.predictions else None
    return Case(
        gates=gates,
        measured=read_measured(evaluation.metrics),
        predictions=predictions,
        rivals=rivals,
        label=label,
        moments=_moments(flags, contract, predictions),
    )


def _contract(flags: Flags) -> Contract | None:
    path = flags.maybe_folder("contract")
    return None if path is None else read_contract(path)


def _moments(flags: Flags, contract: Contract | None, predictions: Frame | None) -> Array | None:
    task = next((word.partition("=")[2] for word in flags.rest if word.startswith("--task=")), None)
    if contract is None or predictions is None or in_time(contract, task) is None:
        return None
    return moments_of(predictions, contract)


def _budget(flags: Flags) -> Iterator[Judgement]:
    """Counts this use of the test rows before anything looks at them."""
    if flags.maybe("test-budget") is None:
        return
    allowed = flags.count("test-budget", 1)
    used = use_test_set(flags.folder("test"), flags.one("budget-store"), _contract(flags))
    mean = "" if used.is_integer() else " in the mean"
    reason = f"these test rows were used to judge {used:.4g} of {allowed} allowed times{mean} (test_set)"
    if used > allowed:
        reason = (
            f"these test rows were used to judge {used:.4g} times{mean}, {allowed} are allowed; draw new ones by"
            " another `seed`, since a set that is used too often only shows what was fitted to it (test_set)"
        )
    yield Judgement("test_set", used <= allowed, reason, used)
