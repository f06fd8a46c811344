"""Run parameters: inputs of the pipeline job, each with the value that it has until a run says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.steps import RunParameter
from mlopsgen.plan.values import spelled
from mlopsgen.targets.azureml import shell_words
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import Node, ValueInput
from mlopsgen.targets.azureml.values import (
    DEFAULT,
    NOTHING,
    SCHEDULED_AT,
    check_text,
    default_of,
    is_sayable,
    not_quotable,
    unsayable_default,
)

NOW = "now"
"""What `run.scheduled_at` is in a run that no clock has started."""


def parameter_inputs(context: Context, nodes: Iterable[Node], *, scheduled_at: str = NOW) -> Iterator[ValueInput]:
    """The run parameters that a node reads, in the spec's order, and what says when the run was scheduled."""
    bound = {value for node in nodes for value in node.inputs.values() if isinstance(value, str)}
    for declared in context.plan.parameters:
        if shell_words.parent_input(declared.name) in bound:
            yield ValueInput(name=identifier(declared.name), value=default_of(declared))
    if shell_words.parent_input(SCHEDULED_AT) in bound:
        yield ValueInput(name=SCHEDULED_AT, value=scheduled_at)


def check_parameters(context: Context) -> None:
    """Reports run parameters whose values a command cannot hold, and names that are taken."""
    for declared in context.plan.parameters:
        if declared.name in context.sources:
            message = f"the source and the run parameter `{declared.name}` would be one input of the pipeline"
            context.error("MG305", message, declared.origin, hint="rename one of them", on=On.KEY)
        for where, text in _texts(declared):
            check_text(context, text, where)
            if "'" in text:
                not_quotable(context, where)
            if "\n" in text:
                message = f"a value of `{declared.name}` has a line break, which an input of Azure ML cannot hold"
                context.error("MG306", message, where, hint="put the text into a file in `code.path`")
            if where[-2] == "values" and not is_sayable(text) and text != unsayable_default(declared):
                message = f"no run can give `{declared.name}` the value `{text}`: Azure ML takes it for none"
                context.error("MG308", message, where, hint="another word")
            if text == DEFAULT:
                message = f"`{DEFAULT}` stands for a default on Azure ML, so `{declared.name}` cannot say it"
                context.error("MG308", message, where, hint="another word")
            if text == NOTHING and declared.default is not None:
                message = f"`{NOTHING}` stands for no value on Azure ML, so `{declared.name}` cannot say it"
                context.error("MG308", message, where, hint="another word")


def _texts(declared: RunParameter) -> Iterator[tuple[SpecPath, str]]:
    if declared.default is not None:
        yield (*declared.origin, "default"), spelled(declared.default)
    for number, value in enumerate(declared.values):
        yield (*declared.origin, "values", number), spelled(value)
