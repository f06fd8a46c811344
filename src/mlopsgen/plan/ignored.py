"""What git leaves out, by its own rules: each .gitignore from the repository's root down to the file."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME = ".gitignore"
_AT: SpecPath = ("code", "path")
LARGEST = 2**18
"""Bytes of a .gitignore: thousands of lines."""


class Ignored:
    """Answers whether a path is named by a .gitignore or by `code.ignore`, asked from the top down.

    A folder that is ignored is not walked, so nothing in it is asked about: git has it so too.
    """

    def __init__(self, root: Path, own: Iterable[str]) -> None:
        self._root = root
        self._own = _own(list(own))
        self._above = _above(root)
        self._levels: dict[str, GitIgnoreSpec | None] = {}

    def __call__(self, path: str, *, folder: bool) -> bool:
        """Whether a path below the spec's folder is left out; the nearest .gitignore that names it decides."""
        name = f"{path}/" if folder else path
        if self._own is not None and (word := self._own.check_file(name).include) is not None:
            return word
        return _decided((*self._inside(path, name), *((f"{down}{name}", spec) for down, spec in self._above)))

    def _inside(self, path: str, name: str) -> Iterator[tuple[str, GitIgnoreSpec]]:
        """The rules of the folders that a path lies in, the nearest first, with its name there."""
        folder = path
        while folder:
            folder = posixpath.dirname(folder)
            if folder not in self._levels:
                self._levels[folder] = _rules(self._root / folder, posixpath.join(folder, NAME))
            if (spec := self._levels[folder]) is not None:
                yield name.removeprefix(f"{folder}/"), spec


def _above(root: Path) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    """The rules of the repository's folders above the spec's, the nearest first, each with the way down to the spec.

    None where there is no repository, or where the spec's folder is itself what is ignored.
    """
    real = root.resolve()
    repository = next((folder for folder in (real, *real.parents) if os.path.lexists(folder / ".git")), real)
    above = [folder for folder in real.parents if folder.is_relative_to(repository)]
    read = [(folder, _rules(folder, os.path.relpath(folder / NAME, real))) for folder in above]
    rules = [(folder, spec) for folder, spec in read if spec is not None]
    for folder in (real, *above):
        over = [(one, spec) for one, spec in rules if one != folder and folder.is_relative_to(one)]
        if _decided((f"{folder.relative_to(one).as_posix()}/", spec) for one, spec in over):
            return ()
    return tuple((f"{real.relative_to(folder).as_posix()}/", spec) for folder, spec in rules)


def _decided(named: Iterable[tuple[str, GitIgnoreSpec]]) -> bool:
    """What the first rules say that name the path at all."""
    words = (spec.check_file(name).include for name, spec in named)
    return next((word for word in words if word is not None), False)


def _rules(folder: Path, shown: str) -> GitIgnoreSpec | None:
    """The patterns of a folder's .gitignore; None where it has none."""
    try:
        stats = (folder / NAME).lstat()
        mode = stats.st_mode
        if stats.st_size > LARGEST:
            raise SpecError([_unread(shown, f"has {stats.st_size / 1e6:.1f} MB, which is no list of patterns")])
        if S_ISREG(mode):
            text = (folder / NAME).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as refused:
        raise SpecError([_unread(shown, f"cannot be read: {refused.strerror or refused}")]) from refused
    if not S_ISREG(mode):
        raise SpecError([_unread(shown, "is a link, which git does not follow" if S_ISLNK(mode) else "is no file")])
    # Imported here: a project without patterns pays nothing for them.
    from pathspec import GitIgnoreSpec

    # git itself passes over a line that is no pattern; in a spec it is a slip.
    lines = [line for line in text.splitlines() if line.strip() and not _no_pattern(line)]
    if costly := next(filter(_costly, lines), None):
        raise SpecError([_unread(shown, f"has the pattern `{costly}`, which {_TOO_MANY}")])
    return GitIgnoreSpec.from_lines(lines) if lines else None


def _unread(shown: str, why: str) -> Diagnostic:
    hint = "write the patterns into a file of that name, or delete it: what it names would enter the image"
    return Diagnostic("MG118", f"`{shown}` {why}", _AT, hint)


def _own(lines: list[str]) -> GitIgnoreSpec | None:
    """The patterns of `code.ignore`; raises SpecError for what is none."""
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    why = {place: _TOO_MANY if _costly(line) else "is no pattern of files" for place, line in enumerate(lines)
           if _costly(line) or _no_pattern(line)}  # fmt: skip
    if why:
        hint = "write it as in a .gitignore, such as `notebooks/` or `*.md`"
        raise SpecError(
            Diagnostic("MG106", f"`{lines[place]}` {words}", ("code", "ignore", place), hint)
            for place, words in why.items()
        )
    return GitIgnoreSpec.from_lines(lines)


MOST_STARS = 4
"""In one name, or of `**` in one pattern: to see that none fits, all ways to share out a name's letters are tried."""

_TOO_MANY = f"has more than {MOST_STARS} stars in one name, or more than so many `**`"


def _costly(line: str) -> bool:
    """Whether asking for one long name would take minutes."""
    names = [] if line.startswith("#") else line.split("/")
    return names.count("**") > MOST_STARS or any(name.count("*") > MOST_STARS for name in names if name != "**")


def _no_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):  # `[z-a]`
        return True
    return False
