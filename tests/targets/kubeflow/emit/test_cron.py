"""Five fields in Kubeflow's six: the same times, by the rules of the parser that reads them."""

from __future__ import annotations

import pytest

from mlopsgen.targets.kubeflow.recurring_runs import six_fields


@pytest.mark.parametrize(
    ("line", "six"),
    [
        ("0 2 * * 1", "0 0 2 * * 1"),
        ("*/15 9-17 * * mon-fri", "0 */15 9-17 * * 1,2,3,4,5"),
        ("0 0 1 jan *", "0 0 0 1 1 *"),
        ("0 0 * * 7", "0 0 0 * * 0"),
        ("0 0 * * 0,7", "0 0 0 * * 0"),
        ("0 0 * * fri-sun", "0 0 0 * * 0,5,6"),
        ("0 0 * * 5-7", "0 0 0 * * 0,5,6"),
        ("0 0 13 * 5", "0 0 0 13 * 5"),
        ("0 0 * * */2", "0 0 0 * * 0,2,4,6"),
        ("0 0 * * 1/2", "0 0 0 * * 1,3,5"),
    ],
)
def test_seconds_come_first_and_sunday_is_nought(line: str, six: str) -> None:
    assert six_fields(line) == six
