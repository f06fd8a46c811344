"""The user's code as it enters the image: which files of a folder, and what may not be among them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mlopsgen.credentials.pasted import PRAGMA, pasted
from mlopsgen.diagnostics import Diagnostic, Severity, Span, SpecError, SpecPath
from mlopsgen.paths import unsafe
from mlopsgen.plan.files import Files, spelled
from mlopsgen.plan.ignored import Ignored

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "venv", "env", "build", "dist"})
SKIPPED_ENDINGS = (".pyc", ".pyo", ".egg-info", ".ipynb_checkpoints")

LARGEST = 100_000_000
"""Bytes of one file; repositories take none that is larger."""
MOST = 500_000_000
"""Bytes of all files together: each is held in memory, and written once for each target."""

_OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
_SPEC = re.compile(rb"^apiVersion:\s*[\"']?mlopsgen/", re.MULTILINE)
_WHERE = "image/app"


def code_files(
    files: Files, path: str, ignore: Iterable[str], leave_out: Iterable[str], spec_path: SpecPath
) -> tuple[tuple[str, bytes], ...]:
    """The user's code as it enters the image: name under the application folder → content, sorted.

    Hidden files, caches, environments, bundles and other specs never enter it; neither does what a .gitignore or
    `code.ignore` names, nor `leave_out` (the spec, its lock, local data), all relative to the spec's folder.
    """
    out = {posixpath.normpath(one) for one in leave_out}
    ignored = Ignored(files.root, ignore)

    def left_out(name: str, folder: bool) -> bool:
        relative, last = posixpath.normpath(posixpath.join(path, name)), posixpath.basename(name)
        if (folder and last in SKIPPED_FOLDERS) or last.endswith(SKIPPED_ENDINGS) or relative in out:
            return True
        return ignored(relative, folder=folder) or (folder and _is_made(files.root / relative))

    names = sorted(spelled(name, spec_path) for name in files.entries(path, spec_path, left_out))
    wrong = [message.replace(f"{_WHERE}/", "", 1) for message in unsafe(f"{_WHERE}/{name}" for name in names)]
    if wrong:
        hint = "rename it, or name it in `code.ignore`"
        raise SpecError(Diagnostic("MG409", f"in `{path}`, {message}", spec_path, hint) for message in wrong)
    return tuple(_contents(files, path, names, spec_path))


def _contents(files: Files, path: str, names: Sequence[str], spec_path: SpecPath) -> Iterator[tuple[str, bytes]]:
    total = 0
    for name in names:
        shown = posixpath.normpath(posixpath.join(path, name))
        content = files.content(files.root / shown, shown, spec_path, LARGEST)
        total += len(content)
        if total > MOST:
            message = f"the code in `{path}` has more than {MOST / 1e6:.0f} MB"
            hint = "name in `code.ignore` what no step reads, or give it to a step as a source of `data`"
            raise SpecError([Diagnostic("MG118", message, spec_path, hint)])
        if not (name.endswith((".yaml", ".yml")) and _SPEC.search(content)):
            yield name, content


def _is_made(folder: Path) -> bool:
    """Whether a folder is an environment of Python or conda, or a bundle of ours, under whatever name."""
    try:
        if any((folder / name).exists() for name in _OF_ENVIRONMENTS):
            return True
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            return False
        with manifest.open("rb") as stream:
            head = stream.read(200)
    except OSError:  # which is told where the folder is walked
        return False
    return b'"mlopsgen": "' in head and b'"target": "' in head


def credentials_in(texts: Iterable[tuple[str, bytes]], listed: str | None) -> Iterator[Diagnostic]:
    """Credentials in what enters the image, each at its line; `texts` are named from the spec's folder.

    In code a form that other things have too is a warning; requirements (`listed`) have no use for any.
    """
    for secret in pasted(texts):
        in_code = secret.file != listed
        severity = Severity.ERROR if secret.sure or not in_code else Severity.WARNING
        message = f"this looks like {secret.kind}, and {'the file enters the image' if in_code else 'enters the image'}"
        span = Span(secret.file, secret.line, secret.column, secret.line, secret.end_column)
        yield Diagnostic("MG115", message, hint=_IN_CODE if in_code else _LISTED, severity=severity, span=span)


_IN_CODE = (
    "revoke it, keep the new one in the target's secret store, and read it from the environment: "
    f"`secrets: {{ENV: <name>}}`; if it is none, end the line with `# {PRAGMA.decode()}`"
)
_LISTED = "revoke it; an index that asks for a login belongs into your base image (`code.base`), whose pip knows it"
