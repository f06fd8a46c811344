"""A text of a spec is the same text where it is read, or it is refused at its line: each platform's hops are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlopsgen.targets.sagemaker.names import as_tag
from tests.hops import aws, azure, fields, pipelines
from tests.hops.process import Started, recorders
from tests.hops.spec import OPTIONS, OTHER, Made, Place, Texts, around, made, words
from tests.hops.texts import MIXED, PIECES, PLAIN, TEXTS
from tests.wrong import lay

Hops: TypeAlias = Callable[[Mapping[str, bytes], Path], Iterator[tuple[str, Started]]]
HOPS: Mapping[str, Hops] = {
    "azureml": lambda files, root: azure.commands(files, recorders(root / "bin")),
    "kubeflow": lambda files, root: pipelines.kubeflow(files, recorders(root / "bin")),
    "sagemaker": aws.jobs,
    "vertex": lambda files, root: pipelines.vertex(files),
}
FIELDS: Mapping[str, Callable[[Mapping[str, bytes], Path], fields.Found]] = {
    "azureml": fields.azureml,
    "kubeflow": fields.kubeflow,
    "sagemaker": fields.sagemaker,
    "vertex": fields.vertex,
}
NODES = {"training": {"distributed": "torchrun", "resources": {"nodes": 2}, "tuning": None}}
LOOP = {"training": {"tuning": {"strategy": "random", "trials": 6, "parallel": None}}}
"""A search that a pipeline does by itself, where it can."""


def batches(texts: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Each target with as many texts as it takes: SageMaker has thirty axes, Vertex AI a hundred variables."""
    sizes = {target: 24 if target == "sagemaker" else 60 for target in OPTIONS}
    return [
        (target, tuple(texts[at : at + size])) for target, size in sizes.items() for at in range(0, len(texts), size)
    ]


def named(value: object) -> str:
    return value if isinstance(value, str) else "texts"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize(("target", "texts"), batches(TEXTS), ids=named)
def test_every_word_of_a_process_is_the_specs(target: str, texts: tuple[str, ...], project: Path) -> None:
    bundle = arrives(project, target, words(texts))
    refused = {place: one for place, one in bundle.refused.items() if place.kind in ("flag", "variable")}
    over = {place: finding for place, finding in refused.items() if words(texts)[place].value in PLAIN}
    assert not over, over


@pytest.mark.parametrize(("target", "texts"), batches(TEXTS[::5]), ids=named)
@pytest.mark.parametrize("more", [NODES, LOOP], ids=["nodes", "loop"])
def test_nodes_and_loops_get_the_same_words(
    target: str, texts: tuple[str, ...], more: Mapping[str, Any], project: Path
) -> None:
    arrives(project, target, _of(words(texts), more), more)


@pytest.mark.soak
@pytest.mark.parametrize(("target", "texts"), batches(TEXTS), ids=named)
@pytest.mark.parametrize("more", [NODES, LOOP], ids=["nodes", "loop"])
def test_nodes_and_loops_get_all_other_words_too(
    target: str, texts: tuple[str, ...], more: Mapping[str, Any], project: Path
) -> None:
    arrives(project, target, _of(words(texts), more), more)


def _of(texts: Texts, more: Mapping[str, Any]) -> Texts:
    return {place: one for place, one in texts.items() if more is LOOP or place.kind != "choice"}


GENERATED = st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=20, max_size=20)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("target", OPTIONS)
@settings(
    max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=QUIET
)
@given(texts=GENERATED)
def test_generated_words_arrive(target: str, texts: list[str], project: Path) -> None:
    arrives(project, target, words(texts))


@pytest.mark.soak
@pytest.mark.parametrize("target", OPTIONS)
@settings(max_examples=200, deadline=None, suppress_health_check=QUIET)
@given(texts=GENERATED)
def test_many_generated_words_arrive(target: str, texts: list[str], project: Path) -> None:
    arrives(project, target, words(texts))


@pytest.mark.parametrize("target", OPTIONS)
@pytest.mark.parametrize("text", MIXED, ids=ascii)
def test_what_a_product_is_said_to_be_arrives(target: str, text: str, project: Path) -> None:
    said(project, target, text)


@pytest.mark.soak
@pytest.mark.parametrize("target", OPTIONS)
@pytest.mark.parametrize("text", [text for text in TEXTS if text.strip()], ids=ascii)
def test_all_that_a_product_is_said_to_be_arrives(target: str, text: str, project: Path) -> None:
    said(project, target, text)


def said(project: Path, target: str, text: str) -> None:
    """Every field of a resource that holds the text holds this text: a description on one line, cut where it must."""
    bundle = made(project, target, around(text))
    kept = {place.name: one.value for place, one in bundle.kept.items()}
    for name, found in FIELDS[target](bundle.files, project):
        if name in kept:
            whole, there = ("".join(one.split()) for one in (kept[name], found))
            tag = "".join(as_tag(kept[name]).split())  # of an owner, AWS takes no more
            there = there.removesuffix("(Nottobedeployedasitis:itsimagehasnoserver.)")  # which a version says of itself
            cut = name == "description" and len(there) > 900 and whole.startswith(there)
            assert whole == there or cut or (target, name, there) == ("sagemaker", "owner", tag), name


def arrives(project: Path, target: str, texts: Texts, more: Mapping[str, Any] | None = None) -> Made:
    """The bundle in which every text that is kept arrives as it was written."""
    bundle = made(project, target, texts, more)
    processes = tuple(HOPS[target](bundle.files, project))
    wrong = [f"{place}: {one!r}" for place, one in different(bundle.kept, processes)]
    assert not wrong, "\n".join(wrong)
    return bundle


def different(texts: Texts, processes: Sequence[tuple[str, Started]]) -> Iterator[tuple[Place, tuple[str, object]]]:
    """Where something else arrives."""
    seen, retrained = set(), {"training", "training-trial"} <= {step for step, _ in processes}
    bare = [one.value for place, one in texts.items() if place.kind == "word"]
    for step, started in processes:
        if step == "bare" and started.argv[1:] != bare:
            yield Place("bare", "word", ""), (str(bare), started.argv)
        if not any(word.startswith("/opt/app/") and word.endswith(".py") for word in started.argv):
            continue  # a command of the runtime's own, such as one that picks the best trial
        for place, one in texts.items():
            if place.step != step.removesuffix("-trial").removesuffix("-node") or place.kind == "word":
                continue
            if place.kind == "choice" and not (step.endswith("-trial") or retrained):
                continue
            seen.add(place)
            arrived, allowed = _at(place, one.value, started)
            if arrived not in allowed:
                yield place, (one.value, arrived)
    assert seen == {place for place in texts if place.kind != "word"}


def _at(place: Place, text: str, started: Started) -> tuple[object, list[object]]:
    """What a process has at a place, and what it may have there."""
    if place.kind == "variable":
        return started.variables.get(place.name), [text]
    flag = f"--{place.name}="
    arrived = [word for word in started.argv if word.startswith(flag)]
    return arrived, [[f"{flag}{text}"], *([[f"{flag}{OTHER}"]] if place.kind == "choice" else [])]
