"""Schedule expressions are read as EventBridge reads them."""

from __future__ import annotations

import pytest

from mlopsgen.targets.sagemaker.judge.clock import problems

GOOD = [
    "cron(0 10 * * ? *)",
    "cron(15 12 * * ? *)",
    "cron(0 18 ? * MON-FRI *)",
    "cron(0 8 1 * ? *)",
    "cron(0/15 * * * ? *)",
    "cron(0/10 * ? * MON-FRI *)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(0 9 ? * 2#1 *)",
    "cron(0 0 L * ? *)",
    "cron(0 0 L-3 * ? *)",
    "cron(0 0 LW * ? *)",
    "cron(0 0 3W * ? *)",
    "cron(15 10 ? * 6L 2026-2030)",
    "cron(0 12 ? JAN,MAR,6 SUN,tue 2026)",
    "cron(*/5 * * * ? *)",
    "cron(0 0 ? * FRI-MON *)",
    "cron(0 0 ? * L *)",
    "rate(1 minute)",
    "rate(5 minutes)",
    "rate(1 hour)",
    "rate(14 days)",
    "at(2026-12-31T23:59:59)",
]
BAD = [
    "",
    "0 10 * * ? *",
    "cron()",
    "cron(0 10 * * ?)",
    "cron(0 10 * * ? * *)",
    "cron(0 10 * * * *)",
    "cron(0 10 ? * ? *)",
    "cron(0 10 1 * MON *)",
    "cron(60 10 * * ? *)",
    "cron(-1 10 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 10 0 * ? *)",
    "cron(0 10 32 * ? *)",
    "cron(0 10 * 13 ? *)",
    "cron(0 10 ? * 0 *)",
    "cron(0 10 ? * 8 *)",
    "cron(0 10 ? * MONDAY *)",
    "cron(0 10 ? * 2#6 *)",
    "cron(0 10 ? * 3#1,6#3 *)",
    "cron(0 10 * * ? 1969)",
    "cron(0 10 * * ? 2200)",
    "cron(10-5 10 * * ? *)",
    "cron(0/0 10 * * ? *)",
    "cron(0/x 10 * * ? *)",
    "cron(? 10 * * ? *)",
    "cron(L 10 * * ? *)",
    "cron(0 10 ?,1 * ? *)",
    "cron(1,,2 10 * * ? *)",
    "cron(٣ 10 * * ? *)",
    "cron(0 10 * * ? *)\n",
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(0 days)",
    "rate(2 weeks)",
    "rate(1.5 hours)",
    "rate(5minutes)",
    "at(2026-02-30T00:00:00)",
    "at(2026-12-31)",
    "at(tomorrow)",
    "every(5 minutes)",
]


@pytest.mark.parametrize("expression", GOOD)
def test_good(expression: str) -> None:
    assert list(problems(expression, at=True)) == []


@pytest.mark.parametrize("expression", BAD)
def test_bad(expression: str) -> None:
    assert list(problems(expression, at=True))


def test_a_rule_knows_no_single_moment() -> None:
    assert list(problems("at(2026-12-31T23:59:59)", at=False))
