"""Every finding about a spec: in its base and in each environment, down to what each target says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlopsgen import compile as compiler
from mlopsgen.compile import Checked, CompileRequest
from mlopsgen.diagnostics import Diagnostic, Span, SpecError
from mlopsgen.records import dataclass
from mlopsgen.spec.resolve import environments

UNUSED = frozenset({"MG204", "MG208"})
"""Nobody uses it: not so while one environment does."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One environment (None: the spec without any) as far as it could be checked."""

    env: str | None
    targets: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    checked: Checked | None
    """None where the spec itself is wrong, so that no target was asked."""


def see_all(request: CompileRequest, names: Sequence[str]) -> tuple[Seen, ...]:
    """The environment that was asked for; else the spec without any, and then each that it declares."""
    envs = (request.env,) if request.env else (None, *environments(compiler.readable(request)))
    return tuple(_see(replace(request, env=env), names) for env in envs)


def together(seen: Sequence[Seen]) -> tuple[Diagnostic, ...]:
    """Every finding once; one that only environments have says which."""
    having: dict[tuple[Diagnostic, Span | None], list[Seen]] = {}
    for one in seen:
        for d in one.findings:
            having.setdefault((d, d.span), []).append(one)
    return tuple(
        _named(d, where) if len(seen) > 1 else d
        for (d, _), where in having.items()
        if not (d.code in UNUSED and _used(where, seen))
    )


def _used(unused_in: Sequence[Seen], seen: Sequence[Seen]) -> bool:
    """Whether some other environment uses what is of no use in these."""
    return any(one.checked and one not in unused_in for one in seen)


def _named(finding: Diagnostic, having: Sequence[Seen]) -> Diagnostic:
    names = [f"`{one.env}`" for one in having if one.env]
    if len(names) < len(having) or finding.code == "MG133":  # it names them itself
        return finding
    words = "environment" if len(names) == 1 else "environments"
    return replace(finding, message=f"{finding.message} ({words} {', '.join(names)})")


def _see(request: CompileRequest, names: Sequence[str]) -> Seen:
    targets: tuple[str, ...] = ()
    try:
        targets = compiler.resolve_targets(request, names)
        checked = compiler.check(request, targets)
    except SpecError as stopped:
        return Seen(request.env, targets, stopped.findings, None)
    about_targets = tuple(d for name in targets for d in _about_target(checked, name))
    return Seen(request.env, targets, (*checked.findings, *about_targets), checked)


def _about_target(checked: Checked, target: str) -> tuple[Diagnostic, ...]:
    try:
        return compiler.check_for(checked, target)
    except SpecError as stopped:
        return stopped.findings
