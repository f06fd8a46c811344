"""Names of files that every system takes, and why it would not take others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# Windows counts 260 characters from the drive letter on; this leaves room for the project's folder.
_PATH_LIMIT = 180
_NAME_LIMIT = 255  # bytes, on every file system in use

_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:[ .:].*)?", re.IGNORECASE
)
_FORBIDDEN = re.compile('[\x00-\x1f\x7f<>:"|?*\\\\]')


def unsafe(paths: Iterable[str]) -> Iterator[str]:
    """A message for each path that some system would refuse, read as another, or find outside."""
    kept = list(paths)
    yield from (f"the path {path!a} {why}" for path in kept if (why := _why_unsafe(path)))
    yield from _twins(kept)


def device(name: str) -> str | None:
    """Why a file or folder cannot have a name that is a device on Windows, or None."""
    return f"`{name}` is a device on Windows, and no file can have that name" if _DEVICE.fullmatch(name) else None


def _why_unsafe(path: str) -> str | None:
    if not path or path.startswith("/"):
        return "is not inside the bundle"
    if len(path) > _PATH_LIMIT:
        return f"is longer than {_PATH_LIMIT} characters"
    if path != unicodedata.normalize("NFC", path):
        return "is not in Unicode's composed form (NFC), so systems disagree about its name"
    return next((why for part in path.split("/") if (why := _why_unsafe_name(part))), None)


def _why_unsafe_name(name: str) -> str | None:
    if name in ("", ".", ".."):
        return "has an empty, `.` or `..` part"
    if match := _FORBIDDEN.search(name):
        return f"holds the character {match[0]!a}, which Windows forbids"
    if name[-1] in ". ":
        return "has a part that ends in a dot or space, which Windows drops"
    if _DEVICE.fullmatch(name):
        return f"has a part `{name}`, which is a device on Windows"
    if not name.isascii() and any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
        return "holds an invisible character"
    if len(name.encode()) > _NAME_LIMIT:
        return f"has a part of more than {_NAME_LIMIT} bytes"
    return None


def _twins(paths: list[str]) -> Iterator[str]:
    """Paths that are one on a file system that folds case, and files where others need a folder."""
    spelled: dict[str, str] = {}
    files = {_folded(path): path for path in paths}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            first = spelled.setdefault(_folded(here), here)
            if first != here:
                yield f"the paths {first!a} and {here!a} are one on a system that folds case"
            elif depth < len(parts) and _folded(here) in files:
                yield f"the path {here!a} would be a file and a folder"


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
