"""An Azure Machine Learning bundle in memory, to be broken."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from tests.targets.judging import seeded
from tests.targets.judging.faults import Absent, Doc, Fault, Faults, at, drop, put, rename

__all__ = ["Absent", "Doc", "Fault", "Faults", "Seeded", "at", "drop", "leaves", "put", "rename"]


class Seeded(seeded.Seeded):
    """Documents by their schema, steps by their type."""

    def all(self, schema: str) -> list[tuple[str, Doc]]:
        """Every document that says it is of this schema, with its name, in order; of pipelines, the longest first."""
        found = [
            (name, doc)
            for name, doc in self.files.items()
            if isinstance(doc, dict) and f"/{schema}.schema.json" in str(doc.get("$schema"))
        ]
        if not found:
            raise Absent(schema)
        return sorted(found, key=lambda entry: -len(entry[1].get("jobs", ())))

    def one(self, schema: str, *path: str | int) -> Any:
        """The first document of a schema that has such a place, and what stands there."""
        for _, doc in self.all(schema):
            try:
                return at(doc, *path)
            except Absent:
                continue
        raise Absent(schema, path)

    @property
    def pipeline(self) -> Doc:
        found: Doc = self.one("pipelineJob")
        return found

    @property
    def jobs(self) -> dict[str, Doc]:
        found: dict[str, Doc] = at(self.pipeline, "jobs")
        return found

    def step(self, kind: str, *path: str | int) -> Doc:
        """The first step of a type that has such a place."""
        for step in self.jobs.values():
            try:
                at(step, *path)
            except Absent:
                continue
            if step.get("type", "command") == kind:
                return step
        raise Absent(kind, path)

    def any_step(self, *path: str | int) -> Doc:
        """The first step, of any type, that has such a place."""
        for step in self.jobs.values():
            try:
                at(step, *path)
            except Absent:
                continue
            return step
        raise Absent(path)

    def last(self) -> Doc:
        return list(self.jobs.values())[-1]

    def component_of(self, step: Doc) -> Doc:
        """The component that a step names by its file."""
        named = step.get("component", step.get("trial"))
        here = posixpath.dirname(self.all("pipelineJob")[0][0])
        if not isinstance(named, str) or named.startswith("azureml:"):
            raise Absent(named)
        found: Doc = at(self.files, posixpath.normpath(posixpath.join(here, named)))
        return found

    def binding(self, starts: str) -> tuple[Doc, str]:
        """The first input of a step that is bound to something which starts so."""
        for step in self.jobs.values():
            for key, value in step.get("inputs", {}).items():
                if isinstance(value, str) and value.startswith("${{" + starts):
                    return step["inputs"], key
        raise Absent(starts)

    @property
    def template(self) -> Doc:
        for doc in self.files.values():
            if isinstance(doc, dict) and "deploymentTemplate.json" in str(doc.get("$schema")):
                return doc
        raise Absent("deploymentTemplate")

    def resources(self) -> Iterator[Doc]:
        """Every resource of the template, with those of deployments inside it."""
        for resource in self.template.get("resources", []):
            yield resource
            yield from resource.get("properties", {}).get("template", {}).get("resources", [])

    def resource(self, kind: str, *path: str | int) -> Any:
        """The first resource of this type that has such a place."""
        for resource in self.resources():
            try:
                if resource.get("type") == kind:
                    return at(resource, *path)
            except Absent:
                continue
        raise Absent(kind, path)


def leaves(node: Any) -> Iterator[tuple[Any, Any, str]]:
    """Every text in a document, with what holds it and under which key."""
    entries: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        if isinstance(value, str):
            yield node, key, value
        else:
            yield from leaves(value)
