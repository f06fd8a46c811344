"""Templates are walked by code of ours: it gives what Jinja gives, for the part of Jinja that templates may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from mlopsgen.diagnostics import SpecError
from mlopsgen.render.fill import MARKER, Filled, fill


@dataclass(frozen=True)
class Record:
    name: str
    inner: Mapping[str, Any]
    none: None = None


VALUES: dict[str, Any] = {
    "a": "text",
    "n": 3,
    "yes": True,
    "no": False,
    "empty": [],
    "nothing": None,
    "xs": [Record("x", {"k": 1}), Record("y", {"k": 2, "deep": {"er": "d"}})],
    "map": {"items": "not the method", "p": 1, "q": [2]},
    "pairs": [(1, 2), (3, 4)],
}

SAME = [
    "{{ a }} {{ n }}\n",
    "{% for x in xs %}\n- {{ x.name }}: {{ x.inner.k }}\n{% endfor %}\nend\n",
    "{% for x in empty %}{{ x }}{% else %}\nnone of them\n{% endfor %}",
    "{% for k, v in map|items %}{{ k }}={{ v }};{% endfor %}",
    "{% for l, r in pairs %}{{ r }}<{{ l }}{% endfor %}",
    "{{ map.items }}",
    "{% if yes %}1{% elif no %}2{% else %}3{% endif %}",
    "{% if no %}1{% elif empty %}2{% elif n %}3{% else %}4{% endif %}",
    "{% if not empty %}1{% endif %}{% if not yes %}2{% endif %}",
    "{% if gone is defined %}1{% endif %}{% if map.gone is not defined %}2{% endif %}",
    "{% if nothing is none %}1{% endif %}{% if gone is none %}2{% endif %}{% if a is not none %}4{% endif %}",
    "{% for x in xs %}{% if x.inner.deep is defined %}{{ x.inner.deep.er }}{% endif %}{% endfor %}",
    "{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.length }}{% endfor %}",
    "{% for x in xs %}{% if loop.first %}f{% endif %}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for x in xs %}{% for y in xs %}{{ y.name }}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for a in pairs %}{% endfor %}{{ a }}",
    "{% macro m(x) %}<{{ x }}{{ a }}>{% endmacro %}{{ m(n) }}{{ m(a) }}",
    "{% macro m(x) %}{{ x }}{{ later(x) }}{% endmacro %}{% macro later(x) %}!{{ x }}{% endmacro %}{{ m(n) }}",
    "{% macro m(x, y) %}{% if y is defined %}{{ y }}{% endif %}{{ x }}{% endmacro %}{{ m(n) }}{{ m(n, a) }}",
    '{% from "lib" import twice, once as o %}{{ twice(a) }}{{ o(n) }}',
    'before {% include "part" %} after',
    "  {% if yes %}  \n  kept  \n  {% endif %}  \n\n tail \n",
    "{# a comment #}\n{% raw %}{{ raw }}{% endraw %} {{ a }}\n",
]
LIBRARY = {
    "lib": "{% macro once(x) %}[{{ x }}]{% endmacro %}{% macro twice(x) %}{{ once(x) }}{{ once(x) }}{% endmacro %}...",
    "part": "{{ a }}{% for x in xs %}{{ x.name }}{% endfor %}",
}


def spelled(filled: Filled) -> str:
    return MARKER.sub(lambda m: str(filled.prints[int(m[1])].value), filled.text)


@pytest.mark.parametrize("template", SAME)
def test_it_prints_what_jinja_prints(template: str) -> None:
    texts = {**LIBRARY, "t": template}
    jinja = Environment(
        loader=DictLoader(texts),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    expected = jinja.get_template("t").render(VALUES)
    if "map.items" not in template:  # Jinja finds the method there; a mapping of ours has keys alone
        assert spelled(fill("t", VALUES, texts)) == expected
    else:
        assert spelled(fill("t", VALUES, texts)) == "not the method"


@pytest.mark.parametrize(
    "template",
    [
        "{{ gone }}",
        "{{ map.gone }}",
        "{{ map.gone.more }}",
        "{% if gone %}{% endif %}",
        "{% if not gone %}{% endif %}",
        "{% for x in map.gone %}{% endfor %}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m() }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(gone) }}",
    ],
)
def test_it_stops_where_jinja_stops(template: str) -> None:
    with pytest.raises(UndefinedError):
        Environment(undefined=StrictUndefined).from_string(template).render(VALUES)
    with pytest.raises(SpecError) as caught:
        fill("t", VALUES, {"t": template})
    assert [finding.code for finding in caught.value.findings] == ["MG405"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ a.__class__ }}",
        "{{ a|upper }}",
        "{{ n + 1 }}",
        "{{ 'x' }}",
        "{{ xs[0] }}",
        "{% set x = n %}",
        "{{ a if yes }}",
        "{{ a.upper() }}",
        "{% macro m(x) %}{% endmacro %}{% if m(a) %}{% endif %}",
        "{% macro m(x) %}{% endmacro %}{{ m(m(a)) }}",
        "{% macro m(x) %}{% endmacro %}{{ m(a)|items }}",
        "{% macro m(x) %}{% endmacro %}{% for x in m(a) %}{% endfor %}",
        '{% from "gone" import m %}',
        '{% from "lib" import gone %}',
        "{% include a %}",
        "{{ once(a) }}",
        "{% macro m() %}{% endmacro %}{{ m(a) }}",
    ],
)
def test_a_template_computes_nothing_even_without_the_linter(template: str) -> None:
    with pytest.raises(SpecError) as caught:
        fill("t", VALUES, {**LIBRARY, "t": template})
    assert {finding.code for finding in caught.value.findings} == {"MG405"}


def test_the_line_inside_a_macro_of_another_file_is_named() -> None:
    texts = {"t": '\n{% from "m" import m %}\n{{ m(a) }}\n', "m": "{% macro m(x) %}\n\n{{ x.gone }}\n{% endmacro %}"}
    with pytest.raises(SpecError) as caught:
        fill("t", {"a": {}}, texts)
    assert "template m, line 3" in caught.value.findings[0].message
