"""A product that needs no library: its scripts write down what they were called with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from mlopsgen.bundle import write
from mlopsgen.compile import CompileRequest, compile_spec

from .asked import BLOCK
from .executor.bundle import Emitted

SCRIPT = """
import json, os, pathlib, sys
said = dict(word.removeprefix("--").partition("=")[::2] for word in sys.argv[1:])
outputs = [name for name in ("table", "page", "note", "model", "metrics", "predictions") if name in said]
outputs = [name for name in outputs if not (name == "model" and "test" in said)]
for name in outputs:
    folder = pathlib.Path(said[name])
    (folder / "said.json").write_text(json.dumps({"said": said, "env": {k: os.environ.get(k) for k in ("MODE", "PW")}}))
    if name == "metrics":
        score = float(said.get("depth", 5)) / 10
        (folder / "metrics.json").write_text(json.dumps({"score": score}))
for name, value in said.items():
    if name in ("raw", "rows", "train", "test", "first") and not pathlib.Path(value).is_dir():
        sys.exit(f"{name} is no folder: {value}")
"""
NAMES = ("clean", "look", "train", "evaluate", "after", "first", "tell")
SPEC = """\
apiVersion: mlopsgen/v1
name: rich
description: It's [whole] "and" $HOME
owner: team
metrics: {score: maximize}
parameters:
  go: {type: boolean, default: true}
  maybe: {type: integer, default: null}
  word: {type: string}
  sizes: {type: list, default: [1, "two words"]}
  least: {type: number, default: 0.5, minimum: 0, maximum: 1}
data:
  source: data/rows.csv
  columns: {id: string, paid: category}
  label: paid
  id: id
  split: {test: 0.25, validation: 0.25}
steps:
  first: {run: first.py, params: {at: "${run.scheduled_at}", id: "r ${run.id}"}}
  zone-table:
    run: clean.py
    inputs: {raw: data.source}
    outputs: {table: dataset}
    after: [first]
    when: "${parameters.go}"
    params:
      maybe: "${parameters.maybe}"
      word: "${parameters.word}"
      sizes: "${parameters.sizes}"
      flag: true
      empty: ""
      remark: 'two "words" $HOME `x` \\ ; # *'
    env: {MODE: 'a "b" $c'}
    secrets: {PW: warehouse}
  look: {run: look.py, inputs: {rows: zone-table.table}, outputs: {page: report}}
  later: {run: after.py, outputs: {page: report}, after: [registry]}
  tell: {run: tell.py, always: true, outputs: {note: report}, params: {run: "${run.id}"}}
training:
  run: train.py
  env: {MODE: it's one}
  tuning:
    metric: score
    strategy: grid
    parallel: 2
    refit: true
    search: {depth: {int: [2, 4]}, kind: {choice: [a, "b c"]}, deep: {choice: [true]}}
evaluation:
  run: evaluate.py
  gates: {score: {at_least: "${parameters.least}"}}
registry: {card: {limits: "it's \\"small\\""}}
"""
ROWS = "id,paid\n" + "".join(f"{number},{'yes' if number % 2 else 'no'}\n" for number in range(40))


def laid(folder: Path, changes: dict[str, Any] | None = None) -> Emitted:
    """The project and its bundle."""
    project = folder / "rich"
    (project / "src").mkdir(parents=True)
    (project / "data").mkdir()
    (project / "data/rows.csv").write_text(ROWS)
    for name in NAMES:
        (project / "src" / f"{name}.py").write_text(SCRIPT)
    said = {**yaml.safe_load(SPEC), **(changes or {}), "targets": {"azureml": BLOCK}}
    spec = project / "spec.yaml"
    spec.write_text(yaml.safe_dump(said, sort_keys=False))
    bundle = project / "build/azureml"
    write(compile_spec(CompileRequest(spec, spec.read_bytes()), "azureml").bundle, bundle)
    return Emitted(bundle, project)


def called(folder: Path) -> dict[str, Any]:
    """What the script that wrote this folder was called with."""
    found: dict[str, Any] = json.loads((folder / "said.json").read_text())
    return found
