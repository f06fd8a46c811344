"""A rollout goes on from where it stands, and ends with the new version live or with the old one still."""

from __future__ import annotations

import pytest

from mlopsgen.runtime.problems import Failed, GateSaidNo
from mlopsgen.runtime.serving.rollout.engine import Rollout

from .rollouts import Cut, Platform, Times, order


def rolled(platform: Platform, version: str = "2", **more: object) -> None:
    Rollout(order(**more), version, platform, platform.times.clock()).run()  # type: ignore[arg-type]


@pytest.fixture
def platform() -> Platform:
    return Platform(Times(), live="1", running={"1"})


def words(platform: Platform) -> list[str]:
    return [said for _, said in platform.told]


def test_a_first_version_gets_all_requests_at_once() -> None:
    platform = Platform(Times())
    rolled(platform, "1")
    assert words(platform) == ["place 1", "route 1", "settle 1"]
    assert platform.times.at == 1000


def test_each_step_is_watched_for_its_bake(platform: Platform) -> None:
    rolled(platform)
    assert platform.told == [
        (1000, "place 2"), (1000, "route 0.1"), (1600, "route 0.5"), (2200, "route 1"), (2800, "settle 2"),
    ]  # fmt: skip
    assert platform.running == {"2"}


def test_a_bad_version_is_taken_back_and_says_why(platform: Platform) -> None:
    platform.values["errors"] = 0.2
    with pytest.raises(GateSaidNo, match=r"taken back.*20.00% of its requests failed, and `errors` allows 1.00%"):
        rolled(platform)
    assert words(platform) == ["place 2", "route 0.1", "withdraw"]
    assert (platform.live, platform.running) == ("1", {"1"})
    assert platform.times.at == 1300, "an alarm is read when its window is over"


def test_many_requests_say_it_before_the_window_is_over(platform: Platform) -> None:
    platform.values["errors"], platform.requests = 0.2, 100
    with pytest.raises(GateSaidNo):
        rolled(platform)
    assert platform.times.at == 1000


def test_a_version_that_no_request_has_reached_is_not_taken_for_a_good_one(platform: Platform) -> None:
    platform.values["errors"] = None
    with pytest.raises(GateSaidNo, match="nothing was measured of it in 1800 seconds"):
        rolled(platform)
    assert platform.live == "1"


def test_a_version_that_never_gets_ready_changes_nothing(platform: Platform) -> None:
    platform.broken = frozenset("2")
    with pytest.raises(Failed, match="never got ready, and nothing has changed: the container exits"):
        rolled(platform)
    assert (platform.live, platform.coming, platform.running) == ("1", None, {"1"})


def test_a_shadow_sees_copies_and_takes_over_when_all_was_well(platform: Platform) -> None:
    rolled(platform, strategy="shadow", steps=(0.2,))
    assert words(platform) == ["place 2", "mirror 0.2", "route 1", "settle 2"]


def test_a_version_that_is_live_stays_as_it_is(platform: Platform) -> None:
    rolled(platform, "1")
    assert words(platform) == []


def test_a_rollout_that_was_left_is_taken_back_before_another_begins(platform: Platform) -> None:
    platform.cut_at = 2
    with pytest.raises(Cut):
        rolled(platform, "2")
    platform.told.clear()
    rolled(platform, "3", strategy="all-at-once", steps=(1.0,))
    assert words(platform) == ["withdraw", "place 3", "route 1", "settle 3"]


@pytest.mark.parametrize("strategy", ["canary", "shadow"])
@pytest.mark.parametrize("call", range(1, 6))
def test_cut_off_after_any_call_it_is_taken_up_and_each_step_is_watched_once(strategy: str, call: int) -> None:
    times = Times()
    platform = Platform(times, live="1", running={"1"}, cut_at=call)
    steps = (0.2,) if strategy == "shadow" else (0.1, 0.5, 1.0)
    try:
        rolled(platform, strategy=strategy, steps=steps)
    except Cut:
        times.wait(120)
        rolled(platform, strategy=strategy, steps=steps)
    assert (platform.live, platform.coming, platform.running) == ("2", None, {"2"})
    watched = {said: at for at, said in platform.told if said.startswith(("route", "mirror"))}
    assert times.at <= 1000 + 600 * len(steps) + 120, "no step is watched anew"
    assert list(watched) == (
        ["mirror 0.2", "route 1"] if strategy == "shadow" else ["route 0.1", "route 0.5", "route 1"]
    )


@pytest.mark.parametrize("call", range(1, 5))
def test_cut_off_while_it_takes_a_version_back_it_is_never_live(platform: Platform, call: int) -> None:
    platform.values["errors"], platform.cut_at = 0.2, call
    for _ in range(3):
        try:
            rolled(platform)
        except (Cut, GateSaidNo):
            continue
    assert (platform.live, platform.coming, platform.running) == ("1", None, {"1"})
