"""What no single field can know: one generator of findings for each section.

A section that a spec does not have costs nothing: neither its models nor its checks are imported.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.spec.checks_contract import check_contract
from mlopsgen.spec.checks_data import check_data
from mlopsgen.spec.checks_everywhere import check_everywhere
from mlopsgen.spec.checks_metrics import check_metrics
from mlopsgen.spec.checks_parameters import check_parameters
from mlopsgen.spec.checks_product import check_product
from mlopsgen.spec.checks_training import check_training
from mlopsgen.spec.product import Spec


def check(spec: Spec) -> Iterator[Diagnostic]:
    """Everything that is wrong with a spec whose every field is right, and what is worth knowing about it."""
    yield from check_parameters(spec)
    yield from check_product(spec)
    yield from check_data(spec)
    yield from check_contract(spec)
    yield from check_training(spec)
    yield from check_metrics(spec)
    yield from check_everywhere(spec)
    yield from _judging(spec)
    yield from _running(spec)


def _judging(spec: Spec) -> Iterator[Diagnostic]:
    if spec.training and spec.training.tuning:
        from mlopsgen.spec.checks_tuning import check_tuning

        yield from check_tuning(spec.training, spec.training.tuning)
    if spec.evaluation:
        from mlopsgen.spec.checks_evaluation import check_evaluation

        yield from check_evaluation(spec, spec.evaluation)


def _running(spec: Spec) -> Iterator[Diagnostic]:
    if spec.deployments:
        from mlopsgen.spec.checks_deployments import check_deployments

        yield from check_deployments(spec)
    if spec.monitoring:
        from mlopsgen.spec.checks_monitoring import check_monitoring

        yield from check_monitoring(spec, spec.monitoring)
    if spec.triggers:
        from mlopsgen.spec.checks_triggers import check_triggers

        yield from check_triggers(spec)
