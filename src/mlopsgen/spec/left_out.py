"""What the language leaves out on purpose, by the names people look for it, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.diagnostics import Diagnostic, On, SpecPath

_INSTEAD = "run it as a step of your own: `steps: {<name>: {run: <script>}}`"
LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "automl": ("AutoML", "say the search: `training: {framework: sklearn.<Estimator>, tuning: {…}}`"),
    "auto_ml": ("AutoML", "say the search: `training: {framework: sklearn.<Estimator>, tuning: {…}}`"),
    "autopilot": ("AutoML", "say the search: `training: {framework: sklearn.<Estimator>, tuning: {…}}`"),
    "notebook": ("notebooks as steps", "export it to a script (`jupyter nbconvert --to script`) and `run` that"),
    "notebooks": ("notebooks as steps", "export it to a script (`jupyter nbconvert --to script`) and `run` that"),
    "sql": ("SQL steps", f"{_INSTEAD}, or read the finished table as a source"),
    "query": ("SQL steps", f"{_INSTEAD}, or read the finished table as a source"),
    "graph": ("chains of model servers", "call one model from the other in `serve: {run: predict.py}`"),
    "chain": ("chains of model servers", "call one model from the other in `serve: {run: predict.py}`"),
    "ensemble": ("chains of model servers", "put both models in one, written by one training"),
    "ab_test": ("A/B tests routed by header", "use `rollout: {strategy: canary}` or `shadow`"),
    "experiment_routing": ("A/B tests routed by header", "use `rollout: {strategy: canary}` or `shadow`"),
    "routes": ("API gateways", "put your gateway in front of the deployment's endpoint"),
    "gateway": ("API gateways", "put your gateway in front of the deployment's endpoint"),
    "api_gateway": ("API gateways", "put your gateway in front of the deployment's endpoint"),
}


def left_out(what: str, path: SpecPath, on: On = On.KEY) -> Diagnostic | None:
    """The finding for something that the language leaves out on purpose."""
    if what not in LEFT_OUT:
        return None
    words, instead = LEFT_OUT[what]
    return Diagnostic("MG128", f"mlopsgen has no {words}, on purpose", path, instead, on=on)
