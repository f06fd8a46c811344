"""A command as a node of a cluster starts it: by a shell, in the image, with folders mounted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .bundle import Emitted

HERE = Path(__file__).parent
APP = "/opt/app"


class JobFailed(Exception):
    """A command ended with an error."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The image, laid out in a folder: words that name its place in a container name that folder."""

    app: Path
    azure: Path
    image: Mapping[str, str]

    def run(self, run_id: str, root_id: str, command: str, env: Mapping[str, str], seconds: int) -> str:
        """Starts one command; gives what it printed."""
        own = {"AZUREML_RUN_ID": run_id, "AZUREML_ROOT_RUN_ID": root_id, "FAKE_AZURE": str(self.azure)}
        here = {"PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
        image = {name: self._here(value) for name, value in self.image.items()}
        done = subprocess.run(
            ("sh", "-c", self._here(command)),
            env={**here, **image, **own, **env},
            cwd=self.app,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        if done.returncode:
            raise JobFailed(f"{run_id} ended with {done.returncode}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def metrics(self, run_id: str) -> dict[str, float]:
        """What a run has logged."""
        path = self.azure / "metrics" / f"{run_id}.json"
        found: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def _here(self, text: str) -> str:
        return text.replace(APP, str(self.app))


def machine(bundle: Emitted, place: Path) -> Machine:
    """The built image, with stand-ins for what needs a cloud."""
    app = place / "app"
    shutil.copytree(bundle.folder / "image/app", app)
    adapters = app / "mlopsgen_runtime/platforms"
    (adapters / "azure_rest.py").unlink()
    # In the image the runtime has another name.
    fake = (HERE / "fake_azure.py").read_text().replace("mlopsgen.runtime", "mlopsgen_runtime")
    (adapters / "azure.py").write_text(fake)
    shutil.copyfile(HERE / "fake_mlflow.py", app / "mlflow.py")
    return Machine(app, place / "azure", bundle.environment)
