"""How every lowering notes what it finds: the work goes on, so that all of it is found at once."""

from __future__ import annotations

from collections.abc import Collection

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecPath
from mlopsgen.nearest import nearest


class Noting:
    """What has a list `found`, and puts findings about the spec into it."""

    __slots__ = ()

    found: list[Diagnostic]

    def error(
        self, code: str, message: str, where: SpecPath, hint: str, *, on: On = On.VALUE, fix: Fix | None = None
    ) -> None:
        """Notes something that cannot be emitted."""
        self.found.append(Diagnostic(code, message, spec_path=where, hint=hint, on=on, fix=fix))

    def unknown(self, name: str, where: SpecPath, known: Collection[str]) -> None:
        """Notes a key that should be the name of a step and is none."""
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else "one of " + ", ".join(f"`{step}`" for step in known)
        fix = Fix(near, On.KEY) if near else None
        self.error("MG309", f"no step is called `{name}`", where, hint, on=On.KEY, fix=fix)

    def note(self, message: str, where: SpecPath, hint: str | None = None, on: On = On.VALUE) -> None:
        """Notes something that the platform does otherwise than the spec's words suggest."""
        self.found.append(Diagnostic("MG315", message, spec_path=where, hint=hint, on=on, severity=Severity.NOTE))
