"""What this target says it can do."""

from __future__ import annotations

from mlopsgen.plan.features import FEATURES
from mlopsgen.targets.api import How
from mlopsgen.targets.sagemaker import target


def test_every_feature_is_answered_and_no_other() -> None:
    assert set(target.support) == {feature.name for feature in FEATURES}


def test_every_answer_says_with_what_or_why_not() -> None:
    assert all(answer.with_what for answer in target.support.values())
    assert target.support["tuning.max_failures"].how is How.REFUSED
