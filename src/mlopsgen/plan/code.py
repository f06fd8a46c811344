"""The image of the product: the user's code, its requirements, and the commands of the runtime that it has to hold."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.lock import NAME, Lock
from mlopsgen.lock.model import without_tag
from mlopsgen.plan.application import code_files, credentials_in
from mlopsgen.plan.checks import predictors, written_steps
from mlopsgen.plan.data import is_local
from mlopsgen.plan.files import Files
from mlopsgen.plan.requirements import Requirements, requirements_of
from mlopsgen.plan.scripts import Script, read_scripts
from mlopsgen.plan.steps import Evaluate, Image, Register, Step, Train, Tune
from mlopsgen.spec.evaluation import GatesOnly
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
    folder = code_path(spec, files)
    listed, own = None, None
    try:
        listed = requirements_of(files, code.requirements, folder)
    except SpecError as wrong:
        findings.extend(wrong.findings)
    try:
        own = _files(spec, files, folder, spec_file)
    except SpecError as missing:
        findings.extend(missing.findings)
    findings.extend((*(listed.findings if listed else ()), *_credentials(own or (), listed, folder)))
    if own is None:
        return None
    imports, unread = read_scripts(_scripts(spec), dict(own), folder, code.python)
    findings.extend(unread)
    return Image(
        prebuilt=None,
        base=pinned,
        python=code.python,
        files=own,
        requirements=tuple(listed.lines) if listed else (),
        written=listed.lines if listed else {},
        imports={} if code.base else imports,
        lock=lock,
    )


def _scripts(spec: Spec) -> Iterator[Script]:
    """Scripts of the code that commands name, alone, in a list or as a module."""
    for origin, step in written_steps(spec):
        run = getattr(step, "run", None)
        words = (run,) if isinstance(run, str) else run or ()
        for before, word in zip(("", *words), words, strict=False):
            if isinstance(word, str) and step.image is None:
                name = f"{word.replace('.', '/')}.py" if before == "-m" else word
                if name.endswith(".py"):
                    yield Script(posixpath.normpath(name), (*origin, "run"))
    for origin, name in predictors(spec):
        yield Script(posixpath.normpath(name), origin)


def _credentials(own: tuple[tuple[str, bytes], ...], listed: Requirements | None, folder: str) -> Iterator[Diagnostic]:
    """What was pasted into the code or the requirements, which lie in every bundle and every image."""
    named = ((posixpath.normpath(posixpath.join(folder, name)), content) for name, content in own)
    path = posixpath.normpath(listed.path) if listed else None
    texts = [(name, content) for name, content in named if name != path]
    if listed and path:
        texts.append((path, listed.content))
    yield from credentials_in(texts, path)


def fixed(image: str, lock: Lock) -> str:
    """An image that exists already, by the digest that the lock has for it."""
    return without_tag(lock.images[image]) if image in lock.images else image


def code_path(spec: Spec, files: Files) -> str:
    """The folder of the user's code: as said, else `src` if it is there, else the spec's own."""
    return spec.code.path or ("src" if files.is_folder("src") else ".")


def _files(spec: Spec, files: Files, folder: str, spec_file: str) -> tuple[tuple[str, bytes], ...]:
    leave_out = [spec_file, NAME, *_local_data(spec)]
    return code_files(files, folder, spec.code.ignore, leave_out, ("code", "path"))


def _local_data(spec: Spec) -> Iterator[str]:
    for source in spec.data.sources.values() if spec.data else ():
        if isinstance(source.uri, str) and is_local(source.uri):
            yield source.uri.rstrip("/")


_ONNX_WRITERS = re.compile(r"(?i)(onnx|skl2onnx|onnxmltools|tf2onnx|onnxconverter[-_.]common)(?![\w.-])")


def runtime_commands(spec: Spec, steps: Iterable[Step], requirements: Iterable[str]) -> tuple[str, ...]:
    """Keys of the runtime's table of requirements (runtime/requirements.py), sorted."""
    commands = {command for step in steps for command in _of_step(spec, step)}
    deployed = commands & {"score", "serve"}
    loads = bool(deployed) and any(one.serve is None for one in spec.deployments.values())
    if loads:
        commands |= {f"{command}:model" for command in deployed}
    # A script that exports its model to ONNX need not be able to run it; whoever loads it for the user has to.
    if (commands & {"evaluate", "explain"} or loads) and not isinstance(spec.training, FrameworkTraining):
        commands |= {"evaluate:onnx"} if any(map(_ONNX_WRITERS.match, requirements)) else set()
    if commands and "parquet" in _formats(spec, deployed):
        commands.add("format:parquet")
    if isinstance(spec.tracking.backend, MlflowBackend):
        commands.add("track:mlflow")
    return tuple(sorted(commands))


def _formats(spec: Spec, deployed: Collection[str]) -> Iterator[str]:
    """The formats of tables that the runtime reads and writes; whoever asks a server may send parquet."""
    yield from (source.file_format for source in spec.data.sources.values()) if spec.data else ()
    if "score" in deployed:
        for one in spec.deployments.values():
            if one.mode == "batch":
                yield from (one.input.format, one.output.format)


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
            if not isinstance(spec.evaluation, GatesOnly | None) and spec.evaluation.explain:
                yield f"explain:{spec.evaluation.explain.method}"
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
