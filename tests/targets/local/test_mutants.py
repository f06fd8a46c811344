"""Every small change of a plan.json is caught, or stands here with the reason why nobody can know it to be wrong."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mlopsgen.targets.local.judge.rules import of_plan
from mlopsgen.targets.local.judge.schema import SCHEMA, against, validator_of
from mlopsgen.targets.local.read import adapter, problems_of
from tests.golden_test.golden import compiled as example
from tests.targets.local.mutants import mutants, pointer
from tests.targets.local.rich import a_rich_project, compiled

pytestmark = pytest.mark.slow

# how:where → why it survives.
SURVIVE: Mapping[str, str] = {
    "bend:/name": "any name is a name",
    "bend:/description": "words for people",
    "bend:/owner": "words for people",
    "*:/tags/*": "tags are the user's own",
    "bend:/experiment": "any name is a name",
    "bend:/places/*": "any folder of the project will do",
    "bend:/parameters/*/description": "words for people",
    "*:/parameters/*/values/*": "other values may be allowed as well as these",
    "bend:/sources/*/path": "the data lies beside the spec, not in the bundle; `run` compares its digest",
    "bend:/sources/*/files/*": "the same",
    "delete:/sources/*/place/3": "a shorter place of the spec that holds the source too",
    "*:/sources/*/uri/text/**": "another address is an address",
    "*:/steps/*/params/**": "another value of a param is a value; only the script knows what it takes",
    "*:/steps/*/env/*": "variables are the user's own",
    "*:/steps/*/secrets/*": "a secret of another name is a secret; `run` looks whether it is there",
    "retype:/parameters/*/maximum": "null may become a bound: the default lies below",
    "retype:/steps/*/tune/stop_at": "null may become a score to stop at",
    "bend:/steps/*/tune/metric": "any name is a metric of a user's script",
    "*:/steps/*/tune/axes/*/choice/*": "another choice is a choice",
    "bend:/steps/*/argv/*/value/state": "any folder for state will do",
    "bend:/steps/*/argv/*": "a metric, or a module of a library, that a user may have called so",
    "double:/steps/*/argv/*": "a user's own word, that may stand twice",
    "delete:/steps/*/after/*": "nothing that is read says that this order was wanted",
    "bend:/deployments/*/model/model": "a model of another product, whose versions lie in the registry or will",
    "bend:/deployments/*/step/argv/*/value/live": "any folder of the project will do",
    "delete:/steps/*": "a step that nobody reads, and that a pipeline may be without",
}


def _judged(text: str, bundle: Path) -> Iterator[object]:
    """The judges in their order of speed; the plan is read once and no folder is written."""
    yield from problems_of(text)
    yield from of_plan(adapter().validate_json(text), text, bundle)
    yield from against(validator_of((bundle / SCHEMA).read_bytes()), text)


def _survivors(bundle: Path, share: float = 1.0) -> tuple[Counter[str], list[str]]:
    tried: Counter[str] = Counter()
    left = []
    chance = random.Random(7)
    for mutant in mutants(json.loads((bundle / "plan.json").read_bytes())):
        if chance.random() > share:
            continue
        tried[mutant.how] += 1
        if next(_judged(json.dumps(mutant.document, indent=2), bundle), None) is None:
            left.append(f"{mutant.how}:{pointer(mutant.path)}")
    return tried, left


def _unexplained(left: list[str]) -> list[str]:
    return [one for one in left if not any(_is_like(one, pattern) for pattern in SURVIVE)]


def _is_like(one: str, pattern: str) -> bool:
    """A star stands for one part of a path, two for all that follows."""
    spelled = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.fullmatch(spelled, one) is not None


def test_mutants_of_a_plan_that_has_everything_are_caught(tmp_path: Path) -> None:
    """Every key renamed, retyped and deleted, every text bent, every list entry deleted and doubled."""
    bundle = compiled(a_rich_project(tmp_path / "project"))[0]
    tried, left = _survivors(bundle)
    caught = 1 - len(left) / tried.total()
    assert tried.keys() == {"rename", "retype", "delete", "bend", "double"}
    assert caught >= 0.95, left
    assert _unexplained(left) == []
    # What only the examples have.
    elsewhere = {"retype:/parameters/*/maximum", "retype:/steps/*/tune/stop_at"}
    elsewhere |= {reason for reason in SURVIVE if "/deployments/" in reason}
    used = {pattern for pattern in SURVIVE if any(_is_like(one, pattern) for one in left)}
    assert SURVIVE.keys() - used <= elsewhere, "a reason that no survivor has"


@pytest.mark.parametrize("name", ["schedule-adherence", "diabetes", "wine"])
def test_mutants_of_an_example_are_caught(name: str, tmp_path: Path) -> None:
    """One in five of them, drawn with a fixed seed: the rich plan above holds the same kinds of things."""
    for path, content in example("local", name).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    tried, left = _survivors(tmp_path, share=0.2)
    assert 1 - len(left) / tried.total() >= 0.95, left
    assert _unexplained(left) == []
