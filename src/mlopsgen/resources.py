"""The folders of the packaged templates and schemas."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def _data_folder(name: str) -> Path:
    """The installed package carries its data inside itself; a checkout keeps it beside `src`."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _CHECKOUT / name


TEMPLATES = _data_folder("templates")
SCHEMAS = _data_folder("schemas")
STARTER = _data_folder("starter")
"""The files of a first product, as `mlopsgen init` copies them."""
DOCS = _data_folder("docs")
"""Pages that the program prints; a checkout has others beside them."""
PRECOMPILED = _data_folder("precompiled")
"""Templates as Python code, made when a wheel is built; a checkout does without."""
