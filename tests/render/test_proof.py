"""Every way a value could be torn, moved or read as something else is found."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
import yaml

from mlopsgen.diagnostics import SpecError
from mlopsgen.render import Copy, FileJob, Identifier, ImageRef, render

from .conftest import Refuse, Render

NASTY = [
    "$(id)",
    "a\nb: c",
    '"; import os; "',
    "'",
    '"',
    "\\",
    "\\\n",
    "{{ evil }}",
    "${{ secrets.X }}",
    "{% raw %}",
    "# comment",
    "a #b",
    "a: b",
    "- x",
    "---",
    "...",
    "@x",
    "`x`",
    "\u2028",
    "\u2029",
    "\x85",
    "\u202e\u2066",
    "\ue0000\ue001",
    '"\ue0000\ue001"',
    "mlopsgen_printed_0_here",
    "\x00\x07\x7f",
    "\ufeff",
    "\U0001f600",
    "é",
    "</script>",
    "",
    " ",
    "\t",
    "no",
    "1e3",
    "012",
    "~",
    "<<",
    "=",
    "x" * 3000,
]


@pytest.mark.parametrize("text", NASTY)
def test_text_arrives_as_itself_in_every_structured_file(rendered: Render, text: str) -> None:
    value = {"k": [text, {"deep": text}]}
    got = json.loads(rendered("a.json", '{"v": {{ v }}, {{ k }}: 1}', {"v": value, "k": "k" + text}))
    assert got == {"v": value, "k" + text: 1}
    for template in ("v: {{ v }}\nw: {{ w }}\n", "v: [{{ w }}]\nw: {{ w }}\n", "- {{ v }}\n- {{ w }}\n", "{{ v }}\n"):
        got = yaml.safe_load(rendered("a.yaml", template, {"v": value, "w": text}))
        assert got in ({"v": value, "w": text}, {"v": [text], "w": text}, [value, text], value)
    tree = ast.parse(rendered("a.py", "x = {{ v }}\n", {"v": value}))
    assert isinstance(tree.body[0], ast.Assign)
    assert ast.literal_eval(tree.body[0].value) == value


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("a.yaml", "# by {{ n }}\na: 1\n"),
        ("a.yaml", "a: 1 # {{ n }}\n"),
        ("a.yaml", "run: |\n  echo {{ n }}\n"),
        ("a.yaml", "run: >-\n  {{ n }}\n"),
        ("a.yaml", "a: {{ n }}-x\n"),
        ("a.yaml", "a: x{{ n }}\n"),
        ("a.yaml", "a: x {{ n }}\n"),
        ("a.yaml", "a: x\n  {{ n }}\n"),
        ("a.yaml", "a: '{{ n }}'\n"),
        ("a.yaml", 'a: "{{ n }}"\n'),
        ("a.yaml", "a: {{ n }}{{ n }}\n"),
        ("a.yaml", "a: &x {{ n }}\nb: *x\n"),
        ("a.yaml", "a: !!str {{ n }}\n"),
        ("a.json", '{"a": "{{ n }}"}'),
        ("a.json", '{"a": "x {{ n }}"}'),
        ("a.json", '{"a": {{ n }}{{ n }}}'),
        ("a.json", '{"a": 1} // {{ n }}'),
        ("a.py", "# {{ n }}\n"),
        ("a.py", "x = '{{ n }}'\n"),
        ("a.py", 'x = "{{ n }}"\n'),
        ("a.py", "x = f'{{ n }}'\n"),
        ("a.py", 'x = """\n{{ n }}\n"""\n'),
        ("a.py", "x = 'a' {{ n }}\n"),
        ("a.py", "x = {{ n }} {{ n }}\n"),
        ("a.py", "x = b{{ n }}\n"),
        ("a.py", "import {{ n }}\n"),
    ],
)
def test_a_value_stands_only_as_a_whole(refused: Refuse, path: str, template: str) -> None:
    assert set(refused(path, template, {"n": "$(id)"})) <= {"MG403", "MG405"}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1: 2}, {"a": {2}}, b"x", object(), 1 << 1025, "\ud800", {"\udc00": 1}]
)
def test_a_value_without_a_spelling_is_refused(refused: Refuse, value: Any) -> None:
    for path, template in (("a.json", '{"a": {{ v }}}'), ("a.yaml", "a: {{ v }}\n"), ("a.py", "a = {{ v }}\n")):
        assert refused(path, template, {"v": value}) == ["MG402"]


def test_deep_values_are_refused_before_a_reader_would_give_up(rendered: Render, refused: Refuse) -> None:
    value: list[Any] = []
    for _ in range(100):
        value = [value]
    for path, template in (("a.json", "{{ v }}"), ("a.yaml", "a: {{ v }}\n"), ("a.py", "a = {{ v }}\n")):
        assert "[" in rendered(path, template, {"v": value})
        assert refused(path, template, {"v": [value]}) == ["MG402"]


def test_a_recursive_value_is_refused(refused: Refuse) -> None:
    value: list[Any] = []
    value.append(value)
    assert refused("a.json", '{"a": {{ v }}}', {"v": value}) == ["MG402"]


@pytest.mark.parametrize("path", ["a.json", "a.yaml"])
def test_keys_that_would_meet_are_found(refused: Refuse, path: str) -> None:
    assert refused(path, "{{{ a }}: 1, {{ b }}: 2}".replace("{{{", "{ {{"), {"a": "x", "b": "x"}) == ["MG404"]
    assert refused(path, '{ {{ a }}: 1, "x": 2}', {"a": "x"}) == ["MG404"]
    assert refused(path, "{ {{ a }}: 1}", {"a": 3}) == ["MG402"]
    assert refused(path, '{"x": 1, "x": 2}', {}) == ["MG405"]


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("{{ nobody }}", {}),
        ("{{ a.nothing }}", {"a": {"keys": 1}}),
        ("{{ a.__class__ }}", {"a": "x"}),
        ("{{ a.values }}", {"a": {}}),
        ("{{ range(3) }}", {}),
        ("{% include 'absent' %}", {}),
        ("{% for x in %}", {}),
        ("{{ a | join }}", {"a": []}),
        ("{", {}),
        ("[NaN]", {}),
        ("{% for x in a %}{% endfor %}", {"a": 3}),
        ("{% for k, v in a|items %}{% endfor %}", {"a": [1]}),
        ("{% for k, v in a %}{% endfor %}", {"a": ["xyz"]}),
        ('"\ue0007\ue001"', {}),
        ("[{{ a }}, \ue000]", {"a": 1}),
    ],
)
def test_a_broken_template_is_located(template: str, values: dict[str, Any]) -> None:
    loader = {"t": "\n" + template + "\n"}
    with pytest.raises(SpecError) as caught:
        render([FileJob("a.json", "t", values)], loader)
    for finding in caught.value.findings:
        assert finding.code == "MG405"
        assert finding.span is not None
        assert (finding.span.file, finding.span.line) in (("t", 1), ("t", 2))


@pytest.mark.parametrize(
    "template", ["{% if nobody %}{% endif %}", "{% for x in nobody %}{% endfor %}", "{{ a.b }}", "{{ nobody.b }}"]
)
def test_an_unknown_name_is_never_nothing(refused: Refuse, template: str) -> None:
    assert refused("a.yaml", f"a: 1\nb:\n  {template}\n", {"a": {}}) == ["MG405"]


@pytest.mark.parametrize("text", ["a: \ue000\n", "a: '\ue0000\ue001'\n", "# \ue001\na: 1\n", 'a: "\ue0000\ue001"\n'])
def test_a_template_cannot_forge_a_marker(refused: Refuse, text: str) -> None:
    assert refused("a.yaml", text, {}) == ["MG405"]


def test_findings_name_the_line_that_printed() -> None:
    templates = {
        "t": '{% from "m" import m %}\n{\n{% for x in xs %}\n  "a": {{ m(x) }}\n{% endfor %}\n}\n',
        "m": "{% macro m(x) %}\n{# here #}\n{{ x }}\n{% endmacro %}\n",
    }
    with pytest.raises(SpecError) as caught:
        render([FileJob("a.json", "t", {"xs": [{1, 2}]})], templates)
    assert str(caught.value.findings[0].span) == "m:3:1"
    with pytest.raises(SpecError) as caught:
        render([FileJob("a.yaml", "t", {"x": "v"})], {"t": "a: 1\n\n# {{ x }}\n"})
    assert (caught.value.findings[0].code, str(caught.value.findings[0].span)) == ("MG403", "t:3:1")


def test_all_files_report_at_once() -> None:
    jobs: list[FileJob | Copy] = [FileJob("a.json", "t", {}), FileJob("b.xyz", "t", {}), Copy("c", b""), Copy("c", b"")]
    with pytest.raises(SpecError) as caught:
        render(jobs, {"t": "{{ x }}"})
    assert [d.code for d in caught.value.findings] == ["MG405", "MG401", "MG409"]


@pytest.mark.parametrize(
    "value", [0, -1, 10**30, 0.1, -0.0, 1e20, 1e-7, 1.5e300, True, False, None, [], {}, [[]], [{}]]
)
def test_types_survive(rendered: Render, value: Any) -> None:
    for got in (
        json.loads(rendered("a.json", '{"a": {{ v }}}', {"v": value}))["a"],
        yaml.safe_load(rendered("a.yaml", "a: {{ v }}\n", {"v": value}))["a"],
        ast.literal_eval(rendered("a.py", "{{ v }}\n", {"v": value}).strip()),
    ):
        assert repr(got) == repr(value)


def test_mapping_keys_win_over_methods(rendered: Render) -> None:
    template = "a: {{ m.items }}\n{% for k, v in m|items %}\n{{ k }}: {{ v }}\n{% endfor %}"
    assert yaml.safe_load(rendered("a.yaml", template, {"m": {"items": 1, "values": 2}})) == {
        "a": 1,
        "items": 1,
        "values": 2,
    }


def test_json_commas_may_trail_and_strings_keep_theirs(rendered: Render) -> None:
    template = '{"a": [1, 2, ], "b": ",]", "c\\",}": {{ v }}, }'
    assert json.loads(rendered("a.json", template, {"v": ", ]"})) == {"a": [1, 2], "b": ",]", 'c",}': ", ]"}


def test_json_shows_letters_and_hides_what_hides(rendered: Render) -> None:
    text = rendered("a.json", '{"a": {{ v }}}', {"v": "é漢\u202e\u2028\x7f😀"})
    assert text == '{\n  "a": "é漢\\u202e\\u2028\\u007f\\ud83d\\ude00"\n}\n'


@pytest.mark.parametrize(
    "text", ["on: push\n", "a: 1e3\n", "a: 012\n", "a: 1_000\n", "a: 2010-09-09\n", "a: 1:30\n", "a: <<\n", "a: 0o7\n"]
)
def test_a_yaml_template_reads_the_same_in_1_1_and_1_2(refused: Refuse, text: str) -> None:
    assert refused("a.yaml", text, {}) == ["MG405"]


def test_comments_and_layout_of_yaml_stay(rendered: Render) -> None:
    template = "# made here\na:   {{ x }}   # kept\n\nb: {x: {{ y }}}\n"
    assert rendered("a.yaml", template, {"x": "s3://b/k", "y": "s3://b/k"}) == (
        '# made here\na:   "s3://b/k"   # kept\n\nb: {x: "s3://b/k"}\n'
    )


LONG = {
    "name": "x" * 40,
    "list": ["a", "s3://bucket/key", {"deep": "y" * 80, "n": 1}],
    "empty": {},
    "text": "a\nb" * 30,
}


@pytest.mark.parametrize(
    "template",
    [
        "v: {{ v }}\n",
        "- {{ v }}\n",
        "- - {{ v }}\n",
        "a:\n  - b: {{ v }}\n    c: 1\n",
        "a:\n    v: {{ v }}\n    c: 1\n",
        "{{ v }}\n",
        "a:\n  {{ v }}\n",
        "{{ k }}: {{ v }}\n",
        '"a b": {{ v }}\n',
        "- 'a b': {{ v }}\n",
        "---\nv: {{ v }}\n---\nv: {{ v }}\n",
    ],
)
def test_a_long_value_in_yaml_is_an_indented_block(rendered: Render, template: str) -> None:
    text = rendered("a.yaml", template, {"v": LONG, "k": "k"})
    assert repr(LONG) in repr(list(yaml.safe_load_all(text)))
    assert "{name" not in text
    assert max(map(len, text.splitlines())) < 200
    assert not any(line.endswith(" ") for line in text.splitlines())


@pytest.mark.parametrize(
    "template", ["a: {b: {{ v }}}\n", "a: {\n  b: {{ v }}\n  }\n", "a: [\n  {{ v }},\n  1]\n", "a: [\n  {{ v }}\n  ]\n"]
)
def test_a_long_value_inside_brackets_stays_on_its_line(rendered: Render, template: str) -> None:
    assert repr(LONG) in repr(yaml.safe_load(rendered("a.yaml", template, {"v": LONG})))


def test_yaml_reads_as_a_person_would_write_it(rendered: Render) -> None:
    value = {
        "Type": "AWS::IAM::Role",
        "Path": "/a/b",
        "Ok": True,
        "Version": "1.0",
        "Words": "one two",
        "No": "no",
        "Odd": "a: b",
    }
    assert rendered("a.yaml", "R: {{ v }}\n", {"v": value}) == (
        "R:\n  Type: AWS::IAM::Role\n  Path: /a/b\n  Ok: true\n"
        '  Version: "1.0"\n  Words: one two\n  "No": "no"\n  Odd: "a: b"\n'
    )


def test_python_names_stand_bare(rendered: Render, refused: Refuse) -> None:
    template = "@{{ d }}\ndef {{ f }}({{ a }}=1):\n    return {{ a }}.{{ b }}({{ k }}={{ v }})\n"
    values = {name: Identifier(name * 3) for name in "dfabk"}
    text = rendered("a.py", template, {**values, "v": "x"})
    assert text == '@ddd\ndef fff(aaa=1):\n    return aaa.bbb(kkk="x")\n'
    assert refused("a.py", "x = '{{ a }}'\n", values) == ["MG403"]
    assert refused("a.py", "x{{ a }} = 1\n", values) == ["MG403"]


def test_a_document_inside_a_document() -> None:
    inner = FileJob("p.json", "p", {"x": 'a"b'})
    loader = {"p": '{"x": {{ x }}, "y": [1, ]}', "s": "body: {{ body }}\n"}
    files = render([inner, FileJob("s.yaml", "s", {}, embed={"body": inner})], loader)
    assert files["p.json"].decode() == '{\n  "x": "a\\"b",\n  "y": [\n    1\n  ]\n}\n'
    assert yaml.safe_load(files["s.yaml"])["body"] == '{"x":"a\\"b","y":[1]}'


def test_a_copy_is_untouched() -> None:
    assert render([Copy("a.py", b"\xff{{ x }}\r\n")], {}) == {"a.py": b"\xff{{ x }}\r\n"}


def test_markers_in_values_cannot_pose_as_other_values(rendered: Render) -> None:
    text = rendered("a.json", "[{{ a }}, {{ b }}]", {"a": "\ue0001\ue001", "b": "real"})
    assert json.loads(text) == ["\ue0001\ue001", "real"]


def test_an_image_in_yaml_is_text(rendered: Render) -> None:
    assert rendered("a.yaml", "image: {{ i }}\n", {"i": ImageRef("python:3.11-slim")}) == "image: python:3.11-slim\n"
