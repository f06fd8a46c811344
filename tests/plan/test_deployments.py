"""Batch deployments of a spec as services of the plan: no field is read and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from mlopsgen.plan.deployments import services
from mlopsgen.plan.services import Batch, Hours, RealTime, Rollout, Scaling, Service
from mlopsgen.plan.values import AppPath, ChampionUri, Flag, FromRegistry, InputDir, LiveUri, Setting, StateUri
from mlopsgen.spec.product import Spec
from mlopsgen.spec.values import RunFact, Text


def batch(**fields: Any) -> Batch:
    spec = {
        "apiVersion": "mlopsgen/v1",
        "name": "churn",
        "deployments": {"nightly": {"mode": "batch", "input": {"uri": "data/new/"}, **fields}},
    }
    (service,) = services(Spec.model_validate(spec))
    assert isinstance(service, Batch)
    return service


def flags(service: Service) -> dict[str, Any]:
    """Flag → what stands behind it."""
    found = {}
    for argument in service.job.argv:
        if isinstance(argument, Flag):
            found[argument.name] = argument.value.value if isinstance(argument.value, Setting) else argument.value
    return found


def test_what_a_spec_leaves_out_is_said_to_the_scorer() -> None:
    assert flags(batch()) == {
        "name": "nightly",
        "registry": ChampionUri("churn"),
        "input": LiveUri("data/new/"),
        "output": LiveUri("out/nightly/"),
        "format": "csv",
        "out-format": "csv",
        "write": "append",
        "mini-batch": 100,
        "on-bad-record": "fail",
        "run-id": RunFact("run.id"),
        "at": RunFact("run.scheduled_at"),
    }


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"serve": {"run": "predict.py"}}, {"predict": AppPath("predict.py")}),
        ({"input": {"uri": "s3://a/b/", "format": "parquet"}}, {"input": LiveUri("s3://a/b/"), "format": "parquet"}),
        ({"input": {"uri": "a/", "header": False, "columns": ["a", "b"]}}, {"header": False, "columns": '["a", "b"]'}),
        ({"input": {"uri": "a/", "partition": "date"}}, {"partition": "date"}),
        ({"output": {"uri": "b/", "format": "jsonl"}}, {"output": LiveUri("b/"), "out-format": "jsonl"}),
        ({"output": {"columns": ["id"]}}, {"out-columns": '["id"]'}),
        ({"output": {"header": False}}, {"out-header": False}),
        ({"output": {"partition": "date"}}, {"out-partition": "date"}),
        ({"output": {"write": "overwrite"}}, {"write": "overwrite"}),
        ({"mini_batch": {"size": "10Ki"}}, {"mini-batch-bytes": 10240}),
        ({"mini_batch": {"size": 7, "timeout": "500ms"}}, {"mini-batch": 7, "call-timeout": 0.5}),
        ({"mini_batch": {"retries": 2}}, {"call-retries": 2}),
        ({"workers": 4}, {"workers": 4}),
        ({"output": {"uri": Text(("s3://acme/", RunFact("run.id"), "/"))}}, {"state": StateUri("deployments/nightly")}),
        (
            {"output": {"partition": "date"}, "schedule": "0 3 * * *", "timezone": "Europe/Paris"},
            {"timezone": "Europe/Paris"},
        ),
        ({"on_bad_record": "dead-letter", "max_bad": 0.01}, {"on-bad-record": "dead-letter", "max-bad": 0.01}),
        ({"model": "other:3"}, {"registry": ChampionUri("other"), "version": "3"}),
        ({"model": "other@champion"}, {"registry": ChampionUri("other")}),
    ],
)  # fmt: skip
def test_each_field_reaches_the_scorer(fields: dict[str, Any], told: dict[str, Any]) -> None:
    found = flags(batch(**fields))
    assert {name: found[name] for name in told} == told


def test_what_every_job_may_have_is_the_jobs() -> None:
    service = batch(
        serve={"run": "p.py", "env": {"A": "1"}, "secrets": {"KEY": "key"}},
        resources={"cpu": 2},
        nodes=3,
        retries={"attempts": 2, "backoff": "1m"},
        timeout="4h",
        schedule="0 3 * * *",
        timezone="Europe/Paris",
    )
    job = service.job
    assert (job.env, [(s.variable, s.name) for s in job.secrets]) == ((("A", "1"),), [("KEY", "key")])
    assert (job.resources.cpu, job.resources.nodes, job.timeout) == (2, 3, 14400)
    assert job.retries is not None
    assert (job.retries.attempts, job.retries.backoff) == (2, 60)
    assert (service.cron, service.timezone) == ("0 3 * * *", "Europe/Paris")


LIVE = ("deployments", "live")


def live(**fields: Any) -> RealTime:
    spec = {"apiVersion": "mlopsgen/v1", "name": "churn", "deployments": {"live": {"mode": "real-time", **fields}}}
    (service,) = services(Spec.model_validate(spec))
    assert isinstance(service, RealTime)
    return service


def test_a_server_is_told_the_limits_of_one_request() -> None:
    service = live(requests={"timeout": "500ms", "max_bytes": "6Mi", "concurrent": 8}, serve={"run": "predict.py"})
    assert flags(service) == {
        "name": "live",
        "model": InputDir("model"),
        "predict": AppPath("predict.py"),
        "timeout": 0.5,
        "max-bytes": 6 * 2**20,
        "concurrent": 8,
    }
    assert service.job.inputs[0].source == FromRegistry("churn", "champion")


def test_replicas_follow_figures_in_the_units_of_the_plan() -> None:
    figures = {"latency": {"out": "200ms", "in": "50ms"}, "cpu": {"out": 0.7}}
    service = live(replicas={"min": 1, "max": 4}, scale_on={**figures, "cooldown": "2m"})
    at = (*LIVE, "scale_on")
    assert (service.low, service.high, service.cooldown) == (1, 4, 120)
    assert service.scaling == (
        Scaling(figure="cpu", out=0.7, back=None, origin=(*at, "cpu")),
        Scaling(figure="latency", out=0.2, back=0.05, origin=(*at, "latency")),
    )


def test_hours_and_rollouts_are_taken_apart() -> None:
    weekend = {"days": ["sat", "sun"], "hours": "22:00-06:00", "timezone": "Europe/Paris", "min": 0, "max": 1}
    canary = {"strategy": "canary", "steps": [0.1, 1.0], "bake": "10m", "before": "warm", "after": "smoke"}
    service = live(profiles={"weekend": weekend}, rollout=canary, start="manual", model="other:3", expose="public")
    assert service.hours == (
        Hours(
            name="weekend",
            days=("sat", "sun"),
            start="22:00",
            end="06:00",
            timezone="Europe/Paris",
            low=0,
            high=1,
            origin=(*LIVE, "profiles", "weekend"),
        ),
    )
    assert service.rollout == Rollout(
        strategy="canary",
        steps=(0.1, 1.0),
        bake=600,
        abort_on=(),
        before="warm",
        after="smoke",
        origin=(*LIVE, "rollout"),
    )
    assert (service.manual, service.model, service.version, service.public) == (True, "other", "3", True)


def test_queued_requests_say_where_answers_go_and_who_hears() -> None:
    service = live(**{"async": {"output": "s3://acme/answers/", "notify": {"error": "arn:aws:sns:eu-west-1:1:bad"}}})
    assert (service.answers, service.notified) == ("s3://acme/answers/", (None, "arn:aws:sns:eu-west-1:1:bad"))
