"""What one code of a finding means."""

from __future__ import annotations

from inspect import cleandoc

from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A finding's code, its title, and an explanation: what it means, why it is so, what to do, an example.

    The explanation is Markdown; examples are indented by four spaces.
    """

    code: str
    title: str
    explanation: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "explanation", cleandoc(self.explanation))
