"""Templates print, loop and branch. This test is the rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsgen.render.reading import offences, template_offences
from mlopsgen.resources import TEMPLATES


def test_every_packaged_template_keeps_the_rule() -> None:
    assert list(template_offences(TEMPLATES)) == []


@pytest.mark.parametrize(
    "text",
    [
        "{% set x = 1 %}",
        "{{ a ~ b }}",
        "{{ a + b }}",
        "{{ f(x) }}",
        "{{ xs[0] }}",
        "{% if kind == 'a' %}{% endif %}",
        "{% if a and b %}{% endif %}",
        "{{ xs|join }}",
        "{{ x|upper }}",
        "{{ x if y else z }}",
        "{{ 'constant' }}",
        "{{ 3 }}",
        "{% if true %}{% endif %}",
        "{% for x in xs if x.cached %}{% endfor %}",
        "{% for x in [1, 2] %}{% endfor %}",
        "{% include name %}",
        "{% macro m(a, b=1) %}{{ a }}{% endmacro %}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(x.y()) }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(a='x') }}",
        "{% raw %}{{ x }}{% endraw %}{{ y.z() }}",
        "{% if x is divisibleby 3 %}{% endif %}",
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ x",
    ],
)
def test_what_computes_is_an_offence(text: str) -> None:
    assert offences(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "{% for s in steps %}{% if not s.cached %}{{ s }}{% endif %}{% if not loop.last %},{% endif %}{% endfor %}",
        '{% from "_shared/tags.yaml.j2" import tag %}{{ tag(key, step.value) }}',
        "{% if x is not none %}{{ x }}{% elif y is defined %}{{ y }}{% else %}z{% endif %}",
        "{% for key, value in tags|items %}{{ key }}: {{ value }}{% endfor %}",
        "{# a comment #}{% macro m(a) %}{{ a.b }}{% endmacro %}{{ m(x) }}",
        '{% include "_shared/head.yaml.j2" %}',
    ],
)
def test_what_prints_loops_and_branches_is_none(text: str) -> None:
    assert offences(text) == []


def test_offences_name_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.json.j2").write_text('{\n  "a": {{ a ~ b }}\n}\n')
    (tmp_path / "t" / "b.json").write_text("{}")
    (tmp_path / "t" / "c.xyz.j2").write_text("x")
    lines = list(template_offences(tmp_path))
    assert lines[0] == "t/a.json.j2:2: Concat"
    assert lines[1].startswith("t/b.json:1: is no template")
    assert "MG401" in lines[2]
