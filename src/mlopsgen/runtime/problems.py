"""The two ways in which a command can say no."""

from __future__ import annotations


class Failed(Exception):
    """The command understood what was asked and must refuse: bad data, a missing metric. Exit 1."""


class Usage(Exception):
    """The command line or a file written by the compiler is wrong. Exit 2."""
