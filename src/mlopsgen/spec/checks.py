"""What no single field can know: one generator of findings for each section, and this list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.spec.checks_contract import check_contract
from mlopsgen.spec.checks_data import check_data
from mlopsgen.spec.checks_deployments import check_deployments
from mlopsgen.spec.checks_evaluation import check_evaluation
from mlopsgen.spec.checks_everywhere import check_everywhere
from mlopsgen.spec.checks_metrics import check_metrics
from mlopsgen.spec.checks_monitoring import check_monitoring
from mlopsgen.spec.checks_parameters import check_parameters
from mlopsgen.spec.checks_product import check_product
from mlopsgen.spec.checks_training import check_training
from mlopsgen.spec.checks_triggers import check_triggers
from mlopsgen.spec.checks_tuning import check_tuning
from mlopsgen.spec.product import Spec

CHECKS: tuple[Callable[[Spec], Iterator[Diagnostic]], ...] = (
    check_parameters,
    check_product,
    check_data,
    check_contract,
    check_training,
    check_tuning,
    check_evaluation,
    check_metrics,
    check_deployments,
    check_monitoring,
    check_triggers,
    check_everywhere,
)


def check(spec: Spec) -> Iterator[Diagnostic]:
    """Everything that is wrong with a spec whose every field is right, and what is worth knowing about it."""
    for section in CHECKS:
        yield from section(spec)
