"""Rules for when a task runs: conditions in CEL, exit handlers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents import dig
from mlopsgen.targets.ir.judge.folder import mapping
from mlopsgen.targets.ir.judge.kinds import STATUS
from mlopsgen.targets.ir.judge.messages import COMPLETED
from mlopsgen.targets.ir.judge.program import Program, Task
from mlopsgen.targets.ir.judge.references import dangling
from mlopsgen.targets.rules import rule

CEL = "cel-spec; kfp, compiler/pipeline_spec_builder.py: a condition reads inputs.parameter_values"
_READ = re.compile(r"""inputs\.parameter_values\[(['"])(.+?)\1\]""")
_ROOT = re.compile(r"(?<![\w.'\"])([A-Za-z_]\w*)\s*(?=[.\[])")
_GUARDED = re.compile(r"comp-exit-handler-\d+")
_CONDITION = re.compile(r"comp-condition-\d+")
_LITERAL = r"'(?:[^'\\]|\\.)*'|true\b|false\b|-?\d+(?:\.\d+)?"
_COMPARED = re.compile(rf"{_READ.pattern}\s*(?:[=!]=|[<>]=?)\s*({_LITERAL})")
_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


@rule("ir-conditions", CEL)
def conditions(p: Program) -> Iterator[Diagnostic]:
    """A condition is CEL, reads what its task is given, and is true or false."""
    for task in p.tasks:
        condition = task.trigger.get("condition")
        path = task.where("triggerPolicy", "condition")
        if not isinstance(condition, str):
            continue
        parameters = task.arguments("parameters")
        read = [match[1] for match in _READ.findall(condition)]
        for name in read:
            if name not in parameters:
                message = f"the condition reads `{name}`, which `{task.name}` is not given"
                yield dangling(p, path, message, name, parameters)
        for root in _ROOT.findall(_TEXTS.sub("''", condition)):
            if root not in ("inputs", "in"):
                yield p.document.finding("MG434", f"`{root}`: a condition reads inputs.parameter_values['…']", path)
        if not read:
            yield p.document.finding("MG439", "the condition reads nothing: it is the same in every run", path)
        elif (apples := _compared(task, condition)) is not None:
            yield p.document.finding("MG439", apples, path)
        elif (wrong := why_not(condition, {name: _type(task, name) for name in read})) is not None:
            yield p.document.finding("MG439", f"`{condition}` {wrong}", path)


def _type(task: Task, name: str) -> str:
    """The declared type of a parameter that a condition reads."""
    declared = task.runs.inputs("parameters").get(name) if task.runs else None
    return str(mapping(declared).get("parameterType", ""))


def _compared(task: Task, condition: str) -> str | None:
    """A parameter compared with a literal that it can never equal."""
    for _, name, literal in _COMPARED.findall(condition):
        kind = "STRING" if literal[0] == "'" else "BOOLEAN" if literal in ("true", "false") else "a number"
        declared = _type(task, name)
        if declared and declared != kind and not (kind == "a number" and declared.startswith("NUMBER")):
            return f"`{name}` is {declared}, and never equals {literal}"
    return None


@lru_cache(maxsize=1)
def _environment() -> Any:
    from celpy import Environment

    return Environment()


@lru_cache(maxsize=256)
def _program(condition: str) -> Any:
    return _environment().program(_environment().compile(condition))


def why_not(condition: str, kinds: dict[str, str]) -> str | None:
    """What is wrong with an expression, tried with a value of each type; None when it gives true or false."""
    from celpy.adapter import json_to_cel
    from celpy.celparser import CELParseError
    from celpy.celtypes import BoolType
    from celpy.evaluation import CELEvalError

    try:
        program = _program(condition)
    except CELParseError:
        return "is no expression in CEL"
    tried = {name: _example(kind) for name, kind in kinds.items()}
    if "{{$" in condition or None in tried.values():
        return None
    try:
        values = json_to_cel({"parameter_values": tried})
        answer = program.evaluate({"inputs": values})
    except CELEvalError as wrong:
        return f"cannot be judged: {str(wrong.args[0]).splitlines()[0]}"
    return None if isinstance(answer, BoolType) else "is neither true nor false"


def _example(kind: str) -> Any:
    """Some value of a type; text that is a number too, since conditions turn one into the other."""
    examples: dict[str, Any] = {
        "STRING": "1",
        "BOOLEAN": True,
        # Both come as google.protobuf.Value, which knows one kind of number.
        "NUMBER_INTEGER": 1.0,
        "NUMBER_DOUBLE": 1.0,
        "LIST": [1.0],
        "STRUCT": {"a": 1.0},
    }
    return examples.get(kind)


@rule("ir-branches", "kfp, compiler: a component comp-condition-N is a branch, its task has the condition")
def branches(p: Program) -> Iterator[Diagnostic]:
    """A branch has its condition."""
    for task in p.tasks:
        name = dig(task.data, ("componentRef", "name"))
        if isinstance(name, str) and _CONDITION.fullmatch(name) and not task.trigger.get("condition"):
            message = f"`{task.name}` is a branch, and nothing says when it runs"
            yield p.document.finding("MG432", message, task.path)


@rule("ir-exit-handlers", "kfp, dsl/tasks_group.py ExitHandler and ignore_upstream_failure")
def exit_handlers(p: Program) -> Iterator[Diagnostic]:
    """Who reads how a task ended waits for it however it ends; who does not wait for anybody needs no strategy."""
    for task in p.tasks:
        after_failure = task.trigger.get("strategy") == COMPLETED
        if after_failure and not task.waits:
            message = f"`{task.name}` runs however the tasks before it end, and there is none before it"
            yield p.document.finding("MG433", message, task.where("triggerPolicy", "strategy"))
        for name, parameter in task.arguments("parameters").items():
            if "taskFinalStatus" in mapping(parameter) and not after_failure:
                message = f"`{task.name}` reads how a task ended, so its strategy is {COMPLETED}"
                yield p.document.finding("MG433", message, task.where("inputs", "parameters", name))
        for name, spec in task.runs.inputs("parameters").items() if task.runs else ():
            has_status = "taskFinalStatus" in mapping(task.arguments("parameters").get(name))
            if mapping(spec).get("parameterType") == STATUS and not has_status:
                message = f"`{name}` is how a task ended: an exit handler alone is told, at the top of a pipeline"
                yield p.document.finding("MG433", message, task.path)


@rule("ir-guarded", "kfp, compiler: a component comp-exit-handler-N is what a task after it waits for, however it ends")
def guarded(p: Program) -> Iterator[Diagnostic]:
    """What is guarded has its exit handler beside it."""
    for task in p.tasks:
        name = dig(task.data, ("componentRef", "name"))
        if not isinstance(name, str) or not _GUARDED.fullmatch(name):
            continue
        beside = p.inside(task.around)
        if not any(task.name in one.waits and one.trigger.get("strategy") == COMPLETED for one in beside):
            message = f"`{task.name}` has an exit handler, and no task runs however it ends"
            yield p.document.finding("MG433", message, task.path)
