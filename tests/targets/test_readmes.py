"""READMEs are pasted: every block works where it stands, in order, in the shells that people have.

The programs that they call stand in: each notes what it was called with and answers what the real one would.
One that asks a person takes in what is pasted behind it, as it would on a terminal.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.targets import names
from tests.projects import ROOT

TARGETS = tuple(name for name in names() if name != "local")
SHELLS = tuple(name for name in ("bash", "dash", "zsh") if shutil.which(name))
"""zsh is what macOS has, beside a bash of 2007."""
PROGRAMS = ("aws", "az", "gcloud", "docker", "kubectl", "terraform", "curl", "jq", "mlopsgen", "sleep")
END = ": the end of what was pasted"
STAND_IN = f"""\
#!/bin/sh
name=${{0##*/}}
line=$(printf '%s\\t%s' "$PWD" "$name"; for word; do printf '\\t%s' "$(printf %s "$word" | tr '\\n\\t' '  ')"; done)
printf '%s\\n' "$line" >> "$CALLS"
case "$FRESH:$name $*" in
yes:"curl "*-sG*schedules*) echo '{{}}'; exit 0 ;;
yes:*"container_registry"*) [ -e "$CALLS.asked" ] || {{ : > "$CALLS.asked"; exit 0; }} ;;
yes:"aws ecr describe-images"* | yes:"gcloud artifacts docker images describe"* | yes:"kubectl get configmap"*)
  [ -e "$CALLS.asked" ] || {{ : > "$CALLS.asked"; exit 1; }} ;;
esac
case "$name $*" in
*"access-token"*) echo token ;;
*"container_registry"*) echo /subscriptions/s/registries/acme ;;
*"account_name"*) echo acmestore ;;
*"container_name"*) echo blobs ;;
*"PendingManualApproval"*) echo arn:aws:sagemaker:eu-west-1:1:model-package/churn/2 ;;
*"role assignment list"*) printf 'one\\ntwo\\n' ;;
*"--query"*) echo an-answer ;;
*"get secret"*) printf a2V5 ;;
"curl "*schedules*) echo '{{"name": "projects/p/locations/l/schedules/123"}}' ;;
*"-d @-"*) cat > "$CALLS.body" ;;
*"password-stdin"* | *" -i "* | *"cp - "*) cat > /dev/null ;;
"terraform apply"* | "terraform destroy"* | *" login" | "gcloud ai models delete"*)
  case "$*" in *--quiet*) exit 0 ;; esac
  while IFS= read -r line; do
    [ "$line" = "{END}" ] && exit 0
    [ -z "$line" ] || echo "TAKEN IN by $name: $line" >&2
  done ;;
esac
exit 0
"""
SPEC = """\
apiVersion: mlopsgen/v1
name: churn
parameters:
  day: {type: string, default: today, description: The day that it learns up to}
  folds: {type: integer, default: 5, minimum: 2}
data: {source: data/churn.csv, label: churned, split: none}
training: {run: train.py, params: {folds: "${parameters.folds}", day: "${parameters.day}"}}
evaluation: {gates: {accuracy: {at_least: 0.8}}}
registry: {approval: manual}
triggers: {weekly: {start: training, schedule: "0 2 * * 1"}}
environments: {production: {}}
targets:
  sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}
  azureml:
    subscription: 00000000-1111-2222-3333-444444444444
    resource_group: acme-ml
    workspace: acme-ml
    region: westeurope
  vertex: {project: acme-ml, region: europe-west1, bucket: acme-ml-models}
  kubeflow: {namespace: ml, endpoint: "https://kubeflow.example.com", images: ghcr.io/acme, storage: "s3://acme-ml"}
"""
ASKING = re.sub(r"(?m)^triggers: .*\n", "", SPEC.replace("default: today, ", ""))
"""Each run has to give a value, so nothing starts one by itself."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a README's blocks did."""

    out: str
    err: str
    calls: tuple[tuple[str, ...], ...]
    """Folder, program and words of each."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A README beside its bundle, in a project."""

    bundle: Path

    @property
    def text(self) -> str:
        return (self.bundle / "README.md").read_text(encoding="utf-8")

    def blocks(self, *sections: str) -> list[str]:
        """What is to be pasted, of some sections or of all."""
        parts = re.split(r"(?m)^## ", self.text)
        kept = [part for part in parts if not sections or part.partition("\n")[0] in sections]
        return [block for part in kept for block in re.findall(r"(?ms)^```sh\n(.*?)^```", part)]

    def paste(self, shell: str, *sections: str, fresh: bool = False) -> Pasted:
        """With `fresh`, what a README asks for is not there until it has been made."""
        tools = self.bundle.parent.parent / "tools"
        calls = tools / "calls"
        calls.write_text("")
        text = "".join(f"{block}{END}\n" for block in self.blocks(*sections))
        env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls), "HOME": str(tools / "home")}
        env["FRESH"] = "yes" if fresh else "no"
        ended = subprocess.run(
            [shell], input=text + "echo whole\n", cwd=self.bundle, env=env, capture_output=True, text=True, check=False
        )
        noted = tuple(tuple(line.split("\t")) for line in calls.read_text().splitlines())
        return Pasted(ended.stdout, ended.stderr, noted)


def laid(folder: Path, target: str, env: str | None = None, *, spec: str = SPEC) -> Guide:
    """A bundle of the spec above where `mlopsgen compile` would put it, and the programs that it calls."""
    for path, text in {"spec.yaml": spec, "src/train.py": "pass\n", "data/churn.csv": "age,churned\n1,yes\n"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    bundle = folder / "build" / target
    files = compile_spec(CompileRequest(folder / "spec.yaml", spec.encode(), env), target).bundle.files
    for path, content in files.items():
        (bundle / path).parent.mkdir(parents=True, exist_ok=True)
        (bundle / path).write_bytes(content)
    return _with_programs(bundle)


def examples() -> Iterator[object]:
    for target in TARGETS:
        for folder in sorted((ROOT / "tests" / "golden" / target).iterdir()):
            yield pytest.param(target, folder.name, id=f"{folder.name}-{target}")


def example(folder: Path, target: str, name: str) -> Guide:
    """The expected bundle of an example, in a copy of the example."""
    shutil.copytree(ROOT / "examples" / name, folder, dirs_exist_ok=True)
    bundle = folder / "build" / target
    shutil.rmtree(folder / "build", ignore_errors=True)
    shutil.copytree(ROOT / "tests" / "golden" / target / name, bundle)
    return _with_programs(bundle)


def _with_programs(bundle: Path) -> Guide:
    tools = bundle.parent.parent / "tools"
    tools.mkdir()
    for program in PROGRAMS:
        (tools / program).write_text(STAND_IN)
        (tools / program).chmod(0o755)
    (tools / "kfp.py").write_text(KFP)
    (tools / "mlflow.py").write_text("class MlflowClient:\n    def set_registered_model_alias(self, *words): pass\n")
    (tools / "python3").write_text(f'#!/bin/sh\nPYTHONPATH="{tools}" exec "{sys.executable}" "$@"\n')
    (tools / "python3").chmod(0o755)
    return Guide(bundle)


KFP = '''
import os


class Answer:
    """Whatever is asked, there is one of it."""

    pipelines = property(lambda self: [self])
    pipeline_versions = property(lambda self: [self])
    recurring_runs = property(lambda self: [self])
    run_id = pipeline_id = pipeline_version_id = experiment_id = recurring_run_id = "1"


class Client:
    def __init__(self, *, host, namespace):
        assert host and namespace

    def __getattr__(self, name):
        def call(*words, **options):
            with open(os.environ["CALLS"], "a") as calls:
                print(os.getcwd(), "kfp", name, *words, options, sep="\\t", file=calls)
            return Answer()

        return call
'''


def files_named(call: tuple[str, ...]) -> Iterator[Path]:
    """The files that a command reads, as far as its words say so."""
    folder, program, *words = call
    for before, word in zip(["", *words], words, strict=False):
        if program != "jq" and (name := re.fullmatch(r"(?:[A-Za-z]+=)?@([^-].*)|file://(.+)", word)):
            yield Path(folder, name[1] or name[2])
        elif before in ("--file", "--template-file", "--upload-file", "--source") and not word.startswith("-"):
            yield Path(folder, word)
        elif program in ("aws", "gcloud") and before in ("cp", "--recursive") and "://" not in word and word != "-":
            yield Path(folder, word) if not word.startswith("-") else Path(folder)


def check(guide: Guide, pasted: Pasted) -> None:
    assert pasted.err == ""
    assert pasted.out.endswith("whole\n"), "a command took in what was pasted behind it"
    assert pasted.calls
    assert [path for call in pasted.calls for path in files_named(call) if not path.exists()] == []
    assert {call[1] for call in pasted.calls} <= {*PROGRAMS, "kfp"}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("target", "name"), list(examples()))
def test_a_readme_of_an_example_can_be_pasted_in_order(tmp_path: Path, target: str, name: str, shell: str) -> None:
    guide = example(tmp_path, target, name)
    check(guide, guide.paste(shell))
    assert sorted(p.name for p in guide.bundle.iterdir()) == sorted(
        p.name for p in (ROOT / "tests" / "golden" / target / name).iterdir()
    ), "what is no file of a bundle looks like an edit to the next compile"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("spec", [SPEC, ASKING], ids=["scheduled", "asking"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_readme_with_schedules_approval_and_values_that_have_to_be_given_can_be_pasted(
    tmp_path: Path, target: str, spec: str, shell: str
) -> None:
    guide = laid(tmp_path, target, spec=spec)
    check(guide, guide.paste(shell))


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_pasted_to_submit_takes_nothing_away(tmp_path: Path, target: str) -> None:
    """SageMaker's README deleted a stack between two deployments: for one that had failed."""
    calls = laid(tmp_path, target).paste("bash", "Submit").calls
    words = [" ".join(call[1:]) for call in calls]
    assert [said for said in words if re.search(r"\b(?:delete|destroy|rm|delete-stack|DELETE)\b", said)] == []


@pytest.mark.parametrize("spec", [SPEC, ASKING], ids=["scheduled", "asking"])
@pytest.mark.parametrize("target", TARGETS)
def test_what_is_pasted_to_submit_starts_one_run_and_pauses_no_schedule(tmp_path: Path, target: str, spec: str) -> None:
    calls = laid(tmp_path, target, spec=spec).paste("bash", "Submit").calls
    words = [" ".join(call[1:]) for call in calls]
    starts = r"start-pipeline-execution|ml job create|-d @\S* \S+/pipelineJobs$|kfp run_pipeline"
    assert len([said for said in words if re.search(starts, said)]) == 1
    assert [said for said in words if re.search("pause|disable|DISABLED", said)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_readme_says_what_a_run_may_be_given_and_what_it_is_by_default(tmp_path: Path, target: str) -> None:
    text = laid(tmp_path, target, spec=ASKING).text
    assert "\n- `day`: The day that it learns up to (a run has to give it)\n" in text
    assert re.search(r"\n- `folds`: by default 5\n", text)


PAUSES = {
    "sagemaker": "--parameter-overrides Schedules=DISABLED",
    "azureml": "az ml schedule disable --name churn-weekly",
    "vertex": ":pause",
    "kubeflow": "python3 submit.py pause",
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_readme_names_each_schedule_and_how_it_is_paused(tmp_path: Path, target: str) -> None:
    text = laid(tmp_path, target).text
    assert "churn-weekly" in text
    assert PAUSES[target] in text


@pytest.mark.parametrize("target", TARGETS)
def test_data_of_an_environment_is_found_from_its_bundle(tmp_path: Path, target: str) -> None:
    assert "\ncd ../..\n" in laid(tmp_path / "base", target).text
    production = laid(tmp_path / "production", target, "production").text
    assert "\ncd ../../..\n" in production
    assert "for its environment `production`" in production


@pytest.mark.parametrize("shell", SHELLS)
def test_other_values_of_a_run_edit_no_file_of_vertex_ai(tmp_path: Path, shell: str) -> None:
    """The README told to edit the request, and the next compile refused the bundle (MG407)."""
    guide = laid(tmp_path, "vertex", spec=ASKING)
    (block,) = [one for one in guide.blocks("Submit") if "jq" in one]
    assert 'VALUES=\'{"day": ""}\'' in block
    if (jq := shutil.which("jq")) is None:
        pytest.skip("jq is not installed")
    (tmp_path / "tools" / "jq").unlink()
    (tmp_path / "tools" / "jq").symlink_to(jq)
    request = guide.bundle / "requests" / "pipeline-job.json"
    compiled = request.read_bytes()
    (guide.bundle / "README.md").write_text(guide.text.replace('{"day": ""}', '{"day": "2026-03-01 x"}'))
    check(guide, guide.paste(shell, "Submit"))
    body = json.loads((tmp_path / "tools" / "calls.body").read_text())
    expected = json.loads(compiled)
    expected["runtimeConfig"]["parameterValues"]["day"] = "2026-03-01 x"
    assert body == expected
    assert request.read_bytes() == compiled


MAKES = {
    "sagemaker": (["docker buildx build"], "aws ecr describe-images"),
    "azureml": (["sleep 20"], "az ml workspace show"),
    "vertex": (["docker build", "docker push"], "gcloud artifacts docker images describe"),
    "kubeflow": (["kubectl apply -f kfp-launcher.yaml"], "kubectl get configmap kfp-launcher"),
}
"""What is done where something is not there yet, and the command that asks."""


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("target", TARGETS)
def test_what_is_not_there_yet_is_made_and_what_is_there_is_left(tmp_path: Path, target: str, shell: str) -> None:
    """Stand-ins that answer every question with yes walked one branch of each README."""
    own = 'storage: "s3://acme-ml", storage_endpoint: "http://minio.minio.svc:9000", storage_secret: {name: store}'
    guide = laid(tmp_path, target, spec=SPEC.replace('storage: "s3://acme-ml"', own))
    makes, asks = MAKES[target]
    for fresh in (True, False):
        pasted = guide.paste(shell, "Submit", fresh=fresh)
        check(guide, pasted)
        said = [" ".join(call[1:]) for call in pasted.calls]
        assert [one for one in said if one.startswith(asks)], "nobody asks whether it is there"
        made = [one for one in makes if [call for call in said if call.startswith(one)]]
        assert made == (makes if fresh else [])


@pytest.mark.parametrize("shell", SHELLS)
def test_a_schedule_of_vertex_ai_is_made_once_and_then_changed(tmp_path: Path, shell: str) -> None:
    guide = laid(tmp_path, "vertex")
    sections = ("Submit", "Pause the schedules", "Delete")
    said: dict[bool, list[str]] = {}
    for fresh in (True, False):
        pasted = guide.paste(shell, *sections, fresh=fresh)
        check(guide, pasted)
        said[fresh] = [" ".join(call[2:]) for call in pasted.calls if "schedules" in call[-1] and "-sG" not in call]
    written = [re.findall(r"-X (\w+) .*?(schedules\S*)$", one) for one in said[True]]
    assert [one for found in written for one in found] == [("POST", "schedules")]
    assert [one for found in said[False] for one in re.findall(r"-X (\w+) .*?(schedules\S*)$", found)] == [
        ("PATCH", "schedules/123?updateMask=cron,createPipelineJobRequest"),
        ("POST", "schedules/123:pause"),
        ("DELETE", "schedules/123"),
    ]


def test_vertex_ai_deletes_what_the_bucket_holds_before_terraform_deletes_the_bucket(tmp_path: Path) -> None:
    calls = laid(tmp_path, "vertex").paste("bash", "Submit", "Delete").calls
    order = [" ".join(call[1:4]) for call in calls if {"models", "rm", "destroy"} & {*call}]
    assert order == ["gcloud ai models", "gcloud storage rm", "terraform destroy"]


def test_kubeflows_script_starts_schedules_and_pauses_runs(tmp_path: Path) -> None:
    """Its Python could not be pasted into an interpreter, nor its second block run as a file."""
    guide = laid(tmp_path, "kubeflow")
    (exports,) = [one for one in guide.blocks() if "KFP_HOST" in one]
    words = 'run --no-wait --params {\\"folds\\":3}', "schedule", "pause", "resume", "unschedule"
    script = exports + "".join(f"python3 submit.py {one}\n" for one in words)
    (guide.bundle / "README.md").write_text(f"## Submit\n```sh\n{script}```\n")
    calls = guide.paste("bash").calls
    said = [call[2] for call in calls if call[1] == "kfp"]
    assert "run_pipeline" in said
    assert "wait_for_run_completion" not in said
    assert [one for one in said if one.endswith("recurring_run")] == [
        "delete_recurring_run",
        "create_recurring_run",
        "disable_recurring_run",
        "enable_recurring_run",
        "delete_recurring_run",
    ]
    (run,) = [call for call in calls if call[2] == "run_pipeline"]
    assert "'params': {'folds': 3}" in run[-1]


SCORED = """
deployments:
  nightly: {mode: batch, input: new/}
  latest: {mode: batch, input: more/, output: {write: overwrite}}
"""


@pytest.mark.parametrize("target", TARGETS)
def test_a_readme_says_where_predictions_lie_and_how_many_runs_are_kept(tmp_path: Path, target: str) -> None:
    text = laid(tmp_path, target, spec=SPEC + SCORED).text
    assert re.search(r"Predictions lie under [a-z0-9]+://\S+/churn/out/nightly/, in a folder `run=<id>/`", text)
    assert re.search(r"Predictions lie in [a-z0-9]+://\S+/churn/out/latest/, those of the last run alone", text)
