"""Asks checkov about the Terraform of a bundle: `python checkov_outside.py FOLDER` prints one finding a line, as JSON.

It runs in an environment of its own, without the network. checkov's reader of Terraform's JSON breaks off at
`terraform.required_version`, so it gets the resources alone, each in a file that says which one it is.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BETWEEN = "--"
ACCEPTED = {
    "CKV_GCP_62": "logs of access need a bucket of the organisation's own, which a spec cannot name",
    "CKV_GCP_84": "a customer's key where the spec asks for one (governance.encryption); else Google's own",
}
"""Checks that are left out, each with its reason."""
OF_AGENTS = {"CKV_GCP_49": "Google's own account has the role of its service on every project"}
"""Those that are left out for such a grant alone."""


def main(folder: Path) -> None:
    """Every finding of every module."""
    os.environ.update(CHECKOV_EXPERIMENTAL_CROSS_VARIABLE_EDGES="False", LOG_LEVEL="CRITICAL")
    logging.disable()
    for place in sorted({path.parent for path in folder.rglob("*.tf.json")}):
        for finding in judge(place, folder):
            sys.stdout.write(json.dumps(finding) + "\n")


def judge(place: Path, folder: Path) -> Iterator[dict[str, str]]:
    """What checkov says of the files of one module."""
    with tempfile.TemporaryDirectory() as copied:
        homes = dict(_split(place, Path(copied)))
        report = _report(copied)
        for check in report.failed_checks:
            name = Path(check.file_path).name.removesuffix(".tf.json")
            by_nature = check.check_id in OF_AGENTS and _is_agents(Path(copied) / f"{name}.tf.json")
            if check.check_id not in ACCEPTED and not by_nature:
                kind, _, resource = name.partition(BETWEEN)
                file = homes[name].relative_to(folder).as_posix()
                message = f"checkov {check.check_id}: {check.check_name}"
                at = f"/resource/{kind}/{resource}"
                yield {"code": "MG441", "message": message, "file": file, "at": at, "hint": check.guideline or ""}
        for broken in report.parsing_errors:
            yield {"code": "MG441", "message": f"checkov cannot read {Path(broken).name}"}


def _split(place: Path, copied: Path) -> Iterator[tuple[str, Path]]:
    """One file for each resource; variables and local values in one beside them."""
    for path in sorted(place.glob("*.tf.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        rest = {key: value for key, value in data.items() if key in ("locals", "variable")}
        (copied / f"{path.name.removesuffix('.tf.json')}-values.tf.json").write_text(json.dumps(rest, indent=2))
        for kind, named in data.get("resource", {}).items():
            for name, body in named.items():
                known = f"{kind}{BETWEEN}{name}"
                whole = {"resource": {kind: {name: body}}}
                (copied / f"{known}.tf.json").write_text(json.dumps(whole, indent=2))
                yield known, path


def _is_agents(file: Path) -> bool:
    """Whether a resource gives an account of Google's the role of its service."""
    for named in json.loads(file.read_text(encoding="utf-8"))["resource"].values():
        for body in named.values():
            return str(body.get("role")).endswith(".serviceAgent") and "@gcp-sa-" in str(body.get("member"))
    return False


def _report(folder: str) -> Any:
    from checkov.runner_filter import RunnerFilter
    from checkov.terraform_json.runner import TerraformJsonRunner

    # It says what it thinks of the weather.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return TerraformJsonRunner().run(root_folder=folder, runner_filter=RunnerFilter(framework=["terraform_json"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
