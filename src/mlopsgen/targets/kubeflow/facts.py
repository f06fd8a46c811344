"""What one plan comes to on Kubeflow, wherever its parts are lowered."""

from __future__ import annotations

from dataclasses import field

from mlopsgen.plan.steps import Plan
from mlopsgen.records import dataclass
from mlopsgen.targets.kubeflow.options import KubeflowOptions
from mlopsgen.targets.kubeflow.pods import Object
from mlopsgen.targets.kubeflow.storage import Storage


@dataclass(frozen=True, slots=True)
class Facts:
    """A plan, its block of the spec, and what both decide for all steps."""

    plan: Plan
    options: KubeflowOptions
    storage: Storage
    image_name: str
    objects: list[Object] = field(default_factory=list)
    """What steps make in the cluster."""

    @property
    def run_account(self) -> str:
        """The service account of runs."""
        return self.options.service_account or f"{self.plan.name}-run"

    @property
    def worker_account(self) -> str:
        """The service account of pods that steps make, which never speak to the cluster."""
        return self.options.service_account or f"{self.plan.name}-worker"
