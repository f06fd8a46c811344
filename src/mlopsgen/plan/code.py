"""The image of the product: the user's code, its requirements, and the commands of the runtime that it has to hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Span, SpecError, SpecPath
from mlopsgen.lock import NAME, Lock
from mlopsgen.lock.model import without_tag
from mlopsgen.plan.data import is_local
from mlopsgen.plan.files import Files, code_files
from mlopsgen.plan.steps import Evaluate, Image, Register, Step, Train, Tune
from mlopsgen.source import plain, read_yaml
from mlopsgen.spec.evaluation import TaskEvaluation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.registry import MlflowBackend
from mlopsgen.spec.training import FrameworkTraining


def code_image(spec: Spec, files: Files, lock: Lock, spec_file: str, findings: list[Diagnostic]) -> Image | None:
    """The image and its parts, with findings for files that are not there; None when the code cannot be read."""
    code = spec.code
    base = code.base or f"python:{code.python}-slim"
    pinned = lock.images.get(base, base)
    if code.image is not None:
        return Image(prebuilt=fixed(code.image, lock), base=pinned, python=code.python, lock=lock)
    written: Mapping[str, Span | None] = {}
    try:
        written = _requirements(spec, files)
    except SpecError as missing:
        findings.extend(missing.findings)
    try:
        own = _files(spec, files, spec_file)
    except SpecError as missing:
        findings.extend(missing.findings)
        return None
    return Image(
        prebuilt=None,
        base=pinned,
        python=code.python,
        files=own,
        requirements=tuple(written),
        written=written,
        lock=lock,
    )


def fixed(image: str, lock: Lock) -> str:
    """An image that exists already, by the digest that the lock has for it."""
    return without_tag(lock.images[image]) if image in lock.images else image


def code_path(spec: Spec, files: Files) -> str:
    """The folder of the user's code: as said, else `src` if it is there, else the spec's own."""
    return spec.code.path or ("src" if files.is_folder("src") else ".")


def _files(spec: Spec, files: Files, spec_file: str) -> tuple[tuple[str, bytes], ...]:
    spec_path: SpecPath = ("code", "path")
    leave_out = [spec_file, NAME, *_local_data(spec)]
    return code_files(files, code_path(spec, files), spec.code.ignore, leave_out, spec_path)


def _local_data(spec: Spec) -> Iterator[str]:
    for source in spec.data.sources.values() if spec.data else ():
        if isinstance(source.uri, str) and is_local(source.uri):
            yield source.uri.rstrip("/")


def _requirements(spec: Spec, files: Files) -> Mapping[str, Span | None]:
    """Each requirement, with its place where it has a line of its own."""
    path = spec.code.requirements
    if path is None:
        default = f"{code_path(spec, files)}/requirements.txt".removeprefix("./")
        if not files.exists(default):
            return {}
        path = default
    spec_path: SpecPath = ("code", "requirements")
    text = _text(files.read(path, spec_path), path, spec_path)
    if path.endswith((".yml", ".yaml")):
        return dict.fromkeys(conda_requirements(text, path, spec_path))
    return dict(_lines(text, path, spec_path))


def _text(content: bytes, path: str, spec_path: SpecPath) -> str:
    """The file's text, without the mark that some editors begin a file with."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        message = f"`{path}` is not UTF-8: byte 0x{content[wrong.start]:02x} at offset {wrong.start}"
        raise SpecError([Diagnostic("MG118", message, spec_path, hint="save it as UTF-8")]) from wrong


def _lines(text: str, path: str, spec_path: SpecPath) -> Iterator[tuple[str, Span]]:
    for number, line in _joined(text):
        kept = "" if line.startswith("#") else line.split(" #")[0].strip()
        if kept.startswith("-"):
            message = f"line {number} of `{path}` has the pip option `{kept.split('=')[0].split()[0]}`"
            hint = "list packages alone: an index or another file belongs into your base image (`code.base`)"
            raise SpecError([Diagnostic("MG117", message, spec_path, hint=hint)])
        if kept:
            yield kept, Span(path, number, 1, number, len(kept) + 1)


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; one that ends in a backslash goes on in the next."""
    begun: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        begun.append(line.rstrip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            yield number - len(begun) + 1, " ".join(begun)
            begun = []
    if begun:
        yield text.count("\n") + 1, " ".join(begun)


def conda_requirements(text: str, path: str, spec_path: SpecPath) -> tuple[str, ...]:
    """The packages of an environment file, spelled for pip; python itself is `code.python`."""
    try:
        document = plain(read_yaml(text, path).root)
    except SpecError as wrong:
        raise SpecError([Diagnostic("MG117", f"`{path}` is not an environment file: {wrong}", spec_path)]) from wrong
    listed = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise SpecError([Diagnostic("MG117", f"`{path}` has no list `dependencies`", spec_path)])
    return tuple(line for entry in listed for line in _entry(entry))


def _entry(entry: Any) -> tuple[str, ...]:
    if isinstance(entry, dict):
        return tuple(str(line) for line in entry.get("pip") or ())
    name = str(entry).split("::")[-1]
    if name.split("=")[0].strip() in ("python", "pip"):
        return ()
    head, equals, rest = name.partition("=")
    if not equals or rest.startswith("=") or head.endswith((">", "<", "!", "~")):
        return (name,)
    version = rest.split("=")[0]
    # conda's single `=` means any build and any later part of that version.
    return (f"{head}=={version}.*" if version.count(".") < 2 else f"{head}=={version}",)


_ONNX_WRITERS = re.compile(r"(?i)(onnx|skl2onnx|onnxmltools|tf2onnx|onnxconverter[-_.]common)(?![\w.-])")


def runtime_commands(spec: Spec, steps: Iterable[Step], requirements: Iterable[str]) -> tuple[str, ...]:
    """Keys of the runtime's table of requirements (runtime/requirements.py), sorted."""
    commands = {command for step in steps for command in _of_step(spec, step)}
    # A script that exports its model to ONNX need not be able to run it; the built-in evaluation has to.
    if "evaluate" in commands and not isinstance(spec.training, FrameworkTraining):
        commands |= {"evaluate:onnx"} if any(map(_ONNX_WRITERS.match, requirements)) else set()
    if commands and spec.data and any(source.format == "parquet" for source in spec.data.sources.values()):
        commands.add("format:parquet")
    if isinstance(spec.tracking.backend, MlflowBackend):
        commands.add("track:mlflow")
    return tuple(sorted(commands))


def _of_step(spec: Spec, step: Step) -> Iterator[str]:
    if isinstance(step, Register):
        yield "register"
        return
    yield from _named(step.argv)
    match step:
        case Train() | Tune() if step.framework in ("xgboost", "lightgbm"):
            yield f"train:{step.framework}"
        case Evaluate():
            yield from _of_gates(step)
            if isinstance(spec.evaluation, TaskEvaluation) and spec.evaluation.explain:
                yield f"evaluate:{spec.evaluation.explain.method}"
        case _:
            return


def _named(argv: tuple[object, ...]) -> Iterator[str]:
    """The word behind every `-m mlopsgen_runtime`."""
    for position, argument in enumerate(argv[:-1]):
        if argument == "mlopsgen_runtime" and isinstance(word := argv[position + 1], str):
            yield word


def _of_gates(step: Evaluate) -> Iterator[str]:
    if any(rule.better_than for rule in step.gates):
        yield "gate:compare"
    if any(rule.measure for rule in step.gates):
        yield "gate:bias"
