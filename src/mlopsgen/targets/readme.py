"""What a bundle's README takes from a spec."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from mlopsgen.plan.steps import Plan, RunParameter
from mlopsgen.plan.values import spelled
from mlopsgen.records import dataclass
from mlopsgen.render.tokens import Name, Token
from mlopsgen.spec.options import TargetOptions

Changes: TypeAlias = tuple[Mapping[str, str], ...]
"""What the user changed in the emitted files: the `file`, and the place in it (`at`)."""

_DAY = 86400


@dataclass(frozen=True, slots=True)
class RunSetting:
    """A value that a run may be given, and what the spec says of it."""

    name: Name
    text: str


class SpecFolder(Token):
    """The spec's folder as it is seen from a bundle in its usual place."""

    __slots__ = ()
    pattern: ClassVar[str] = r"\.\.(?:/\.\.)+"
    noun: ClassVar[str] = "folder above a bundle"

    @classmethod
    def of(cls, plan: Plan) -> SpecFolder:
        """Bundles lie in `build/<target>/`, those of an environment a folder deeper."""
        return cls("../../.." if plan.environment else "../..")


class FolderUri(Token):
    """The address of a folder, in letters that a page shows as they are."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[a-z][a-z0-9+]*://[A-Za-z0-9._/=-]+"
    noun: ClassVar[str] = "address of a folder"


def folder_uri(uri: object) -> FolderUri | str:
    """An address for a page: as it is where that is sure to be shown, else as text."""
    text = str(uri)
    return FolderUri(text) if re.fullmatch(FolderUri.pattern, text) else readable(text)


def run_settings(plan: Plan) -> tuple[RunSetting, ...]:
    """What a run may be given, each with what it is for and its default."""
    return tuple(RunSetting(Name(one.name), _about(one)) for one in plan.parameters)


def _about(parameter: RunParameter) -> str:
    several = parameter.default if isinstance(parameter.default, list | tuple) else [parameter.default]
    default = readable(", ".join(map(spelled, several)))
    otherwise = f"by default {default}" if default else "no value by default"
    kind = "a run has to give it" if parameter.required else otherwise
    return f"{readable(parameter.description)} ({kind})".lstrip() if parameter.description else kind


def readable(text: str) -> str:
    """Text for a page: characters that hide or reorder what stands beside them are left out."""
    return "".join(c if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" else " " for c in text).strip()


def changes(options: TargetOptions, file: str, place: str = "{}", others: Mapping[str, str] | None = None) -> Changes:
    """The places that a target's block changes: `file` is the one that steps are in, `place` names a step there.

    `others` has the file of each step that lies in one of its own.
    """
    own = others or {}
    steps = ({"file": own.get(step, file), "at": place.format(readable(step))} for step in options.steps)
    patches = ({"file": readable(patch.file), "at": readable(patch.at)} for patch in options.patches)
    return (*steps, *patches)


def retention_days(plan: Plan) -> int | None:
    """The whole days that runs are kept, rounded up."""
    seconds = plan.governance.retention
    return -(-seconds // _DAY) if seconds else None
