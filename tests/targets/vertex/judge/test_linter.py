"""Our linter of Vertex AI bundles: silent about what is right, and it sees what the other judges do not."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mlopsgen.targets.vertex.judge import judges, linter
from tests.targets.ir.judge.platform import PlatformLinter

from .faults import FAULTS, OWN


class TestLinter(PlatformLinter):
    target = "vertex"
    here = Path(__file__).parent
    rules = linter.RULES
    judges_ = judges()
    names: ClassVar = ["mlopsgen", "kfp", "aiplatform", "checkov"]
    own = OWN
    faults = FAULTS
    hidden: ClassVar = {
        "dangle-0-runtimeConfig-displayName-templateUri": "one request says nowhere else which version it is",
        "bucket-that-terraform-does-not-make": "Terraform that makes no bucket leaves it to one that is there already",
    }
    stranger_kinds: ClassVar = {"requests", "terraform"}
    cases: ClassVar = [
        ("pipeline.yaml", "outputArtifactKey: test", "outputArtifactKey: tset", "MG434", "test"),
        ("requests/schedule.json", '"TZ=Europe/Paris 0 2 * * 1"', '"TZ=Europe/Pari 0 2 * * 1"', "MG439", None),
        ("requests/pipeline-job.json", '"serviceAccount"', '"serviceAcount"', "MG430", "serviceAccount"),
        ("requests/tuning-job.json", '"MAXIMIZE"', '"MAXIMISE"', "MG433", "MAXIMIZE"),
        (
            "infra/main.tf.json",
            '"account_id": "schedule-adherence",',
            '"acount_id": "schedule-adherence",',
            "MG430",
            "account_id",
        ),
        ("infra/main.tf.json", '"roles/logging.logWriter"', '"roles/owner"', "MG442", None),
        (
            "infra/main.tf.json",
            '"bucket": "${google_storage_bucket.artifacts.name}"',
            '"bucket": "${google_storage_bucket.artefacts.name}"',
            "MG434",
            "google_storage_bucket.artifacts",
        ),
    ]
