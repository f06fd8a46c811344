"""The ways in which a command can say no."""

from __future__ import annotations


class Failed(Exception):
    """The command understood what was asked and must refuse: bad data, a missing metric. Exit 1."""

    code = 1


class Empty(Failed):
    """A file has no header and no row, as Spark writes for a part that has none."""


class Denied(Failed):
    """A store will not say whether a file is there: it may be absent, or nobody may read it."""


class GateSaidNo(Failed):
    """A gate does not hold, and the spec wants the run to fail of it. Exit 4."""

    code = 4


class Usage(Exception):
    """The command line or a file written by the compiler is wrong. Exit 2."""
