"""What of this machine's environment a step sees: enough to work, nothing that happens to lie around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.local.native import PlanFile, Step

_KEPT = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    }
)
_KEPT_PREFIXES = ("LC_",)
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def step_environment(
    step: Step, app: str, surroundings: Mapping[str, str], threads: int, outcome: str | None
) -> dict[str, str]:
    """The variables that a step's command starts with."""
    kept = {k: v for k, v in surroundings.items() if k in _KEPT or k.startswith(_KEPT_PREFIXES)}
    own = {
        "PYTHONPATH": app,
        "PYTHONUNBUFFERED": "1",
        # The bundle stays as it was written: no caches in it.
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
    }
    shared = {name: str(threads) for name in _THREADS}
    told = {} if outcome is None else {"MLOPSGEN_OUTCOME": outcome}
    secrets = {variable: surroundings[name] for variable, name in step.secrets.items()}
    return {**kept, **own, **shared, **told, **step.env, **secrets}


def missing_secrets(plan: PlanFile, surroundings: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The secrets that no variable of this environment holds."""
    for step in plan.steps:
        for variable, name in step.secrets.items():
            if name not in surroundings:
                yield Diagnostic(
                    "MG608",
                    f"step `{step.name}` needs secret `{name}`, and the environment has no such variable",
                    spec_path=(*step.place, "secrets", variable),
                    hint=f"type it where nobody keeps it, then run again: `read -rs {name}; export {name}`",
                )
