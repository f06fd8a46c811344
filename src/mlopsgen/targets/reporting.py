"""How every lowering reports what is wrong: the work goes on, so that all of it is reported at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecError, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.plan.steps import Plan


class Reporting:
    """What has a plan and a list of `findings`, and adds those about the spec to it."""

    __slots__ = ()

    plan: Plan
    findings: list[Diagnostic]

    def error(
        self, code: str, message: str, where: SpecPath, hint: str, *, on: On = On.VALUE, fix: Fix | None = None
    ) -> None:
        """Reports something that cannot be emitted."""
        self.findings.append(Diagnostic(code, message, spec_path=where, hint=hint, on=on, fix=fix))

    def unknown(self, name: str, where: SpecPath, known: Collection[str]) -> None:
        """Reports a key that should be the name of a step, a deployment or a monitor and is none.

        What is said of a deployment or a monitor is left out together with it (MG302).
        """
        others = (*self.plan.deployments, *self.plan.monitors)
        if name not in others:
            self._no_name("step", name, where, (*known, *others))

    def check_endpoints(self, endpoints: Mapping[str, str], where: SpecPath) -> None:
        """Reports endpoints that deployments are to take over: none is emitted yet."""
        for name, endpoint in endpoints.items():
            if name not in self.plan.deployments:
                self._no_name("deployment", name, (*where, name), self.plan.deployments)
                continue
            message = f"no deployment is emitted yet, so none can be called `{endpoint}`"
            self.error("MG302", message, (*where, name), hint="take it out", on=On.KEY)

    def _no_name(self, what: str, name: str, where: SpecPath, known: Collection[str]) -> None:
        near = nearest(name, known)
        listed = "one of " + ", ".join(f"`{other}`" for other in known) if known else f"the spec has no {what}"
        hint = f"did you mean `{near}`?" if near else listed
        fix = Fix(near, On.KEY) if near else None
        self.error("MG309", f"no {what} is called `{name}`", where, hint, on=On.KEY, fix=fix)

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
