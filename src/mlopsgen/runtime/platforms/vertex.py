"""Vertex AI: the versions of one model in the Model Registry, by its REST interface.

vertex://REGION/PROJECT/MODEL[?store=gs://BUCKET/PREFIX]. A version's files lie in their own folder of the
store, so that they outlive the run: model/, figures/, and version.json, which is written last: a version
without it is none. The champion is the version with the alias `champion`.
"""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from ..files import write_json
from ..problems import Failed, Usage
from .api import Candidate, Version
from .google import LIBRARIES, UNHEARD, Bucket, GcsFolder, address, ask, bucket_and_key
from .local import fill_version

CHAMPION = "champion"
ABOUT = "version.json"
PATIENCE = 1800
"""Seconds that an upload may take."""
PAUSE = 5.0


class ModelRegistry:
    """The versions of one model."""

    def __init__(self, uri: str) -> None:
        place, _, query = uri.removeprefix("vertex://").partition("?")
        parts = [unquote(part) for part in place.split("/")]
        if len(parts) != 3 or not all(parts):
            raise Usage(f"`{uri}` must read vertex://REGION/PROJECT/MODEL")
        region, project, self.model = parts
        self.store = parse_qs(query).get("store", [""])[0]
        self.parent = f"projects/{project}/locations/{region}"
        self.name = f"{self.parent}/models/{self.model}"
        self.place = address("aiplatform", f"https://{region}-aiplatform.googleapis.com") + "/v1"

    def champion(self) -> Version | None:
        """The version that has the alias; None while there is none, or no model."""
        found = self._get(f"{self.name}@{CHAMPION}")
        return None if found is None else self._version(found)

    def versions(self) -> tuple[Version, ...]:
        """Every version that is complete, the oldest first."""
        found = sorted(self._listed(), key=lambda model: int(model.get("versionId", 0)))
        return tuple(version for version in map(self._maybe, found) if version is not None)

    def fetch_model(self, version: Version, into: Path) -> None:
        """Brings the version's model files."""
        found = self._get(f"{self.name}@{version.name}")
        source = found.get("artifactUri") if found else None
        if not source or not GcsFolder(source).get(into):
            raise Failed(f"version {version.name} of {self.model} has no model files")

    def register(self, new: Candidate) -> str:
        """Uploads the version's files, then the version with its evaluation; last of all the alias moves to it.

        Not where a newer version has it already: another run was quicker.
        """
        if not self.store:
            raise Usage("versions are added to vertex://REGION/PROJECT/MODEL?store=gs://BUCKET/PREFIX")
        name = self._registered_by(new.about["lineage"].get("run")) or self._add(new)
        if new.approved and self._in_use() <= int(name):
            self._call(f"{self.name}@{name}:mergeVersionAliases", {"versionAliases": [CHAMPION]}, "given its alias")
        return name

    def _in_use(self) -> int:
        """The number of the version that has the alias."""
        found = self._get(f"{self.name}@{CHAMPION}")
        return 0 if found is None else int(found["versionId"])

    def _registered_by(self, run: str | None) -> str | None:
        """The version that an earlier try of the same step has registered."""
        found = ((model, self._about(model)) for model in self._listed()) if run else ()
        return next((m["versionId"] for m, about in found if about and about["lineage"].get("run") == run), None)

    def _add(self, new: Candidate) -> str:
        home = f"{self.store.rstrip('/')}/{self.model}/{uuid.uuid4().hex}"
        with tempfile.TemporaryDirectory() as place:
            draft = Path(place) / "files"
            fill_version(draft, 0, new)
            (draft / ABOUT).unlink()
            GcsFolder(home).put(draft)
            name = self._upload({**new.settings.get("model", {}), "artifactUri": f"{home}/model"}, new.about)
            # The number is the service's: this file comes last, and makes the version whole.
            last = Path(place) / "last"
            write_json(last / ABOUT, {"version": int(name), **new.about})
            GcsFolder(home).put(last)
        self._evaluate(name, new.about)
        return name

    def _upload(self, model: Mapping[str, Any], about: Mapping[str, Any]) -> str:
        """The first version makes the model, under the id that everything else asks for; later ones join it."""
        body = {"model": {"displayName": self.model, **model, "versionDescription": _said(about)}}
        made = self._sent({"modelId": self.model, **body}, (409,)) if self._get(self.name) is None else None
        # 409: another run has made the model in the meantime.
        done = self._wait(made or self._sent({"parentModel": self.name, **body}))
        return str(done["modelVersionId"])

    def _sent(self, body: Mapping[str, Any], fine: tuple[int, ...] = ()) -> Mapping[str, Any] | None:
        """The operation of an upload; None where the answer is one of `fine`."""
        path = f"{self.parent}/models:upload"
        answer = self._ask("POST", path, "uploaded", fine=fine, again=UNHEARD, json=body)
        operation: Mapping[str, Any] | None = None if answer.status_code in fine else answer.json()
        return operation

    def _evaluate(self, name: str, about: Mapping[str, Any]) -> None:
        """The metrics beside the version, as far as the service's own schemas know them; all are in version.json."""
        found = _evaluation(about.get("metrics") or {})
        if found is None:
            return
        body = {"modelEvaluation": {**found, "metadata": _metadata(about)}}
        url = f"{self.place}/{self.name}@{name}/evaluations:import"
        answer = ask("POST", url, f"the evaluation of {self.model}", done="imported", fine=(400,), json=body)
        if answer.status_code == 400:
            print(f"the evaluation of version {name} is in {ABOUT} alone: {answer.text[:300]}", flush=True)

    def _wait(self, operation: Mapping[str, Any] | None) -> Mapping[str, Any]:
        assert operation is not None
        until = time.monotonic() + PATIENCE
        while not operation.get("done"):
            if time.monotonic() > until:
                raise Failed(f"the upload of {self.model} did not end within {PATIENCE} seconds")
            time.sleep(PAUSE)
            operation = self._ask("GET", operation["name"], "waited for").json()
        if "error" in operation:
            raise Failed(f"{self.model} cannot be uploaded: {operation['error'].get('message')}")
        done: Mapping[str, Any] = operation["response"]
        return done

    def _listed(self) -> Iterator[Mapping[str, Any]]:
        asked: dict[str, str] = {}
        while True:
            answer = self._ask("GET", f"{self.name}:listVersions", "read", fine=(404,), params=asked)
            page = {} if answer.status_code == 404 else answer.json()
            yield from page.get("models", ())
            if not page.get("nextPageToken"):
                return
            asked = {"pageToken": page["nextPageToken"]}

    def _get(self, name: str) -> Mapping[str, Any] | None:
        answer = self._ask("GET", name, "read", fine=(404,))
        found: Mapping[str, Any] | None = None if answer.status_code == 404 else answer.json()
        return found

    def _call(self, path: str, body: Mapping[str, Any], done: str) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._ask("POST", path, done, json=body).json()
        return answer

    def _ask(self, method: str, path: str, done: str, **more: Any) -> Any:
        return ask(method, f"{self.place}/{path}", f"the model {self.model}", done=done, **more)

    def _version(self, model: Mapping[str, Any]) -> Version:
        found = self._maybe(model)
        if found is None:
            raise Failed(f"version {model.get('versionId')} of {self.model} has no {ABOUT}, so it is not one of ours")
        return found

    def _maybe(self, model: Mapping[str, Any]) -> Version | None:
        about = self._about(model)
        return None if about is None else Version(str(model["versionId"]), about.get("metrics") or {})

    def _about(self, model: Mapping[str, Any]) -> Any:
        """What lies beside a version's files; None for one that is not complete, or not one of ours."""
        home = str(model.get("artifactUri", "")).rstrip("/").removesuffix("/model")
        if not home.startswith("gs://"):
            return None
        bucket, key = bucket_and_key(f"{home}/{ABOUT}")
        found = Bucket(bucket).get(key)
        return None if found is None else json.loads(found[0])


def _said(about: Mapping[str, Any]) -> str:
    """A version's description: how it stands, and what it comes from."""
    lineage = about.get("lineage") or {}
    parts = [_STATUS[about.get("status", "pending")], lineage.get("run"), lineage.get("data_version")]
    return "; ".join(str(part) for part in parts if part)


_STATUS = {
    "approved": "approved",
    "pending": "waits for approval",
    "rejected": "rejected: its gates did not hold",
}

_SCHEMAS = "gs://google-cloud-aiplatform/schema/modelevaluation"
_CLASSIFICATION = {"roc_auc": "auRoc", "average_precision": "auPrc", "log_loss": "logLoss"}
_REGRESSION = {
    "root_mean_squared_error": "rootMeanSquaredError",
    "rmse": "rootMeanSquaredError",
    "mean_absolute_error": "meanAbsoluteError",
    "mae": "meanAbsoluteError",
    "mean_absolute_percentage_error": "meanAbsolutePercentageError",
    "r2": "rSquared",
    "root_mean_squared_log_error": "rootMeanSquaredLogError",
}


def _evaluation(metrics: Mapping[str, float]) -> dict[str, Any] | None:
    """The metrics under the names of the service's schema of the task; None where it knows none of them."""
    for kind, table in (("regression", _REGRESSION), ("classification", _CLASSIFICATION)):
        found = {theirs: metrics[ours] for ours, theirs in table.items() if ours in metrics}
        if found:
            return {"metricsSchemaUri": f"{_SCHEMAS}/{kind}_metrics_1.0.0.yaml", "metrics": found}
    return None


def _metadata(about: Mapping[str, Any]) -> dict[str, Any]:
    lineage = about.get("lineage") or {}
    run = {"pipeline_job_id": lineage["run"]} if lineage.get("run") else {}
    return {**run, "metrics": dict(about.get("metrics") or {})}


def record_in_experiment(uri: str) -> None:
    """`vertex://REGION/PROJECT/EXPERIMENT?run=ID`: this run of a pipeline becomes one of the experiment's."""
    place, _, query = uri.removeprefix("vertex://").partition("?")
    parts, run = place.split("/"), parse_qs(query).get("run", [""])[0]
    if len(parts) != 3 or not all((*parts, run)):
        raise Usage(f"`{uri}` must read vertex://REGION/PROJECT/EXPERIMENT?run=ID")
    region, project, experiment = parts
    home = address("aiplatform", f"https://{region}-aiplatform.googleapis.com") + "/v1"
    contexts = f"projects/{project}/locations/{region}/metadataStores/default/contexts"
    what = f"the experiment {experiment}"
    if ask("GET", f"{home}/{contexts}/{experiment}", what, fine=(404,)).status_code == 404:
        body: dict[str, Any] = {"schemaTitle": "system.Experiment", "schemaVersion": "0.0.1", "displayName": experiment}
        body |= {"metadata": {"experiment_deleted": False}}
        named = {"contextId": experiment}
        ask("POST", f"{home}/{contexts}", what, done="made", fine=(409,), params=named, json=body)
    children = {"childContexts": [f"{contexts}/{run}"]}
    ask("POST", f"{home}/{contexts}/{experiment}:addContextChildren", what, done="added to", json=children)


REGISTRIES = {"vertex": ModelRegistry}
EXPERIMENTS = {"vertex": record_in_experiment}
REQUIREMENTS = {"vertex": LIBRARIES}
