"""A spec that uses everything a plan.json can say, compiled."""

from __future__ import annotations

from pathlib import Path

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import Diagnostic

SPEC = """\
apiVersion: mlopsgen/v1
name: trips
description: How long a trip takes
owner: routing
tags: {team: routing}
metrics: {score: maximize}
parameters:
  least: {type: number, default: 0.5, minimum: 0, maximum: 1, description: The least score}
  trials: {type: integer, default: 4, minimum: 2}
  tell: {type: boolean, default: true}
  note: {type: string, default: null}
  day: {type: string, values: [mon, tue], default: mon}
data:
  sources:
    trips:
      uri: data/trips.csv
      columns: {trip: string, length: number, slow: {type: category, values: ["no", "yes"]}}
    zones: {uri: "file:///data/${parameters.day}/zones/", format: files}
  main: trips
  label: slow
  split: {test: 0.25, validation: 0.25}
steps:
  zone-table:
    run: zones.py
    inputs: {raw: data.zones}
    outputs: {table: files}
    params: {day: "${parameters.day}", tag: "run-${run.id}", note: "${parameters.note}", sizes: [1, 2]}
    env: {MODE: fast}
    secrets: {TOKEN: zone-service}
    retries: {attempts: 2, backoff: 10s}
    timeout: 10m
    cache: false
  page:
    run: page.py
    inputs: {table: zone-table.table, figures: evaluation.curve}
    outputs: {page: report}
    after: [registry]
    when: "${parameters.tell}"
  goodbye: {run: [python, -m, goodbye], always: true}
training:
  run: train.py
  params: {folds: 3}
  tuning:
    metric: score
    strategy: random
    trials: "${parameters.trials}"
    parallel: 2
    timeout: 1h
    max_failures: 2
    stop_at: 0.99
    refit: true
    seed: 7
    search:
      kind: {choice: [tree, line]}
      depth: {int: [2, 8]}
      rate: {float: [0.01, 1], scale: log}
evaluation:
  run: evaluate.py
  outputs: {predictions: predictions, curve: figure}
  gates:
    score: {at_least: "${parameters.least}"}
    better: {metric: score, better_than: champion, confidence: 0.9}
  test_set: {reuse_budget: 9}
registry: {approval: manual, card: {intended_use: Planning}}
targets:
  local: {parallel: 3}
"""
SCRIPTS = ("zones.py", "page.py", "goodbye.py", "train.py", "evaluate.py")


def a_rich_project(root: Path) -> Path:
    """The spec's folder."""
    (root / "data").mkdir(parents=True)
    (root / "src").mkdir()
    rows = "".join(f"t{n},{n}.5,{'yes' if n % 3 else 'no'}\n" for n in range(40))
    (root / "data" / "trips.csv").write_text(f"trip,length,slow\n{rows}")
    for name in SCRIPTS:
        (root / "src" / name).write_text(f"print('{name}')\n")
    (root / "spec.yaml").write_text(SPEC)
    return root


def compiled(root: Path, text: str | None = None) -> tuple[Path, tuple[Diagnostic, ...]]:
    """The bundle of the spec in this folder, written, and what was said about it."""
    file = root / "spec.yaml"
    made = compile_spec(CompileRequest(file, text.encode() if text is not None else file.read_bytes()), "local")
    folder = root / "build" / "local"
    write(made.bundle, folder)
    return folder, made.findings
