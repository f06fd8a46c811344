"""An IR document as components, executors, dags and tasks, however broken it may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlopsgen.targets.documents import Document, Path, dig, items
from mlopsgen.targets.ir.judge.folder import mapping

PORTS = ("parameters", "artifacts")


@dataclass(frozen=True, slots=True)
class Component:
    """One component, the root among them; its path in the file."""

    name: str
    path: Path
    data: dict[str, Any]

    @property
    def tasks(self) -> dict[str, Any]:
        """The tasks of its dag."""
        return mapping(dig(self.data, ("dag", "tasks")))

    def inputs(self, kind: str) -> dict[str, Any]:
        """Its declared inputs: `parameters` or `artifacts`."""
        return mapping(dig(self.data, ("inputDefinitions", kind)))

    def outputs(self, kind: str) -> dict[str, Any]:
        """Its declared outputs."""
        return mapping(dig(self.data, ("outputDefinitions", kind)))

    @property
    def executor(self) -> str | None:
        """The executor that runs it."""
        label = self.data.get("executorLabel")
        return label if isinstance(label, str) else None


@dataclass(frozen=True, slots=True)
class Task:
    """One task, the component that its dag belongs to, and the component that it runs."""

    name: str
    path: Path
    data: dict[str, Any]
    around: Component
    runs: Component | None

    def arguments(self, kind: str) -> dict[str, Any]:
        """What it gives to its component: `parameters` or `artifacts`."""
        return mapping(dig(self.data, ("inputs", kind)))

    def where(self, *path: str | int) -> Path:
        """The path in the file of something inside this task."""
        return (*self.path, *path)

    @property
    def waits(self) -> tuple[str, ...]:
        """dependentTasks, without what is no name."""
        return tuple(name for name in items(self.data.get("dependentTasks")) if isinstance(name, str))

    @property
    def trigger(self) -> dict[str, Any]:
        """Its triggerPolicy."""
        return mapping(self.data.get("triggerPolicy"))

    @property
    def iterator(self) -> dict[str, Any]:
        """Its parameterIterator or artifactIterator."""
        return mapping(self.data.get("parameterIterator") or self.data.get("artifactIterator"))

    def producers(self) -> Iterator[tuple[str, str, Path]]:
        """Every task that it reads an output or a final status of: kind of port, name, place."""
        for kind, key in (("artifacts", "taskOutputArtifact"), ("parameters", "taskOutputParameter")):
            for name, value in self.arguments(kind).items():
                producer = dig(value, (key, "producerTask"))
                if isinstance(producer, str):
                    yield kind, producer, self.where("inputs", kind, name, key, "producerTask")
        for name, value in self.arguments("parameters").items():
            producer = dig(value, ("taskFinalStatus", "producerTask"))
            if isinstance(producer, str):
                place = self.where("inputs", "parameters", name, "taskFinalStatus", "producerTask")
                yield "status", producer, place


@dataclass(frozen=True)
class Program:
    """A parsed IR document."""

    document: Document
    platform: Document | None = None
    """The document beside it in the same file, if there is one."""

    @cached_property
    def data(self) -> dict[str, Any]:
        """The top object, empty where the file holds something else."""
        return mapping(self.document.data)

    @cached_property
    def root(self) -> Component:
        """The component that the whole pipeline is."""
        return Component("root", ("root",), mapping(self.data.get("root")))

    @cached_property
    def components(self) -> Mapping[str, Component]:
        """Every component but the root, by name."""
        components = mapping(self.data.get("components"))
        return {name: Component(name, ("components", name), mapping(data)) for name, data in components.items()}

    @cached_property
    def executors(self) -> Mapping[str, dict[str, Any]]:
        """Every executor, by label."""
        executors = mapping(dig(self.data, ("deploymentSpec", "executors")))
        return {label: mapping(executor) for label, executor in executors.items()}

    @cached_property
    def dags(self) -> tuple[Component, ...]:
        """The root and every component that holds tasks."""
        return tuple(c for c in (self.root, *self.components.values()) if "dag" in c.data or c is self.root)

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Every task of every dag."""
        return tuple(task for dag in self.dags for task in self.inside(dag))

    def inside(self, dag: Component) -> Iterator[Task]:
        """The tasks of one dag."""
        for name, data in dag.tasks.items():
            named = dig(data, ("componentRef", "name"))
            runs = self.components.get(named) if isinstance(named, str) else None
            yield Task(name, (*dag.path, "dag", "tasks", name), mapping(data), dag, runs)

    def containers(self) -> Iterator[tuple[str, Path, dict[str, Any]]]:
        """Every container: the label of its executor, its place, itself."""
        for label, executor in self.executors.items():
            if isinstance(executor.get("container"), dict):
                yield label, ("deploymentSpec", "executors", label, "container"), executor["container"]

    def runners(self, label: str) -> Iterator[Component]:
        """The components that an executor runs."""
        return (c for c in self.components.values() if c.executor == label)


def programs(pipelines: tuple[Document, ...], platforms: tuple[Document, ...]) -> Iterator[Program]:
    """Every IR document with what stands beside it in its file."""
    for document in pipelines:
        yield Program(document, next((p for p in platforms if p.file == document.file), None))
