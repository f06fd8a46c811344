"""Searches: which trials run, side by side, and whose model is handed on."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.diagnostics import SpecError
from mlopsgen.targets.local.execution.events import Note, TrialEnded
from mlopsgen.targets.local.execution.search import Bayesian, Tried, grid, points_of, search_for
from mlopsgen.targets.local.execution.summary import summary
from mlopsgen.targets.local.native import Axis, Choice, FromParameter, Interval, Refit, Tune
from tests.targets.local.bundles import Project, a_parameter, a_step

TRAIN = """
x = float(flags['x'])
mark(flags['x'])
if os.path.exists(os.environ['MARKS'] + '.fail') and x > 2:
    sys.exit('too large')
write('metrics', 'metrics.json', {'score': x})
write('model', 'm.txt', flags['x'])
"""


def a_search(*axes: Axis, **more: Any) -> Tune:
    facts: dict[str, Any] = {
        "metric": "score",
        "direction": "maximize",
        "strategy": "grid",
        "trials": 10,
        "parallel": 1,
        "axes": axes or (Choice("x", (1, 3, 2)),),
        "timeout": None,
        "max_failures": None,
        "stop_at": None,
        "seed": 0,
        "refit": None,
    }
    return Tune(**{**facts, **more})


def _tuned(project: Project, search: Tune, **more: Any) -> None:
    project.script("training.py", TRAIN)
    if not (project.bundle / "image" / "app" / "mlopsgen_runtime").exists():
        project.with_runtime()
    project.plan(
        a_step("training", writes={"model": "model", "metrics": "metrics"}, tune=search, kind="tune", **more),
        parameters={"many": a_parameter("integer", default=2)},
    )


def _model(outcome: Any) -> str:
    return str((outcome.steps[0].outputs["model"] / "m.txt").read_text())


def test_trials_that_say_the_same_are_heard_once(project: Project) -> None:
    _tuned(project, a_search(Choice("x", (1, 2, 3))))
    project.script("training.py", TRAIN + "\nprint('note: a column is not used')\n")
    project.run()
    noted = [event.text for event in project.events if isinstance(event, Note)]
    assert noted == ["  training: note: a column is not used"]


def test_the_best_trial_is_handed_on(project: Project) -> None:
    _tuned(project, a_search())
    outcome = project.run()
    assert outcome.status == "succeeded", outcome.steps[0].reason
    assert project.marks == ["1", "3", "2"]
    assert _model(outcome) == "3"
    assert outcome.steps[0].metrics == {"score": 3.0}
    assert outcome.steps[0].trials == 3
    _tuned(project, a_search(direction="minimize"))
    assert _model(project.run()) == "1"


def test_trials_run_side_by_side_but_no_more_than_asked(project: Project) -> None:
    _tuned(project, a_search(Choice("x", (1, 2, 3, 4)), parallel=2))
    body = (
        "t = time.time(); time.sleep(0.5); mark(f'{t} {time.time()}'); write('metrics', 'metrics.json', {'score': 1})"
    )
    project.script("training.py", body + "; write('model', 'm', 'x')")
    project.run()
    spans = [tuple(map(float, mark.split())) for mark in project.marks]
    at_once = [sum(1 for a, b in spans if a <= moment < b) for moment, _ in spans]
    assert max(at_once) == 2


def test_trials_may_be_a_run_parameter(project: Project) -> None:
    _tuned(project, a_search(trials=FromParameter("many")))
    project.run()
    assert project.marks == ["1", "3"]


def test_a_failed_trial_is_skipped_and_too_many_end_the_search(project: Project) -> None:
    (project.root / "marks.txt.fail").touch()
    _tuned(project, a_search(Choice("x", (1, 3, 4, 5, 2))))
    outcome = project.run()
    assert outcome.status == "succeeded"
    assert _model(outcome) == "2"
    failed = [event for event in project.events if isinstance(event, TrialEnded) and event.state == "failed"]
    assert [event.trial for event in failed] == [2, 3, 4]
    assert "too large" in failed[0].reason
    _tuned(project, a_search(Choice("x", (1, 3, 4, 5, 2)), max_failures=1))
    outcome = project.run()
    assert outcome.status == "failed"
    assert "2 trials failed" in outcome.steps[0].reason


def test_a_search_without_a_good_trial_fails_with_the_reason(project: Project) -> None:
    (project.root / "marks.txt.fail").touch()
    _tuned(project, a_search(Choice("x", (3, 4))))
    outcome = project.run()
    assert outcome.status == "failed"
    assert "no trial ended well" in outcome.steps[0].reason
    assert "too large" in outcome.steps[0].reason


def test_trials_that_would_all_fail_alike_are_not_all_tried(project: Project) -> None:
    """Each of eight trials of a script with an ImportError was tried."""
    _tuned(project, a_search(Choice("x", (1, 3, 4, 5, 2, 6, 7, 8)), metric="f1"))
    outcome = project.run()
    assert project.marks == ["1", "3", "4"]
    assert "no trial ended well: the first 3 failed alike, which ends a search; the last one" in outcome.steps[0].reason
    _tuned(project, a_search(Choice("x", (1, 3, 4, 5)), metric="f1", max_failures=8))
    assert "no trial ended well; the last one" in project.run().steps[0].reason


def test_a_trial_without_the_metric_counts_as_failed(project: Project) -> None:
    _tuned(project, a_search(metric="f1"))
    outcome = project.run()
    assert outcome.status == "failed"
    assert "its metrics.json holds no `f1`; it holds `score`" in outcome.steps[0].reason
    assert outcome.steps[0].place == ("steps", "training", "tuning", "metric")


def test_a_trial_whose_metric_is_nan_is_never_the_best_nor_shown_as_it(project: Project) -> None:
    _tuned(project, a_search(Choice("x", (9, 1, 2))))
    project.script(
        "training.py",
        "x = flags['x']; write('model', 'm.txt', x)\n"
        "os.makedirs(flags['metrics'], exist_ok=True)\n"
        "score = 'NaN' if x == '9' else x\n"
        """open(flags['metrics'] + '/metrics.json', 'w').write('{"score": %s, "all": {"f1": 1}}' % score)\n""",
    )
    outcome = project.run()
    assert _model(outcome) == "2"
    assert outcome.steps[0].best == "x=2"
    failed = next(event for event in project.events if isinstance(event, TrialEnded) and event.state == "failed")
    assert failed.reason == "its metric `score` is NaN"
    assert "score 2; all is an object, not a number: metrics.json is a flat object of numbers" in summary(outcome)


def test_a_search_ends_at_its_goal(project: Project) -> None:
    _tuned(project, a_search(Choice("x", (1, 2, 3, 4)), stop_at=2))
    project.run()
    assert project.marks == ["1", "2"]


def test_a_search_out_of_time_hands_on_the_best_so_far(project: Project) -> None:
    _tuned(project, a_search(Choice("x", (1, 2, 3)), timeout=2))
    project.script("training.py", TRAIN + "time.sleep(30 if x > 1 else 0)")
    outcome = project.run()
    assert outcome.status == "succeeded", outcome.steps[0].reason
    assert _model(outcome) == "1"
    assert outcome.seconds < 15


def test_an_unchanged_search_is_not_run_again_and_known_trials_neither(project: Project) -> None:
    _tuned(project, a_search())
    project.run()
    assert project.states(project.run()) == {"training": "cached"}
    _tuned(project, a_search(Choice("x", (1, 3, 2, 4))))
    outcome = project.run()
    assert project.states(outcome) == {"training": "ran"}
    assert project.marks == ["1", "3", "2", "4"]
    assert _model(outcome) == "4"


def test_refit_trains_once_more_on_both_data_sets(project: Project) -> None:
    body = (
        "rows = read('train', 'data.csv').split(); mark(f'{flags[\"x\"]} {len(rows) - 1}');"
        "write('metrics', 'metrics.json', {'score': float(flags['x'])}); write('model', 'm.txt', str(len(rows) - 1))"
    )
    project.script("training.py", body)
    project.script("make.py", "write('a', 'data.csv', 'v\\n1\\n2\\n'); write('b', 'data.csv', 'v\\n3\\n')")
    project.with_runtime()
    project.plan(
        a_step("make", writes={"a": "dataset", "b": "dataset"}),
        a_step(
            "training",
            reads={"train": "make.a", "validation": "make.b"},
            writes={"model": "model", "metrics": "metrics"},
            tune=a_search(Choice("x", (1, 2)), refit=Refit("train", "validation")),
            kind="tune",
        ),
    )
    outcome = project.run()
    assert outcome.status == "succeeded", outcome.steps[1].reason
    assert project.marks == ["1 2", "2 2", "2 3"]
    assert (outcome.steps[1].outputs["model"] / "m.txt").read_text() == "3"
    assert outcome.steps[1].metrics == {"score": 2.0}


def test_a_search_that_was_cut_off_repeats_no_trial(project: Project) -> None:
    _tuned(project, a_search(), cache=False)
    outcome = project.run()
    training = outcome.folder / "steps" / "training"
    (training / "done.json").unlink()
    (training / "trials" / "0002" / "done.json").unlink()
    run = outcome.folder / "run.json"
    run.write_text(json.dumps({**json.loads(run.read_text()), "status": "running"}))
    again = project.run()
    assert again.status == "succeeded"
    assert project.marks == ["1", "3", "2", "3"]


def test_a_grid_takes_every_combination() -> None:
    axes = (Choice("a", ("x", "y")), Interval("b", 1, 3, True, "linear", None))
    assert [tuple(p.values()) for p in grid(axes)] == [(a, b) for a in "xy" for b in (1, 2, 3)]


def test_the_points_of_an_interval_lie_evenly_on_its_scale() -> None:
    assert points_of(Interval("c", 0.0, 1.0, False, "linear", 3)) == [0.0, 0.5, 1.0]
    logs = points_of(Interval("c", 0.01, 100.0, False, "log", 3))
    assert [round(v, 9) for v in logs if isinstance(v, float)] == [0.01, 1.0, 100.0]
    assert points_of(Interval("c", 1, 4, True, "linear", 9)) == [1, 2, 3, 4]


def test_random_trials_stay_within_bounds_and_are_the_same_each_time() -> None:
    axes = (Interval("a", 0.001, 10.0, False, "log", None), Interval("b", 2, 5, True, "linear", None))
    search, again = (search_for(a_search(*axes, strategy="random", seed=3)) for _ in range(2))
    drawn = [search.propose((), ()) for _ in range(200)]
    assert drawn == [again.propose((), ()) for _ in range(200)]
    found = [p for p in drawn if p]
    assert all(0.001 <= p["a"] <= 10 and p["b"] in (2, 3, 4, 5) for p in found)  # type: ignore[operator]
    assert {p["b"] for p in found} == {2, 3, 4, 5}
    logs = [math.log10(p["a"]) for p in found]  # type: ignore[arg-type]
    assert 0.35 < sum(1 for v in logs if v < -1) / len(logs) < 0.65
    other = search_for(a_search(*axes, strategy="random", seed=4))
    assert drawn != [other.propose((), ()) for _ in range(200)]


def test_a_bayesian_search_learns_and_takes_every_kind_of_axis() -> None:
    axes = (
        Interval("a", 0.0, 1.0, False, "linear", None),
        Interval("b", 1, 64, True, "log", None),
        Choice("c", ("x", "y")),
    )
    search = Bayesian(a_search(*axes, strategy="bayesian"))
    tried: list[Tried] = []
    for _ in range(40):
        params = search.propose(tried, ())
        assert params is not None
        a = params["a"]
        assert isinstance(a, float)
        tried.append(Tried(params, None if len(tried) == 3 else -((a - 0.7) ** 2) - (params["c"] == "x")))
    late = [abs(one.params["a"] - 0.7) for one in tried[20:]]  # type: ignore[operator]
    assert sum(late) / len(late) < 0.2
    assert sum(one.params["c"] == "y" for one in tried[20:]) > 12
    assert search.propose(tried, ()) == search.propose(tried, ())
    assert search.propose(tried, ()) != search.propose(tried, [search.propose(tried, ()) or {}])


def test_searches_with_seeds_that_follow_one_another_share_no_trial() -> None:
    """Where seed and number were added up, trial 2 of one search was trial 1 of the next."""
    axis = Interval("x", 0.0, 1.0, False, "linear", None)
    tried = [Tried({"x": 0.1}, 1.0), Tried({"x": 0.2}, 2.0)]
    searches = [Bayesian(a_search(axis, strategy="bayesian", seed=seed)) for seed in range(3)]
    found = [search.propose(tried[:count], []) for search in searches for count in range(3)]
    assert len({proposed["x"] for proposed in found if proposed}) == 9


@pytest.mark.parametrize(("low", "high"), [(1, 3), (2, 12)])
def test_the_ends_of_a_range_of_integers_are_drawn_as_often_as_the_rest(low: int, high: int) -> None:
    from scipy.stats import chisquare

    search = search_for(a_search(Interval("x", low, high, True, "linear", None), strategy="random"))
    drawn = [(search.propose([], []) or {})["x"] for _ in range(4000)]
    counts = [drawn.count(value) for value in range(low, high + 1)]
    assert sum(counts) == 4000
    assert chisquare(counts).pvalue > 0.001


def test_integers_on_a_logarithmic_scale_are_drawn_by_what_lies_about_them() -> None:
    """As Optuna draws them: from half below the first to half above the last."""
    from scipy.stats import chisquare

    search = search_for(a_search(Interval("x", 1, 8, True, "log", None), strategy="random"))
    drawn = [(search.propose([], []) or {})["x"] for _ in range(4000)]
    shares = [math.log((value + 0.5) / (value - 0.5)) / math.log(8.5 / 0.5) for value in range(1, 9)]
    assert chisquare([drawn.count(value) for value in range(1, 9)], [4000 * share for share in shares]).pvalue > 0.001


def test_a_bayesian_search_runs_here(project: Project) -> None:
    axis = Interval("x", 0.0, 1.0, False, "linear", None)
    _tuned(project, a_search(axis, strategy="bayesian", trials=4, parallel=2))
    outcome = project.run()
    assert outcome.status == "succeeded", outcome.steps[0].reason
    assert len(project.marks) == 4
    best = max(map(float, project.marks))
    assert float(_model(outcome)) == best


def test_a_library_that_a_search_needs_is_asked_for_before_anything_starts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlopsgen.targets.local.execution.search.find_spec", lambda name: None)
    _tuned(project, a_search(Interval("x", 0.0, 1.0, False, "linear", None), strategy="bayesian"))
    with pytest.raises(SpecError) as stopped:
        project.run()
    (found,) = stopped.value.findings
    assert found.code == "MG604"
    assert "needs `optuna`" in found.message
    assert found.spec_path[-2:] == ("tuning", "strategy")
    assert found.hint is not None
    assert 'pip install "mlopsgen[runtime]"' in found.hint
    assert project.marks == []


def test_select_sees_what_the_trials_wrote(project: Project) -> None:
    _tuned(project, a_search())
    outcome = project.run()
    folder = Path(outcome.folder) / "steps" / "training"
    assert json.loads((folder / "trials" / "0002" / "params.json").read_text()) == {"x": 3}
    assert "0002: score 3 (best)" in (folder / "select" / "out.log").read_text()
