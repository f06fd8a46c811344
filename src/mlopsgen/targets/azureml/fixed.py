"""Numbers that Azure ML takes only as numbers: a run parameter there is a setting that `--set` changes."""

from __future__ import annotations

from mlopsgen.diagnostics import SpecPath
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml.context import Context


def fixed_number(context: Context, value: int | Ref, where: SpecPath, address: str) -> int:
    """The number itself; a run parameter's default, with a word on how a run says another one."""
    if not isinstance(value, Ref):
        return value
    declared = context.parameters[value.name]
    if not isinstance(declared.default, int | float):
        said = f"Azure ML takes a number here and no run parameter, and `{value.name}` has no default"
        context.error("MG301", said, where, hint=f"give `{value.name}` a `default`, or write a number here")
        return 1
    if value.name not in context.fixed:
        said = f"Azure ML takes a number here and no run parameter: `{value.name}` is its default in pipeline.yml"
        context.note(said, where, hint=f"a run changes it with `az ml job create --set {address}=…`")
    context.fixed.setdefault(value.name, address)
    return int(declared.default)
