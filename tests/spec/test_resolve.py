from __future__ import annotations

import pytest

from mlopsgen.diagnostics import Severity, Span, SpecError
from mlopsgen.source import read_yaml
from mlopsgen.spec.resolve import resolve
from tests.spec.reading import HEAD, findings_of, refused, resolved, spec, tree


def test_short_keys_move_to_their_long_place() -> None:
    data = tree("data: {source: a.csv, format: csv, columns: {x: number, y: {type: string}}}")["data"]
    columns = {"x": {"type": "number"}, "y": {"type": "string"}}
    assert data == {"sources": {"source": {"uri": "a.csv", "format": "csv", "columns": columns}}}


@pytest.mark.parametrize(
    ("body", "path", "long"),
    [
        ("deployment: {mode: real-time, replicas: 2}", "deployments.deployment.replicas", {"min": 2, "max": 2}),
        ("deployment: {mode: batch, input: in/}", "deployments.deployment.input", {"uri": "in/"}),
        (
            "deployment: {mode: batch, mini_batch: 10Ki}",
            "deployments.deployment.mini_batch",
            {"size": "10Ki"},
        ),
        ("deployment: {mode: real-time, scale_on: {cpu: 0.7}}", "deployments.deployment.scale_on.cpu", {"out": 0.7}),
        ("evaluation: {gates: {a: {group: sex}}}", "evaluation.gates.a.group", {"column": "sex"}),
        ("data: {positive: late}", "data.positive", {"equals": "late"}),
        ("data: {sources: {a: a.csv}}", "data.sources.a", {"uri": "a.csv"}),
        ("training: {run: a.py, retries: 2}", "training.retries", {"attempts": 2}),
        ("training: {run: a.py, resources: {gpu: t4}}", "training.resources.gpu", {"kind": "t4"}),
        ("training: {run: a.py, outputs: [a, b]}", "training.outputs", {"a": None, "b": None}),
        ("training: {run: a.py, inputs: [a, b]}", "training.inputs", {"a": "a", "b": "b"}),
        ("monitoring: {monitors: {b: {kind: bias, group: sex}}}", "monitoring.monitors.b.group", {"column": "sex"}),
    ],
)
def test_a_bare_value_is_written_out(body: str, path: str, long: object) -> None:
    here = tree(body)
    for part in path.split("."):
        here = here[part]
    assert here == long


BASE = """
data: {source: a.csv, columns: {x: number}, ignore: [x]}
training: {run: train.py, params: {a: 1, b: 2}, timeout: 1h, outputs: [one]}
deployments:
  live: {mode: real-time, replicas: {min: 1, max: 4}, scale_on: {cpu: 0.7}}
  night: {mode: batch, input: in/}
"""


def over(overlay: str) -> dict[str, object]:
    overlaid: dict[str, object] = tree(f"{BASE}environments: {{there: {overlay}}}", "there")
    return overlaid


def test_maps_merge_and_everything_else_replaces() -> None:
    merged = over("{training: {params: {b: 3, c: 4}, timeout: 2h}, data: {ignore: [z]}}")
    assert merged["training"] == {
        "run": "train.py",
        "params": {"a": 1, "b": 3, "c": 4},
        "timeout": "2h",
        "outputs": {"one": None},
    }
    assert merged["data"]["ignore"] == ["z"]  # type: ignore[index]
    assert "environments" not in merged


def test_an_overlay_is_written_out_before_it_is_merged() -> None:
    live = over("{deployments: {live: {replicas: {max: 9}}}}")["deployments"]["live"]  # type: ignore[index]
    assert live["replicas"] == {"min": 1, "max": 9}
    live = over("{deployments: {live: {replicas: 3}}}")["deployments"]["live"]  # type: ignore[index]
    assert live["replicas"] == {"min": 3, "max": 3}
    assert over("{data: {source: 's3://b/'}}")["data"]["sources"] == {  # type: ignore[index]
        "source": {"uri": "s3://b/", "columns": {"x": {"type": "number"}}}
    }
    assert over("{training: {outputs: [two]}}")["training"]["outputs"] == {"one": None, "two": None}  # type: ignore[index]


def test_null_goes_back_to_the_default() -> None:
    merged = over("{training: {timeout: null, params: {a: null}}, data: {columns: null}, deployments: {night: null}}")
    assert merged["training"] == {"run": "train.py", "params": {"b": 2}, "outputs": {"one": None}}
    assert merged["data"]["sources"] == {"source": {"uri": "a.csv"}}  # type: ignore[index]
    assert list(merged["deployments"]) == ["live"]  # type: ignore[call-overload]


def test_a_null_on_a_short_key_takes_the_whole_long_entry_away() -> None:
    assert over("{data: {source: null}}")["data"] == {"sources": {}, "ignore": ["x"]}


def test_null_in_the_base_is_the_default_too() -> None:
    spec_without = spec("training: {run: train.py, cache: null, params: {x: null}, resources: null}\nregistry: null\n")
    assert spec_without.training is not None
    assert spec_without.training.cache is True
    assert spec_without.training.params == {"x": None}
    assert spec_without.registration.approval == "automatic"


def test_an_unknown_environment_is_found() -> None:
    findings = refused("training: {run: a.py}\nenvironments: {staging: {}}\n", "stagin")
    assert (findings.code, findings.hint) == ("MG114", "did you mean `staging`?")
    findings = refused("training: {run: a.py}\n", "staging")
    assert (findings.code, findings.hint) == ("MG114", "it declares none: `environments: {staging: {…}}` is one")


def test_a_finding_in_an_environment_stands_in_the_environment() -> None:
    text = f"{HEAD}training: {{run: a.py}}\nenvironments:\n  staging:\n    training: {{timeot: 3h}}\n"
    (finding,) = findings_of(text, "staging")
    assert finding.span == Span("spec.yaml", 6, 16, 6, 22)


def test_variables_stand_for_whole_values_and_inside_strings() -> None:
    body = """
variables: {n: {default: 3}, lake: {default: "s3://acme"}, on: {default: true}, unread: {default: 1}}
data: {source: "${var.lake}/trips/"}
training:
  run: a.py
  cache: "${var.on}"
  resources: {nodes: "${var.n}"}
  params: {a: "$${var.n}", b: "n=${var.n} ${var.on}"}
"""
    filled = tree(body)
    assert filled["data"]["sources"]["source"]["uri"] == "s3://acme/trips/"
    assert filled["training"]["cache"] is True
    assert filled["training"]["resources"]["nodes"] == 3
    assert filled["training"]["params"] == {"a": "$${var.n}", "b": "n=3 true"}
    assert list(filled["variables"]) == ["unread"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("0.5", 0.5), ("true", True), ("x", "x"), ("0001", "0001"), ("yes", "yes"), ("${run.id}", "$${run.id}")],
)
def test_a_given_variable_means_what_yaml_would_read_and_is_never_a_placeholder(text: str, value: object) -> None:
    body = 'variables: {v: {}}\ntraining: {run: a.py, params: {p: "${var.v}"}}\n'
    assert tree(body, v=text)["training"]["params"]["p"] == value


def test_a_misspelt_section_is_said_once_and_not_each_of_its_names() -> None:
    findings = refused("variabels: {n: {default: 3}}\ntraining: {run: '${var.n}'}\n")
    assert (findings.code, findings.hint) == ("MG104", "did you mean `variables`?")
    findings = refused("enviroments: {staging: {}}\ntraining: {run: a.py}\n", "staging")
    assert (findings.code, findings.hint) == ("MG104", "did you mean `environments`?")
    findings = refused("enviroments: {staging: {}}\ntraining: {run: a.py}\n")
    assert (findings.code, findings.hint) == ("MG104", "did you mean `environments`?")


def test_a_variable_that_nobody_declares_cannot_be_given() -> None:
    findings = refused("variables: {lake: {default: a}}\ntraining: {run: '${var.lake}'}\n", lakes="b")
    assert (findings.code, findings.hint) == ("MG111", "did you mean `lake`?")


def test_a_secret_given_as_a_variable_is_found() -> None:
    body = 'variables: {v: {}}\ntraining: {run: a.py, params: {p: "${var.v}"}}\n'
    findings = refused(body, v="AKIAIOSFODNN7EXAMPLE")
    assert findings.code == "MG115"
    assert "AKIA" not in findings.message


def test_a_step_takes_over_a_definition_with_its_own_inputs_and_params() -> None:
    resolved = tree("""
steps:
  a: {run: a.py, inputs: {x: data.source}, params: {p: 1, q: 2}, retries: 2, timeout: 1h}
  b: {uses: a, inputs: {y: data.source}, params: {q: 3}, timeout: 2h}
  c: {uses: b, run: c.py}
training: {uses: a, params: {p: null}, outputs: [extra]}
""")
    assert resolved["steps"]["b"] == {
        "run": "a.py",
        "inputs": {"x": "data.source", "y": "data.source"},
        "params": {"p": 1, "q": 3},
        "retries": {"attempts": 2},
        "timeout": "2h",
    }
    assert resolved["steps"]["c"]["run"] == "c.py"
    assert resolved["steps"]["c"]["params"] == {"p": 1, "q": 3}
    assert resolved["training"]["params"] == {"q": 2}
    assert resolved["training"]["outputs"] == {"extra": None}


def test_a_long_chain_of_uses_is_no_trouble() -> None:
    chain = "\n".join(f"  s{number}: {{uses: s{number + 1}}}" for number in range(5000))
    resolved = tree(f"steps:\n{chain}\n  s5000: {{run: a.py, params: {{p: 1}}}}\n")
    assert resolved["steps"]["s0"] == {"run": "a.py", "params": {"p": 1}}


def test_a_circle_of_uses_is_said_once() -> None:
    findings = refused("steps: {a: {uses: b}, b: {uses: a}, c: {uses: a}}\ntraining: {run: a.py}\n")
    assert findings.code == "MG116"
    assert "`a` → `b` → `a`" in findings.message


def test_what_a_step_cannot_take_over_is_told() -> None:
    text = (
        f"{HEAD}training: {{run: a.py, params: {{p: 1}}, tuning: {{trials: 4, parallel: 2, metric: m, goal: maximize, "
        "space: {p: {one_of: [1, 2]}}}, start_from: champion}\nsteps: {again: {uses: training}, alone: {uses: again}}\n"
    )
    source = resolved(text)
    (finding,) = source.findings
    assert (finding.code, finding.severity, finding.spec_path) == ("MG116", Severity.NOTE, ("steps", "again", "uses"))
    assert "`tuning`, `start_from` stay behind" in finding.message
    assert source.find(("steps", "alone", "params", "p")) is not None


def test_places_travel_with_what_is_moved() -> None:
    text = f"{HEAD}data: {{source: a.csv, format: cvs}}\n"
    source = resolved(text)
    assert source.locate(("data", "sources", "source", "format")) == Span("spec.yaml", 3, 31, 3, 34)
    (finding,) = findings_of(text)
    assert finding.spec_path == ("data", "sources", "source", "format")
    assert finding.span == Span("spec.yaml", 3, 31, 3, 34)


def test_resolving_does_not_change_what_was_read() -> None:
    source = read_yaml(
        f"{HEAD}data: {{source: a.csv}}\nenvironments: {{x: {{data: {{source: b.csv}}}}}}\n", "spec.yaml"
    )
    before = repr(source)
    resolve(source, "x", {})
    assert repr(source) == before


def test_everything_wrong_with_short_forms_is_said_at_once() -> None:
    with pytest.raises(SpecError) as wrong:
        tree("data: {source: a, sources: {source: b}}\ndeployment: {}\ndeployments: {x: {}}\nsteps: {a: {uses: b}}\n")
    assert [d.code for d in wrong.value.findings] == ["MG110", "MG110", "MG116"]
