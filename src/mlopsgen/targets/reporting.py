"""How every lowering reports what is wrong: the work goes on, so that all of it is reported at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecError, SpecPath
from mlopsgen.nearest import nearest


class Reporting:
    """What has a list of `findings`, and adds those about the spec to it."""

    __slots__ = ()

    findings: list[Diagnostic]

    def error(
        self, code: str, message: str, where: SpecPath, hint: str, *, on: On = On.VALUE, fix: Fix | None = None
    ) -> None:
        """Reports something that cannot be emitted."""
        self.findings.append(Diagnostic(code, message, spec_path=where, hint=hint, on=on, fix=fix))

    def unknown(self, name: str, where: SpecPath, known: Collection[str]) -> None:
        """Reports a key that should be the name of a step and is none."""
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else "one of " + ", ".join(f"`{step}`" for step in known)
        fix = Fix(near, On.KEY) if near else None
        self.error("MG309", f"no step is called `{name}`", where, hint, on=On.KEY, fix=fix)

    def note(self, message: str, where: SpecPath, hint: str | None = None, on: On = On.VALUE) -> None:
        """Reports something that the platform does otherwise than the spec's words suggest."""
        self.findings.append(Diagnostic("MG315", message, spec_path=where, hint=hint, on=on, severity=Severity.NOTE))

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """What stops the work in here brings along what was reported before it."""
        try:
            yield
        except SpecError as stopped:
            raise SpecError((*self.findings, *stopped.findings)) from stopped
