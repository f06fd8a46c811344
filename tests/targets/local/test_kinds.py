"""Plans of every kind pass the judges: what is right is never called wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.targets.local.judge import judges
from mlopsgen.targets.local.native import AppFile, Interpreter
from mlopsgen.targets.local.read import read_plan
from tests.targets.local.rich import SPEC, a_rich_project, compiled

HEAD = """\
apiVersion: mlopsgen/v1
name: trips
data:
  source: data/trips.csv
  columns: {trip: string, length: number, slow: {type: category, values: ["no", "yes"]}}
  label: slow
"""
SPLIT = "  split: {test: 0.25}\n"
BUILT_IN = "training: {framework: sklearn.RandomForestClassifier, params: {max_depth: 3}}\n"
KINDS = {
    "the smallest": HEAD + "training: {run: train.py}\n",
    "a split and no evaluation": HEAD + SPLIT + "training: {run: train.py}\nregistry: {}\n",
    "a prepare of one's own": HEAD
    + "  prepare: {run: prepare.py, outputs: {train: dataset, test: dataset}}\n"
    + BUILT_IN,
    "a prepare whose input has a name of its own": HEAD
    + "  prepare: {run: prepare.py, inputs: {raw: data.source}, outputs: {train: dataset, test: dataset}}\n"
    + BUILT_IN,
    "built-in training and evaluation": HEAD
    + SPLIT
    + BUILT_IN
    + "evaluation:\n  task: classification\n  outputs: {confusion: figure}\n  gates: {accuracy: {at_least: 0.5}}\n"
    "  explain: {method: shap, sample: 9}\nregistry: {}\n",
    "an evaluation of one's own that is explained": HEAD
    + SPLIT
    + "training: {run: train.py}\nevaluation:\n  run: evaluate.py\n  outputs: {predictions: predictions}\n"
    "  gates: {accuracy: {at_least: 0.5}}\n  explain: {method: permutation, sample: 9}\nregistry: {}\n",
    "gates by groups": HEAD
    + '  positive: "yes"\n'
    + SPLIT
    + BUILT_IN
    + "evaluation:\n  task: classification\n  gates:\n"
    "    a: {group: trip, measure: demographic_parity_difference, at_most: 0.3}\n"
    "    b: {group: {column: length, at_least: 3}, measure: demographic_parity_difference, at_most: 0.3}\n"
    "  on_gate_failure: report\nregistry: {}\n",
    "an evaluation that judges nothing": HEAD + SPLIT + BUILT_IN + "evaluation: {run: evaluate.py}\nregistry: {}\n",
    "training that starts from the champion": HEAD
    + SPLIT
    + "training: {run: train.py, start_from: champion}\nevaluation: {run: evaluate.py}\nregistry: {}\n",
    "a bayesian search": SPEC.replace("strategy: random", "strategy: bayesian"),
    "a hyperband": SPEC.replace("strategy: random", "strategy: hyperband"),
    "a search that ends by itself": SPEC.replace('trials: "${parameters.trials}"\n    parallel: 2', "trials: 4"),
    "commands as lists": HEAD
    + "steps:\n  a: {run: [python, -u, page.py]}\n  b: {run: [python, -X, dev, ./zones.py, fast]}\n"
    "  c: {run: [python, -m, zones]}\n  d: {run: [sh, -c, 'echo x']}\n  e: {run: [python, -c, 'print(1)']}\n"
    "  f: {run: [python, -m, json.tool, --help]}\ntraining: {run: train.py}\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = a_rich_project(tmp_path_factory.mktemp("kinds") / "project")
    (found / "src" / "prepare.py").write_text("print('prepare')\n")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_passes(kind: str, root: Path) -> None:
    folder, _ = compiled(root, KINDS[kind])
    assert [found for judge in judges() for found in judge.run(folder)] == []


def test_a_command_finds_the_user_s_files_though_it_starts_elsewhere(root: Path) -> None:
    folder, _ = compiled(root, KINDS["commands as lists"])
    a, b, c = (next(s.argv for s in read_plan(folder).steps if s.name == name) for name in "abc")
    assert a == (Interpreter("python"), "-u", AppFile("page.py"))
    assert b == (Interpreter("python"), "-X", "dev", AppFile("zones.py"), "fast")
    assert c == (Interpreter("python"), "-m", "zones")
