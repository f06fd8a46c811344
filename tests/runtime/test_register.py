from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.runtime.platforms.local import FileRegistry

from .conftest import Done, Run


def model(root: Path, text: str = "weights") -> None:
    for name, file, content in (
        ("model", "m.bin", text),
        ("metrics", "metrics.json", '{"accuracy": 0.9}'),
        ("figures", "roc.png", "png"),
        ("data", "data.csv", "x\n1\n"),
    ):
        (root / name).mkdir(exist_ok=True)
        (root / name / file).write_text(content)


def judged(root: Path, passed: bool, on_failure: str = "stop") -> None:
    (root / "gate").mkdir(exist_ok=True)
    verdict = {"passed": passed, "reasons": ["accuracy 0.7 is below 0.8"], "metrics": {}, "gates": {}}
    (root / "gate" / "gate.json").write_text(json.dumps({**verdict, "on_failure": on_failure}))


def register(run: Run, root: Path, *more: str) -> Done:
    ports = [f"--{name}={root / name}" for name in ("model", "metrics")]
    return run("register", f"--registry=file://{root}/registry", "--name=wine", *ports, *more)


def version(root: Path, number: int) -> Any:
    return json.loads((root / "registry" / "wine" / "versions" / str(number) / "version.json").read_text())


def champion(root: Path) -> Any:
    path = root / "registry" / "wine" / "champion.json"
    return json.loads(path.read_text()) if path.exists() else None


def test_a_version_is_registered_with_all_that_made_it(run: Run, tmp_path: Path) -> None:
    model(tmp_path)
    judged(tmp_path, True)
    (tmp_path / "card.json").write_text('{"intended_use": "tests"}')
    more = ("--version-of-data=2026-11", f"--data={tmp_path / 'data'}", "--code-digest=sha256:c", "--run=r-1")
    paths = (f"--gate={tmp_path / 'gate'}", f"--figure={tmp_path / 'figures'}", f"--card={tmp_path / 'card.json'}")
    done = register(run, tmp_path, *more, *paths, f"--out={tmp_path / 'out'}")
    assert (done.code, done.out) == (0, "wine version 1 is registered, and is the champion now\n")
    about = version(tmp_path, 1)
    assert (about["version"], about["model"], about["status"]) == (1, "wine", "approved")
    assert about["metrics"] == {"accuracy": 0.9}
    assert about["gate"]["passed"] is True
    assert about["card"] == {"intended_use": "tests"}
    lineage = about["lineage"]
    assert (lineage["data_version"], lineage["code_digest"], lineage["run"]) == ("2026-11", "sha256:c", "r-1")
    assert lineage["data_digest"].startswith("sha256:")
    folder = tmp_path / "registry" / "wine" / "versions" / "1"
    assert (folder / "model" / "m.bin").read_text() == "weights"
    assert (folder / "figures" / "roc.png").read_text() == "png"
    assert champion(tmp_path) == {"version": 1}
    assert json.loads((tmp_path / "out" / "version.json").read_text()) == about


def test_a_version_says_when_it_was_registered_and_which_rows_it_learned(run: Run, tmp_path: Path) -> None:
    """A champion of plain files could not be told from an older one, nor its training rows from others."""
    model(tmp_path)
    (tmp_path / "model" / "model.json").write_text('{"data_digest": "sha256:rows"}')
    began = datetime.now(UTC).replace(microsecond=0)
    register(run, tmp_path)
    about = version(tmp_path, 1)
    assert began <= datetime.fromisoformat(about["registered_at"]) <= datetime.now(UTC)
    assert about["registered_at"].endswith("Z")
    assert about["lineage"]["data_digest"] == "sha256:rows"
    # A booster's own file of that name says nothing of the kind.
    (tmp_path / "model" / "model.json").write_text('{"learner": {}}')
    register(run, tmp_path)
    assert version(tmp_path, 2)["lineage"]["data_digest"] is None
    register(run, tmp_path, f"--data={tmp_path / 'data'}")
    register(run, tmp_path, f"--data={tmp_path / 'data' / 'data.csv'}")
    digests = [version(tmp_path, number)["lineage"]["data_digest"] for number in (3, 4)]
    assert None not in digests
    assert digests[0] != digests[1]


def test_manual_approval_moves_no_champion(run: Run, tmp_path: Path) -> None:
    model(tmp_path)
    register(run, tmp_path)
    assert register(run, tmp_path, "--approval=manual").out == "wine version 2 is registered, and waits for approval\n"
    assert (version(tmp_path, 2)["status"], champion(tmp_path)) == ("pending", {"version": 1})


def test_a_broken_gate_registers_nothing_and_ends_as_the_spec_says(run: Run, tmp_path: Path) -> None:
    model(tmp_path)
    judged(tmp_path, False, "stop")
    done = register(run, tmp_path, f"--gate={tmp_path / 'gate'}")
    assert (done.code, done.out) == (0, "nothing is registered: accuracy 0.7 is below 0.8\n")
    judged(tmp_path, False, "fail")
    done = register(run, tmp_path, f"--gate={tmp_path / 'gate'}")
    assert (done.code, done.err) == (4, "mlopsgen: nothing is registered: accuracy 0.7 is below 0.8\n")
    assert not (tmp_path / "registry").exists()


def test_a_broken_gate_may_register_what_is_never_approved(run: Run, tmp_path: Path) -> None:
    model(tmp_path)
    judged(tmp_path, False, "register")
    assert register(run, tmp_path, f"--gate={tmp_path / 'gate'}").code == 0
    assert (version(tmp_path, 1)["status"], champion(tmp_path)) == ("rejected", None)


def test_a_version_that_cannot_be_written_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    model(tmp_path)
    done = register(run, tmp_path, f"--figure={tmp_path / 'nowhere'}")
    assert done.code == 1
    folder = tmp_path / "registry" / "wine"
    assert list((folder / "versions").iterdir()) == []
    assert [path.name for path in folder.iterdir() if path.name.startswith(".draft")] == []
    assert champion(tmp_path) is None


@pytest.mark.parametrize("name", ["../up", ".hidden", "a/b"])
def test_a_name_stays_inside_the_registry(run: Run, tmp_path: Path, name: str) -> None:
    model(tmp_path)
    done = run("register", f"--registry=file://{tmp_path}/registry", f"--name={name}", f"--model={tmp_path / 'model'}")
    assert (done.code, done.err) == (2, f"mlopsgen: `{name}` is not a model's name\n")


def test_writers_at_once_never_share_a_version(tmp_path: Path) -> None:
    model(tmp_path)
    program = (
        "import sys; from mlopsgen.runtime.cli import main\n"
        f"for n in range(10): main(['register', '--registry=file://{tmp_path}/registry', '--name=wine',"
        f" '--model={tmp_path}/model', f'--run={{sys.argv[1]}}-{{n}}'])"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, f"w{n}"], stdout=subprocess.PIPE, text=True) for n in range(3)
    ]
    lines = [line for writer in writers for line in writer.communicate(timeout=60)[0].splitlines()]
    assert sorted(int(line.split()[2]) for line in lines) == list(range(1, 31))
    registry = FileRegistry(tmp_path / "registry" / "wine")
    assert [entry.name for entry in registry.versions()] == [str(number) for number in range(1, 31)]
    assert champion(tmp_path) == {"version": 30}, (
        "the last to be registered is the champion, not the last to be written"
    )
    runs = [version(tmp_path, number)["lineage"]["run"].partition("-")[0] for number in range(1, 31)]
    assert [runs.count(name) for name in ("w0", "w1", "w2")] == [10, 10, 10]


def test_a_number_is_not_given_again_to_the_champions_successor(run: Run, tmp_path: Path) -> None:
    import shutil

    model(tmp_path)
    register(run, tmp_path)
    register(run, tmp_path)
    shutil.rmtree(tmp_path / "registry" / "wine" / "versions" / "2")
    assert register(run, tmp_path).out.startswith("wine version 3 is registered")


def test_a_registry_that_a_platform_writes_is_not_written_here(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    model(tmp_path)
    done = run("register", "--registry=sagemaker://eu-west-1", "--name=wine", f"--model={tmp_path / 'model'}")
    assert done.code == 2
    assert done.err == (
        "mlopsgen: a step of the platform registers versions at `sagemaker://eu-west-1`, not this command\n"
    )
    done = run("register", "--registry=ftp://x", "--name=wine", f"--model={tmp_path / 'model'}")
    assert "there is no registry at `ftp:`; known: " in done.err


FACTS = ("--version-of-data=2026-11", "--code-digest=sha256:c")


def test_the_same_model_code_and_data_are_registered_once(run: Run, tmp_path: Path) -> None:
    model(tmp_path)
    judged(tmp_path, True)
    gate = f"--gate={tmp_path / 'gate'}"
    register(run, tmp_path, *FACTS, gate, "--run=r-1")
    done = register(run, tmp_path, *FACTS, gate, "--run=r-2", f"--out={tmp_path / 'out'}")
    same = "nothing new is registered: wine version 1 is the same model, code and data, "
    assert (done.code, done.out) == (0, same + "the champion\n")
    assert json.loads((tmp_path / "out/version.json").read_text()) == version(tmp_path, 1)
    (tmp_path / "registry/wine/champion.json").unlink()
    assert register(run, tmp_path, *FACTS, gate, "--run=r-3").out.startswith(same + "which was approved before")
    about = tmp_path / "registry/wine/versions/1/version.json"
    for status, words in (("pending", "which waits for approval"), ("rejected", "which a person has rejected")):
        about.write_text(json.dumps({**json.loads(about.read_text()), "status": status}))
        assert register(run, tmp_path, *FACTS, gate, "--run=r-3", "--approval=manual").out.startswith(same + words)


@pytest.mark.parametrize("changed", ["model", "code", "data", "verdict", "approval"])
def test_what_is_not_the_same_is_a_version_of_its_own(run: Run, tmp_path: Path, changed: str) -> None:
    model(tmp_path)
    judged(tmp_path, changed != "verdict", "register")
    gate = f"--gate={tmp_path / 'gate'}"
    approval = f"--approval={'manual' if changed == 'approval' else 'automatic'}"
    register(run, tmp_path, *FACTS, gate, "--run=r-1", approval)
    facts = {"code": ("--version-of-data=2026-11", "--code-digest=sha256:d"), "data": ("--code-digest=sha256:c",)}
    if changed == "model":
        model(tmp_path, "other weights")
    judged(tmp_path, True)
    done = register(run, tmp_path, *facts.get(changed, FACTS), gate, "--run=r-2")
    assert done.out == "wine version 2 is registered, and is the champion now\n"


def test_a_run_that_was_cut_off_before_its_version_was_the_champion_adds_no_second_one(
    run: Run, tmp_path: Path
) -> None:
    model(tmp_path)
    register(run, tmp_path, *FACTS, "--run=r-1")
    (tmp_path / "registry/wine/champion.json").unlink()
    assert register(run, tmp_path, *FACTS, "--run=r-1").out.startswith("wine version 1 is registered")
    assert champion(tmp_path) == {"version": 1}
    assert not (tmp_path / "registry/wine/versions/2").exists()


def test_a_version_that_is_to_be_rolled_out_is_not_the_champion_yet(run: Run, tmp_path: Path) -> None:
    model(tmp_path)
    done = register(run, tmp_path, "--champion=rollout")
    assert done.out == "wine version 1 is registered, approved, and the champion once it has been rolled out\n"
    assert (version(tmp_path, 1)["status"], champion(tmp_path)) == ("approved", None)
