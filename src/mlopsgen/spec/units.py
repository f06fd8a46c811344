"""Strings with a meaning: names, durations, sizes, paths, cron lines. They stay as they were written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mlopsgen.paths import device
from mlopsgen.records import dataclass
from mlopsgen.spec.cron import cron_problem, timezone_problem
from mlopsgen.spec.values import Placeholder, Ref, RunFact, Text


@dataclass(frozen=True, slots=True)
class Shaped:
    """A string of a certain shape, with the words to say when it is not."""

    words: str
    pattern: str
    examples: tuple[str, ...]
    problem: Callable[[str], str | None] | None = None
    code: str = "MG106"
    longest: int | None = None
    number: bool = False
    """Whether a whole number may stand there too."""
    rule: str = ""
    """What the pattern says, in words."""
    prefixes: tuple[str, ...] = ()
    """What people leave out before it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._check,
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text_schema: dict[str, Any] = {
            "type": ["string", "integer"] if self.number else "string",
            "pattern": f"^(?:{self.pattern})$",
            "examples": list(self.examples),
        }
        if self.longest:
            text_schema["maxLength"] = self.longest
        return text_schema

    def _check(self, value: Any) -> Any:
        if self.number and isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "{words}", self._context())
        if not re.fullmatch(self.pattern, value):
            raise PydanticCustomError(self.code, "{words}", self._context())
        if self.longest and len(value) > self.longest:
            raise PydanticCustomError(self.code, "{words}", self._context(too_long=True))
        if self.problem and (problem := self.problem(value)):
            raise PydanticCustomError(self.code, "{problem}", {"problem": problem})
        return value

    def _context(self, *, too_long: bool = False) -> dict[str, Any]:
        words = self._description(too_long=too_long)
        facts = {"longest": self.longest, "prefixes": self.prefixes, "examples": self.examples}
        return {"words": words, "shape": self.pattern, **facts}

    def _description(self, *, too_long: bool) -> str:
        """The words for what belongs here: "a size such as `512Mi` or `16Gi`", and the rule that it breaks."""
        *most, last = (f"`{example}`" for example in self.examples[:3])
        examples = f"{', '.join(most)} or {last}" if most else last
        rule = f"at most {self.longest} characters" if too_long else self.rule
        return f"{self.words.rstrip(',')} such as {examples}{': ' if rule else ''}{rule}"


_UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_UNIT_BYTES = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def seconds(duration: str) -> int:
    """How many seconds a duration lasts: `10m` → 600; parts of a second are rounded up."""
    return -(-milliseconds(duration) // 1000)


def milliseconds(duration: str) -> int:
    """How many milliseconds a duration lasts: `200ms` → 200."""
    match = re.fullmatch(r"([0-9]+)(ms|s|m|h|d)", duration)
    if match is None:
        raise ValueError(f"not a duration: {duration!r}")
    return round(int(match[1]) * _UNIT_SECONDS[match[2]] * 1000)


def bytes_of(size: str) -> int:
    """How many bytes a size holds: `16Gi` → 17179869184."""
    match = re.fullmatch(r"([0-9]+)(Ki|Mi|Gi|Ti)", size)
    if match is None:
        raise ValueError(f"not a size: {size!r}")
    return int(match[1]) * _UNIT_BYTES[match[2]]


def path_problem(path: str) -> str | None:
    """Why a local path is refused, or None: it stays inside the project, on every system."""
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", path):
        return f"`{path}` is an absolute path: write it relative to the spec's folder"
    if ".." in parts:
        return f"`{path}` leads out of the project: `..` is not allowed in a path"
    if "\\" in path:
        return f"`{path}` has backslashes: write `{path.replace(chr(92), '/')}`"
    return None


def place_problem(place: str) -> str | None:
    """Why a URI or local path is refused, or None."""
    return (
        None
        if re.match(r"[a-z][a-z0-9+.-]*:", place) and not re.match(r"[A-Za-z]:[\\/]", place)
        else path_problem(place)
    )


_NAME = r"[a-z](?:[a-z0-9-]*[a-z0-9])?"
Name: TypeAlias = Annotated[
    str,
    Shaped(
        "a name",
        _NAME,
        ("churn", "schedule-adherence"),
        longest=48,
        rule="small letters, digits and hyphens",
        problem=device,
    ),
]
"""Names of things that get a cloud name: deployments, monitors, triggers, environments."""
StepName: TypeAlias = Annotated[
    str,
    Shaped(
        "a step's name",
        _NAME,
        ("zone-table", "clean"),
        longest=48,
        rule="small letters, digits and hyphens",
        problem=device,
    ),
]
PortName: TypeAlias = Annotated[
    str,
    Shaped(
        "a port's name",
        r"[a-z][a-z0-9_]*",
        ("train", "zone_table"),
        longest=48,
        rule="small letters, digits and underscores",
        problem=device,
    ),
]
"""Ports become flags (`--zone_table=DIR`) and identifiers on some targets: no hyphens."""
ParamName: TypeAlias = Annotated[
    str,
    Shaped(
        "a param's name", r"[A-Za-z][A-Za-z0-9_]*", ("folds", "C"), longest=64, rule="letters, digits and underscores"
    ),
]
"""Params become flags beside the ports; scikit-learn has a `C`, so capitals are fine."""
RunParameterName: TypeAlias = Annotated[
    str,
    Shaped(
        "a parameter's name",
        r"[a-z][a-z0-9_]*",
        ("min_accuracy", "day"),
        longest=48,
        rule="small letters, digits and underscores",
    ),
]
MetricName: TypeAlias = Annotated[
    str, Shaped("a metric's name", r"[A-Za-z][A-Za-z0-9_.@/-]*", ("accuracy", "ndcg@10"), longest=64)
]
GateName: TypeAlias = Annotated[
    str, Shaped("a gate's name", r"[A-Za-z][A-Za-z0-9_@-]*", ("accuracy", "fair"), longest=48)
]
EnvName: TypeAlias = Annotated[
    str, Shaped("an environment variable's name", r"[A-Za-z_][A-Za-z0-9_]*", ("API_TOKEN", "OMP_NUM_THREADS"))
]
SecretName: TypeAlias = Annotated[
    str,
    Shaped(
        "a secret's name (never its value)",
        r"[A-Za-z0-9][A-Za-z0-9_./:-]*",
        ("warehouse-password", "prod/warehouse"),
        longest=256,
    ),
]
Column: TypeAlias = Annotated[str, Field(min_length=1, max_length=256)]
"""A column's name, as the file spells it."""
Reference: TypeAlias = Annotated[
    str,
    Shaped(
        "a reference to data or to a step's output",
        rf"{_NAME}(?:_[a-z0-9_]*)?(?:\.[a-z][a-z0-9_]*)?|[a-z][a-z0-9_]*",
        ("data.source", "training.model", "train"),
    ),
]
Duration: TypeAlias = Annotated[str, Shaped("a duration", r"[1-9][0-9]{0,8}(?:ms|s|m|h|d)", ("90s", "10m", "7d"))]
Size: TypeAlias = Annotated[str, Shaped("a size", r"[1-9][0-9]{0,8}(?:Ki|Mi|Gi|Ti)", ("512Mi", "16Gi"))]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, from 0 to 1."""
Cron: TypeAlias = Annotated[
    str,
    Shaped(
        "a cron line",
        r"\S+(?: +\S+){4}",
        ("0 3 * * *", "*/15 * * * mon-fri"),
        cron_problem,
        "MG119",
        rule="five fields, minute hour day month weekday",
    ),
]
TimeZone: TypeAlias = Annotated[
    str,
    Shaped(
        "a time zone's name",
        r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*",
        ("Europe/Paris", "UTC"),
        timezone_problem,
        "MG119",
    ),
]
RelativePath: TypeAlias = Annotated[
    str,
    Shaped(
        "a path relative to the spec's folder",
        r"[^\x00-\x1f]+",
        ("src/train.py", "requirements.txt"),
        path_problem,
        "MG118",
    ),
]
Email: TypeAlias = Annotated[
    str, Shaped("an e-mail address", r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+", ("planning@example.com",))
]
ImageName: TypeAlias = Annotated[
    str,
    Shaped(
        "a container image with its tag or digest",
        # As registries and Dockerfiles have it: capitals in the tag alone.
        r"[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
        r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
        ("ghcr.io/acme/scorer:1.4.2", "acme/scorer@sha256:…"),
    ),
]
ModelVersion: TypeAlias = Annotated[
    str,
    Shaped(
        "a version of a registered model",
        r"champion|[A-Za-z0-9][A-Za-z0-9._-]*(?::[A-Za-z0-9._-]+|@champion)",
        ("champion", "churn:3", "churn@champion"),
    ),
]


@dataclass(frozen=True, slots=True)
class _Place:
    """A URI, or a path inside the project; placeholders may stand in it."""

    local: bool

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._check, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "string",
            "minLength": 1,
            "examples": ["data/churn.csv", "s3://acme/trips/"] if self.local else ["s3://acme/trips/"],
        }

    def _check(self, value: Any) -> str | Placeholder:
        if not isinstance(value, str | Placeholder) or value == "":
            raise PydanticCustomError(
                "string_type", "a URI or a path such as `s3://acme/trips/` or `data/churn.csv` belongs here"
            )
        start = value.parts[0] if isinstance(value, Text) else value
        if isinstance(start, str):
            self._check_start(start if isinstance(value, Text) else value)
        return value

    def _check_start(self, start: Any) -> None:
        if problem := place_problem(start):
            raise PydanticCustomError("MG118", "{problem}", {"problem": problem})
        if not self.local and not re.match(r"[a-z][a-z0-9+.-]*:", start):
            raise PydanticCustomError("MG106", "a URI such as `s3://acme/trips/` belongs here, not a local path")


Place: TypeAlias = Annotated[str | Ref | RunFact | Text, _Place(local=True)]
"""A URI, or a path relative to the spec's folder."""
Uri: TypeAlias = Annotated[str | Ref | RunFact | Text, _Place(local=False)]
