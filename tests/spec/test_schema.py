from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlopsgen import targets
from mlopsgen.resources import SCHEMAS
from mlopsgen.source import plain, read_yaml
from mlopsgen.spec.product import Spec
from mlopsgen.spec.schema import schema, schema_text
from mlopsgen.spec.shape import reachable
from mlopsgen.spec.write import long_form
from tests.spec.acme import OPTIONS
from tests.spec.reading import HEAD, SPECS, VALID, read

SCHEMA = schema(OPTIONS)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
EXAMPLES = tuple(sorted((SPECS.parents[1] / "examples").glob("*/spec.yaml")))


def data(text: str) -> Any:
    return plain(read_yaml(text, "spec.yaml").root)


def test_the_committed_schema_is_not_stale() -> None:
    options = {name: targets.load(name).options for name in targets.names()}
    committed = (SCHEMAS / "mlopsgen.v1.json").read_text(encoding="utf-8")
    assert committed == schema_text(options), "run: mlopsgen schema > schemas/mlopsgen.v1.json"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(SCHEMA)
    names = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    assert names <= SCHEMA["$defs"].keys()


@pytest.mark.parametrize("path", [*VALID, *EXAMPLES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_accepts_every_valid_spec(path: Path) -> None:
    VALIDATOR.validate(data(path.read_text()))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_it_accepts_every_long_form(path: Path) -> None:
    VALIDATOR.validate(data(long_form(read(path.read_text()).spec)))


@pytest.mark.parametrize(
    "body",
    [
        "nam: x",
        "data: {source: a.csv, sources: 3}",
        "data: {source: a.csv, format: cvs}",
        "data: {source: a.csv, columns: {a: numbr}}",
        "data: {source: a.csv, split: nome}",
        "data: {source: a.csv, split: {test: 2}}",
        "training: {}",
        "training: {run: a.py, framework: xgboost}",
        "training: {run: a.py, timeout: 90}",
        "training: {run: a.py, resources: {nodes: 1.5}}",
        "training: {run: a.py, resources: {memory: 16GB}}",
        "training: {run: a.py, when: true}",
        "training: {run: a.py, tuning: {metric: accuracy, search: {C: {flaot: [0, 1]}}}}",
        "evaluation: {run: a.py, task: classification}",
        "evaluation: {gates: {accuracy: {at_lest: 3}}}",
        "steps: {Bad_Name: {run: a.py}}",
        "steps: {a: {inputs: {b: c}}}",
        "deployment: {mode: realtime}",
        "deployment: {mode: real-time, input: a/}",
        "deployment: {mode: real-time, replicas: {minimum: 1}}",
        "deployments: {live: {mode: batch}}",
        "monitoring: {monitors: {a: {kind: latency}}}",
        "triggers: {a: {start: training}}",
        "environments: {a: {nothing: 1}}",
        "environments: {a: {training: {timeout: 90}}}",
        "targets: {acme: {regoin: eu-west-1}}",
        "targets: {acme: {region: eu-west-1, patches: [{file: a.json}]}}",
    ],
)
def test_it_refuses_what_the_language_refuses(body: str) -> None:
    assert not VALIDATOR.is_valid(data(HEAD + body))


@pytest.mark.parametrize(
    "body",
    [
        "data: {source: a.csv, format: '${var.format}'}",
        "training: {run: a.py, resources: {nodes: '${var.n}', cpu: '${var.n}', spot: '${var.spot}'}}",
        "training: {run: a.py, resources: {nodes: '${parameters.n}'}}",
        "steps: {a: {uses: b, params: {x: 1}}}",
        "environments: {a: {data: null, training: {timeout: null, outputs: [a]}, deployment: {replicas: 1}}, b: null}",
        "environments: {a: {targets: {acme: {region: eu-west-2}}}}",
        "targets: {elsewhere: {anything: [1, {a: b}]}}",
        "deployment: {mode: real-time, replicas: '${var.n}'}",
    ],
)
def test_it_accepts_what_stands_for_something_else(body: str) -> None:
    VALIDATOR.validate(data(HEAD + body))


def test_every_field_says_what_it_is() -> None:
    silent = []
    for model in reachable(Spec):
        for name, info in model.model_fields.items():
            if not info.description or not info.description.endswith((".", "`", ")")):
                silent.append(f"{model.__name__}.{name}")
        assert model.__doc__
    assert silent == []


def test_a_short_form_is_described_by_what_it_stands_for() -> None:
    description = SCHEMA["$defs"]["Data"]["properties"]["format"]["description"]
    assert description.startswith("Short for `sources.source.format`. csv, parquet")
