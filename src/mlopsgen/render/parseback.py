"""Proves that every printed value arrived whole: as one value or key, equal in content and type.

A filled template is parsed once with its markers, which gives each value's place, and once with
the real values, which must stand at just those places while all else stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, On, SpecError
from mlopsgen.render import structured, unparsed
from mlopsgen.render.fill import Filled, Templates, fill
from mlopsgen.render.job import Copy, FileJob, Job, format_of
from mlopsgen.render.pythoncode import python_file

_UNPARSED: Mapping[str, Callable[[Filled], str]] = {
    "dockerfile": unparsed.command_file,
    "shell": unparsed.command_file,
    "text": unparsed.text_file,
    "markdown": unparsed.markdown_file,
    "python": python_file,
}

_ELSE = "patch one of those, or change what the spec says"


def render(jobs: Iterable[Job], templates: Templates) -> Mapping[str, bytes]:
    """Every file's bytes by its path; all findings of all files at once."""
    files: dict[str, bytes] = {}
    findings: list[Diagnostic] = []
    for job in jobs:
        if job.path in files:
            findings.append(Diagnostic("MG409", f"two files would be written as `{job.path}`"))
        try:
            files[job.path] = job.content if isinstance(job, Copy) else _file(job, templates).encode()
        except SpecError as problem:
            findings.extend(problem.findings)
    if findings:
        raise SpecError(findings)
    return files


def _file(job: FileJob, templates: Templates) -> str:
    text = _text(job, templates)
    return text if text.endswith("\n") else text + "\n"


def _text(job: FileJob, templates: Templates, *, embedded: bool = False) -> str:
    kind = format_of(job.path)
    inner: dict[str, Any] = {name: _text(part, templates, embedded=True) for name, part in job.embed.items()}
    filled = fill(job.template, {**job.values, **inner}, templates)
    if kind == "json":
        text = structured.json_file(filled, job.patches, compact=embedded, longest=job.longest)
        return _fitting(text, job)
    if kind == "yaml":
        return structured.yaml_file(filled, job.patches)
    if job.patches:
        raise SpecError(
            Diagnostic("MG310", f"`{p.file}` cannot be patched: only JSON and YAML files can", p.origin, _ELSE)
            for p in job.patches
        )
    return _UNPARSED[kind](filled)


def _fitting(text: str, job: FileJob) -> str:
    if job.longest is None or len(text) <= job.longest:
        return text
    message = f"`{job.path}` would have {len(text):,} characters, and no more than {job.longest:,} are taken"
    raise SpecError([Diagnostic("MG306", message, ("steps",), "fewer steps, or shorter texts in them", on=On.KEY)])
