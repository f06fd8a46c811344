"""What a spec says reaches a script as it was said: every kind of value, and every way between steps."""

from __future__ import annotations

import pytest

from .executor.pipeline import Refused, Run
from .executor.world import World, submitted
from .rich import called, laid

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("rich")
    made = submitted(laid(folder), folder / "azure")
    secrets = made.machine.azure / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "warehouse").write_text("it's secret")
    return made


@pytest.fixture(scope="module")
def whole(world: World) -> Run:
    run = world.start(word='a "b" $c `d`; e', maybe=3, least=0.4)
    assert run.status == "Completed", run.reason
    return run


def test_values_arrive_as_they_were_said(whole: Run) -> None:
    found = called(whole.outputs["zone_table", "table"])
    said = found["said"]
    assert said["remark"] == 'two "words" $HOME `x` \\ ; # *'
    assert said["word"] == 'a "b" $c `d`; e'
    assert said["sizes"] == '[1, "two words"]'
    assert (said["flag"], said["empty"], said["maybe"]) == ("true", "", "3")
    assert found["env"] == {"MODE": 'a "b" $c', "PW": "it's secret"}


def test_a_trial_has_the_environment_of_its_step(whole: Run) -> None:
    found = called(whole.outputs["training", "metrics"])
    assert found["env"]["MODE"] == "it's one"
    assert found["said"]["depth"] == "4", "the best trial"
    assert found["said"]["deep"] == "true"


def test_the_best_trial_is_trained_again_on_all_rows(whole: Run) -> None:
    found = called(whole.outputs["training_refit", "model"])
    assert found["said"]["depth"] == "4"
    assert found["said"]["kind"] in ("a", "b c")
    assert found["said"]["deep"] == "true"
    assert "validation" not in found["said"]
    assert called(whole.outputs["evaluation", "metrics"])["said"]["model"] == str(
        whole.outputs["training_refit", "model"]
    )


def test_a_version_keeps_what_a_user_wrote(world: World, whole: Run) -> None:
    (version,) = world.versions("rich")
    assert version["description"] == 'It\'s [whole] "and" $HOME'
    assert version["card"] == {"limits": 'it\'s "small"'}
    assert version["lineage"]["run"] == whole.name


def test_the_exit_handler_knows_the_run(whole: Run) -> None:
    assert called(whole.outputs["tell", "note"])["said"]["run"] == whole.name


def test_a_step_behind_the_registry_runs_when_there_is_a_version(world: World, whole: Run) -> None:
    assert (whole.outputs["later", "page"] / "said.json").exists()
    stopped = world.start(word="x", least=0.9)
    assert stopped.status == "Completed", stopped.reason
    assert "skipped: there is no" in stopped.said["later"]
    assert len(world.versions("rich")) == 1


def test_what_reads_from_a_skipped_step_is_skipped(world: World, whole: Run) -> None:
    run = world.start(word="x", go="false")
    assert run.status == "Completed", run.reason
    assert "skipped: `when` is false" in run.said["zone_table"]
    assert "skipped: `when` is false" in run.said["look"]
    assert "maybe" not in called(world.start(word="y").outputs["zone_table", "table"])["said"]


def test_a_run_has_to_give_what_has_no_default(world: World) -> None:
    run = world.start()
    assert run.status == "Failed"
    assert "`word` has no value" in run.reason
    with pytest.raises(Refused, match="out of bounds"):
        world.start(word="x", least=2)
