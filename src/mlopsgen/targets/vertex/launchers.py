"""Jobs of Vertex AI that a pipeline starts: the launchers of google-cloud-pipeline-components, by their image.

Nothing of that package is needed to compile: a launcher is an image, a module, and a request as JSON with the
names of the API's messages in snake_case. Its source is github.com/kubeflow/pipelines, components/google-cloud,
google_cloud_pipeline_components/container/v1/<module>. It leaves out what is empty, 0 or false.
"""

from __future__ import annotations

from typing import Final

from mlopsgen.records import dataclass
from mlopsgen.targets.ir.parts import Command, Hole, Where, Word

IMAGE: Final = "gcr.io/ml-pipeline/google-cloud-pipeline-components:2.22.0"
"""The release that the launchers' arguments were read from."""
RESOURCES: Final = "gcp_resources"
"""The output parameter that says which job it was: the console links to it, and a retry finds it."""
ENTRY: Final = 4


@dataclass(frozen=True, slots=True)
class Launcher:
    """One kind of job: the launcher's module, and what it calls the job."""

    module: str
    type: str


CUSTOM_JOB: Final = Launcher("custom_job", "CustomJob")
TUNING_JOB: Final = Launcher("hyperparameter_tuning_job", "HyperparameterTuningJob")


def launch(launcher: Launcher, request: Word, project: str, region: str) -> Command:
    """The container that makes the job and waits for its end."""
    module = f"google_cloud_pipeline_components.container.v1.{launcher.module}.launcher"
    words: tuple[Word, ...] = (
        *(("python3",), ("-u",), ("-m",), (module,)),
        *(("--type",), (launcher.type,)),
        *(("--payload",), request),
        *(("--project",), (project,)),
        *(("--location",), (region,)),
        *(("--gcp_resources",), (Hole(Where.OUTPUT_FILE, RESOURCES),)),
    )
    return Command(image=IMAGE, words=words, entry=ENTRY)
