"""MLflow: runs with their params, metrics and files, and the versions of a registered model.

Where the server is, and who asks, is said in MLflow's own variables (MLFLOW_TRACKING_URI,
MLFLOW_EXPERIMENT_NAME, MLFLOW_TRACKING_TOKEN and so on), which scripts with MLflow in them read too.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..files import copy_folder
from ..problems import Failed, Usage
from .api import Candidate, Version

CHAMPION = "champion"
"""The alias of the version in use."""

_PREFIX = "mlopsgen."
_LONGEST = 6000
_BATCH = 100
# MLflow's client would go on asking a server that is gone for an hour, prints among our metrics, and tells its makers.
_CALMER = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


def calm() -> None:
    """Before MLflow is imported: it tells its makers nothing, and prints nothing among our lines."""
    for name, value in _CALMER.items():
        os.environ.setdefault(name, value)


def _client(uri: str) -> Any:
    """A client of MLflow, which is imported only where it is used."""
    calm()
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=os.environ.get("MLFLOW_REGISTRY_URI") or uri)


class Told:
    """Turns an error of MLflow into one line that says what was being done."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from mlflow.exceptions import MlflowException

        # Of files its client tells in errors of requests, which are OSErrors.
        if isinstance(error, MlflowException | OSError):
            raise Failed(f"{self.what}: {str(error).splitlines()[0]}") from None


class Runs:
    """`mlflow:`, or `mlflow:TRACKING-URI`: each step is a run of the experiment.

    A run that the platform has started already (MLFLOW_RUN_ID) is used, and left for the platform to end.
    """

    def __init__(self, uri: str, step: str, run: str | None) -> None:
        self.uri = uri.removeprefix("mlflow:") or os.environ.get("MLFLOW_TRACKING_URI", "")
        if not self.uri:
            raise Usage("MLFLOW_TRACKING_URI is not set")
        self.tags = {f"{_PREFIX}step": step} | ({f"{_PREFIX}run": run} if run else {})
        self.step = step
        self.outer = os.environ.get("MLFLOW_RUN_ID")
        self.client = _client(self.uri)
        self.id = self.outer or ""

    def start(self) -> Mapping[str, str]:
        """Starts the run; a script that uses MLflow itself finds it in these variables."""
        if not self.outer:
            with Told(f"a run cannot be started at {self.uri}"):
                self.id = self.client.create_run(self._experiment(), run_name=self.step, tags=self.tags).info.run_id
        return {"MLFLOW_TRACKING_URI": self.uri, "MLFLOW_RUN_ID": self.id}

    def params(self, values: Mapping[str, str]) -> None:
        """Records what the step was told."""
        from mlflow.entities import Param

        with Told("params"):
            for part in _parts([Param(_key(name), value[:_LONGEST]) for name, value in values.items()]):
                self.client.log_batch(self.id, params=part)

    def metrics(self, values: Mapping[str, float]) -> None:
        """Records the numbers that the step wrote."""
        with Told("metrics"):
            _log_metrics(self.client, self.id, values)

    def files(self, folder: Path, under: str) -> None:
        """Records pictures and reports."""
        with Told(f"files of {under}"):
            self.client.log_artifacts(self.id, str(folder), under)

    def end(self, *, good: bool) -> None:
        """Says how the step ended."""
        if not self.outer:
            with Told("the end of the run"):
                self.client.set_terminated(self.id, "FINISHED" if good else "FAILED")

    def _experiment(self) -> str:
        return os.environ.get("MLFLOW_EXPERIMENT_ID") or _experiment(self.client)


def _experiment(client: Any, default: str = "Default") -> str:
    """The experiment's id; steps that start at the same time may both want to make it."""
    from mlflow.exceptions import MlflowException

    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or default
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            return str(client.create_experiment(name))
        except MlflowException:
            experiment = client.get_experiment_by_name(name)
            if experiment is None:
                raise
    return str(experiment.experiment_id)


def _log_metrics(client: Any, run: str, values: Mapping[str, float]) -> None:
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    for part in _parts([Metric(_key(name), value, now, 0) for name, value in values.items()]):
        client.log_batch(run, metrics=part)


def _key(name: str) -> str:
    """A name as MLflow takes it."""
    return re.sub(r"[^\w .:/-]", "_", name)[:250]


def _parts(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


class Models:
    """`mlflow://HOST/MODEL` (by https), or `mlflow:TRACKING-URI/MODEL`: the versions of a registered model.

    The champion is the version with the alias `champion`.
    """

    def __init__(self, uri: str) -> None:
        place, _, model = uri.removeprefix("mlflow:").rpartition("/")
        if place.startswith("//"):
            place = f"https:{place}"
        self.uri = place.rstrip("/") if place not in ("", "/") else os.environ.get("MLFLOW_TRACKING_URI", "")
        self.model = unquote(model)
        if not self.uri or not self.model:
            raise Usage(f"`{uri}` must read mlflow://HOST/MODEL or mlflow:TRACKING-URI/MODEL")
        self.client = _client(self.uri)

    def champion(self) -> Version | None:
        """The version with the alias."""
        about = self._registered()
        number = dict(about.aliases).get(CHAMPION) if about else None
        if number is None:
            return None
        with Told(f"version {number} of `{self.model}` cannot be read"):
            return self._version(self.client.get_model_version(self.model, str(number)))

    def versions(self) -> tuple[Version, ...]:
        """Every version that is whole, the oldest first."""
        with Told(f"the versions of `{self.model}` cannot be read"):
            return tuple(map(self._version, self._ready()))

    def fetch_model(self, version: Version, into: Path) -> None:
        """Downloads the version's files."""
        from mlflow.artifacts import download_artifacts

        with Told(f"version {version.name} of `{self.model}` cannot be fetched"), tempfile.TemporaryDirectory() as here:
            source = self.client.get_model_version_download_uri(self.model, version.name)
            folder = download_artifacts(artifact_uri=source, dst_path=here, tracking_uri=self.uri)
            copy_folder(Path(folder), into)

    def register(self, new: Candidate) -> str:
        """A run with the files, then a version that points to it, then the alias; a run registers once."""
        with Told(f"`{self.model}` cannot be registered at {self.uri}"):
            number = self._registered_by(new.about["lineage"].get("run")) or self._add(new)
            if new.approved:
                self.client.set_registered_model_alias(self.model, CHAMPION, number)
        return number

    def abouts(self) -> Iterator[Mapping[str, Any]]:
        """What the tags of every version say."""
        with Told(f"the versions of `{self.model}` cannot be read"):
            for version in self._ready():
                tags = {key.removeprefix(_PREFIX): value for key, value in version.tags.items()}
                gate = {"passed": tags["gate"] == "passed"} if "gate" in tags else {}
                yield {**tags, "version": version.version, "gate": gate, "lineage": tags}

    def _registered(self) -> Any | None:
        from mlflow.exceptions import MlflowException

        with Told(f"the registered model `{self.model}` cannot be read"):
            try:
                return self.client.get_registered_model(self.model)
            except MlflowException as error:
                if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                    return None
                raise

    def _ready(self) -> list[Any]:
        versions: list[Any] = []
        token = None
        while True:
            page = self.client.search_model_versions(f"name='{self.model}'", max_results=200, page_token=token)
            versions += [version for version in page if version.status == "READY"]
            token = page.token
            if not token:
                return sorted(versions, key=lambda version: int(version.version))

    def _registered_by(self, run: str | None) -> str | None:
        """The version that an earlier try of the same step has registered."""
        mine = (v for v in self._ready() if run and v.tags.get(f"{_PREFIX}run") == run)
        return next((str(version.version) for version in mine), None)

    def _add(self, new: Candidate) -> str:
        run = self.client.create_run(_experiment(self.client, self.model), run_name=f"register {self.model}")
        self.client.log_artifacts(run.info.run_id, str(new.model), "model")
        for figures in new.figures:
            self.client.log_artifacts(run.info.run_id, str(figures), f"figures/{figures.name}")
        self.client.log_dict(run.info.run_id, dict(new.about), "version.json")
        _log_metrics(self.client, run.info.run_id, new.about["metrics"])
        self.client.set_terminated(run.info.run_id, "FINISHED")
        if self._registered() is None:
            self.client.create_registered_model(self.model)
        version = self.client.create_model_version(
            self.model,
            source=f"{run.info.artifact_uri}/model",
            run_id=run.info.run_id,
            tags=_tags(new.about),
            description=str(new.about["card"].get("intended_use") or ""),
        )
        return str(version.version)

    def _version(self, about: Any) -> Version:
        metrics = self.client.get_run(about.run_id).data.metrics if about.run_id else {}
        return Version(str(about.version), dict(metrics))


def _tags(about: Mapping[str, Any]) -> dict[str, str]:
    """What a person looks for in a registry, each as a tag of its own; version.json has all of it."""
    facts = {name: about.get(name) for name in ("status", "approval", "model_digest")} | dict(about["lineage"])
    if "passed" in about["gate"]:
        facts["gate"] = "passed" if about["gate"]["passed"] else "; ".join(about["gate"].get("reasons", ()))
    return {f"{_PREFIX}{name}": str(value)[:_LONGEST] for name, value in facts.items() if value}


TRACKERS = {"mlflow": Runs}
REGISTRIES = {"mlflow": Models}
REQUIREMENTS = {"mlflow": ("mlflow-skinny>=2.9",)}
