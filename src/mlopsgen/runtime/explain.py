"""Explains a model that an evaluation of the user's own has judged.

explain --contract=FILE --model=DIR --test=DIR --explanation=DIR [--explain-method=shap|permutation]
        [--explain-sample=N] [-- EVALUATION…]

The evaluation behind ` -- ` runs first, gates included; when it fails, nothing is explained, and its exit code is
passed on. The model is one that the loaders read, whoever trained it, and says itself whether it predicts classes or
numbers; where it does not, the label's values tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import importance
from .answers import Answers
from .contract import Contract, read_contract
from .evaluate import labelled_rows, said_of
from .flags import Flags, read_flags
from .launch import run_child
from .loaders import load_of_any_task
from .outcomes import task_for
from .tables import read_table

SINGLE = ("contract", "model", "test", "explanation", "explain-method", "explain-sample")
INSTEAD = "for anything else leave `explain` out, and let the script write its own report"
"""What is left to do where the loaders read nothing."""


def run(argv: Sequence[str]) -> int:
    """Runs the evaluation, then says which features its model rests on."""
    flags = read_flags("explain", argv, single=SINGLE)
    method = flags.choice("explain-method", importance.METHODS, "shap")
    sample = flags.count("explain-sample", 500)
    contract, out = read_contract(flags.folder("contract")), flags.folder("explanation")
    if flags.rest and (code := run_child(flags.rest).code):
        return code
    model = _model(flags, contract)
    rows = labelled_rows(flags.folder("test"), contract, model)
    out.mkdir(parents=True, exist_ok=True)
    importance.explain(model, rows, said_of(contract, model, rows), out, method=method, sample=sample)
    return 0


def _model(flags: Flags, contract: Contract) -> Answers:
    def by_label() -> str:
        return task_for(contract, read_table(flags.folder("test"), contract))

    return load_of_any_task(flags.folder("model"), contract, by_label, INSTEAD)
