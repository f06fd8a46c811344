"""A bundle as it is kept under tests/golden: what a reviewer has to read, and nothing twice.

Three things of a bundle are not kept as they are, since they would drown a review:
- copies (the user's code and the runtime under image/app) are listed in files.txt with what they are
  copies of, and compared with that byte by byte;
- the JSON schema of plan.json is the same for every spec: it is kept once for its target;
- the image's tag is a digest over all of image/, so that each change of the runtime would change it
  everywhere: it reads `src-IMAGE` here. Names and versions that end in a digest of something with that image in
  it read so too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlopsgen.compile import CompileRequest, compile_spec
from tests.projects import ROOT, spec_of

GOLDEN = ROOT / "tests" / "golden"
LISTING = "files.txt"
APP = "image/app/"
RUNTIME = "mlopsgen_runtime/"
ONCE = frozenset({"plan.schema.json"})
HEAD = "Every file of this bundle. Behind an arrow: what it is a copy of; it is not kept here twice.\n\n"


@dataclass(frozen=True, slots=True)
class Expected:
    """The files of tests/golden that one bundle answers for: path under it → text."""

    target: str
    example: str
    files: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return GOLDEN / self.target / self.example


def compiled(target: str, example: str) -> Mapping[str, bytes]:
    """The bundle of an example, in memory."""
    spec = spec_of(example)
    return compile_spec(CompileRequest(spec, spec.read_bytes()), target).bundle.files


def expected(target: str, example: str, bundle: Mapping[str, bytes]) -> Expected:
    """What tests/golden should hold for a bundle."""
    kept = {path: masked(content) for path, content in bundle.items() if not copied_from(path, target, example)}
    lines = (_line(path, copied_from(path, target, example)) for path in sorted(bundle))
    return Expected(target, example, {LISTING: HEAD + "".join(lines), **kept})


def masked(content: bytes) -> str:
    """The text of a file, without the digest that names the image, and those that it is a part of."""
    text = re.sub(r"\bsrc-[0-9a-f]{16}\b", "src-IMAGE", content.decode())
    text = re.sub(r"\bcmp-[0-9a-f]{16}\b", "cmp-DIGEST", text)
    return re.sub(r"\b(experiment|trainjob)-[0-9a-f]{8}\b", r"\1-DIGEST", text)


def copied_from(path: str, target: str, example: str) -> Path | None:
    """The file of the repository that a file of a bundle is a copy of."""
    if path in ONCE:
        return GOLDEN / target / path
    name = path.removeprefix(APP)
    if name == path:
        return None
    if name.startswith(RUNTIME):
        return ROOT / "src/mlopsgen/runtime" / name.removeprefix(RUNTIME)
    own = ROOT / "examples" / example / "src" / name
    return own if own.is_file() else None


def copies(target: str, example: str, bundle: Mapping[str, bytes]) -> Iterator[tuple[str, Path]]:
    """Every copy in a bundle, and what it is a copy of."""
    for path in bundle:
        origin = copied_from(path, target, example)
        if origin is not None:
            yield path, origin


def stored(folder: Path) -> dict[str, str]:
    """What tests/golden holds for a bundle."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


def _line(path: str, origin: Path | None) -> str:
    return f"{path}\n" if origin is None else f"{path} ← {origin.relative_to(ROOT).as_posix()}\n"
