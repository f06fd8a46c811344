"""All codes by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mlopsgen.codes import Code
from mlopsgen.codes.bundle import BUNDLE
from mlopsgen.codes.judging import JUDGING
from mlopsgen.codes.language import LANGUAGE
from mlopsgen.codes.meaning import LOCKING, MEANING
from mlopsgen.codes.plan import PLAN
from mlopsgen.codes.platform import PLATFORM
from mlopsgen.codes.running import RUNNING
from mlopsgen.codes.target import TARGET
from mlopsgen.codes.text import TEXT

_ALL = (*TEXT, *LANGUAGE, *MEANING, *LOCKING, *PLAN, *TARGET, *PLATFORM, *BUNDLE, *JUDGING, *RUNNING)

CODES: Mapping[str, Code] = MappingProxyType({c.code: c for c in sorted(_ALL, key=lambda c: c.code)})
