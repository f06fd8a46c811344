"""The value of a flag: known text in the command, or an input of the component that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.steps import AnyJob, RunParameter
from mlopsgen.plan.values import Value, spelled
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.azureml import shell_words
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import ComponentInput, Literal
from mlopsgen.targets.optional import unchecked

NOTHING = "null"
"""What a run parameter without a value says: Azure ML takes no empty one (REST: LiteralJobInput)."""
MISSING = "required"
"""What a run parameter says that has to be given: a pipeline job knows no input without a value."""
DEFAULT = "(default)"
"""What a run parameter says whose default Azure ML takes for no value."""
SCHEDULED_AT = "run_scheduled_at"
RUN_ID = "run_id"
"""The input that says which run is meant: the one that ended, or one that goes on."""


@dataclass(slots=True)
class Values:
    """The typed inputs that one component gets for values, and what its node gives them."""

    context: Context
    job: AnyJob | None
    taken: frozenset[str]
    """Names of the component's folders."""
    inputs: dict[str, ComponentInput] = field(default_factory=dict)
    bound: dict[str, Literal] = field(default_factory=dict)
    optional: list[str] = field(default_factory=list)
    """Flags that are dropped where their value is NOTHING."""
    required: list[str] = field(default_factory=list)
    """`<flag>=<text>`: what flags say where a run parameter says MISSING."""
    instead: list[str] = field(default_factory=list)
    """`<flag>=<text>`: what flags mean that say DEFAULT."""

    def flag(self, name: str, value: Value, where: SpecPath, *, own: bool = False) -> str | None:
        """`--name=<value>`; `own` marks a step's param, which is an input of the component under its name."""
        match value:
            case None:
                return None
            case Ref():
                return self._parameter(name, value, own=own)
            case RunFact() | Text():
                return f"--{name}={self._text(name, value, where)}"
            case _:
                return self._known(name, value, where) if own else self._constant(name, value, where)

    def when_hole(self, name: str) -> str:
        """The hole of a boolean run parameter."""
        return self._hole(self.context.parameters[name], name)

    def _parameter(self, name: str, value: Ref, *, own: bool) -> str:
        declared = self.context.parameters[value.name]
        hole = self._hole(declared, name if own else value.name)
        if _may_be_missing(declared):
            self.required.append(f"{name}={MISSING}")
        elif not declared.required and declared.default is None:
            self.optional.append(name)
        elif (text := unsayable_default(declared)) is not None:
            self.instead.append(f"{name}={DEFAULT}={text}")
        return f"--{name}={hole}"

    def _hole(self, declared: RunParameter, name: str) -> str:
        """The component's input for a run parameter; another's name is kept apart from folders and params."""
        known, bound = identifier(name), shell_words.parent_input(declared.name)
        while known in self.taken or self.bound.get(known, bound) != bound:
            known = f"parameter_{known}"
        if message := unchecked(declared, "Azure ML"):
            self.context.note(message, (*declared.origin, "type"))
        self.inputs.setdefault(known, _declared(declared, known))
        self.bound[known] = bound
        return _quoted(known, self.inputs[known])

    def _known(self, name: str, value: Value, where: SpecPath) -> str:
        text = spelled(value)  # type: ignore[arg-type]
        if not is_sayable(text):
            return self._constant(name, value, where)
        self.check(text, where, quoted=isinstance(value, str | tuple))
        known = identifier(name)
        kind = _kind_of(value)
        allowed = ("true", "false") if isinstance(value, bool) else ()
        self.inputs[known] = ComponentInput(name=known, type=kind, enum=allowed)
        self.bound[known] = value if isinstance(value, int | float) and not isinstance(value, bool) else text
        return f"--{name}={_quoted(known, self.inputs[known])}"

    def _constant(self, name: str, value: Value, where: SpecPath) -> str:
        text = spelled(value)  # type: ignore[arg-type]
        self.check(text, where)
        return shell_words.flag(name, text)

    def _text(self, name: str, value: RunFact | Text, where: SpecPath) -> str:
        parts = value.parts if isinstance(value, Text) else (value,)
        pieces = [self._part(part, where) for part in parts]
        for number, part in enumerate(parts):
            if isinstance(part, Ref) and _may_be_missing(self.context.parameters[part.name]):
                missing = (*pieces[:number], MISSING, *pieces[number + 1 :])
                self.required.append(f"{name}={''.join(missing)}")
        return "".join(pieces)

    def _part(self, part: str | Ref | RunFact, where: SpecPath) -> str:
        match part:
            case str():
                self.check(part, where)
                return shell_words.word(part) if part else ""
            case Ref():
                return self._piece(self.context.parameters[part.name], where)
            case RunFact(name="run.id"):
                return self._fact(RUN_ID) if self.context.run_input else '"$AZUREML_ROOT_RUN_ID"'
            case _:
                return self._fact(SCHEDULED_AT)

    def _piece(self, declared: RunParameter, where: SpecPath) -> str:
        """A run parameter inside a text, where the launcher cannot see what stands for its value."""
        if unsayable_default(declared) is not None:
            message = f"Azure ML takes the default of `{declared.name}` for no value, so it can be no part of a text"
            hint = f"a param of its own: `${{parameters.{declared.name}}}`; or another default"
            self.context.error("MG308", message, where, hint=hint)
        return self._hole(declared, declared.name)

    def _fact(self, name: str) -> str:
        self.inputs.setdefault(name, ComponentInput(name=name, type="string"))
        self.bound[name] = shell_words.parent_input(name)
        return f"'{shell_words.input_hole(name)}'"

    def check(self, text: str, where: SpecPath, *, quoted: bool = False) -> None:
        """Reports text that Azure ML or the shell would read as something else."""
        check_text(self.context, text, where)
        if quoted and "'" in text:
            not_quotable(self.context, where)
        if "\x00" in text or (quoted and "\n" in text):
            no_line_break(self.context, where)


def is_sayable(text: str) -> bool:
    """Whether a text can be an input of a job: REST, LiteralJobInput.value is `minLength: 1, pattern: [a-zA-Z0-9_]`.

    An empty one is refused; of others without such a letter, an empty list alone is one that people write.
    """
    return text not in ("", "[]")


def unsayable_default(declared: RunParameter) -> str | None:
    """A default that cannot be an input of a job, such as an empty text or list."""
    text = "_" if declared.default is None else spelled(declared.default)
    return None if is_sayable(text) else text


def check_text(context: Context, text: str, where: SpecPath) -> None:
    """Reports what Azure ML would evaluate."""
    for opening in shell_words.expressions(text):
        message = f"Azure ML would read `{opening}` as the start of an expression, and has no escape for it"
        context.error("MG308", message, where, hint="write it otherwise, or put the text into a file in `code.path`")


def not_quotable(context: Context, where: SpecPath) -> None:
    """Reports an apostrophe where Azure ML puts a value between two of them."""
    message = "Azure ML writes the value into a shell command between single quotes, which a `'` in it would end"
    context.error("MG308", message, where, hint="put the text into a file in `code.path`")


def no_line_break(context: Context, where: SpecPath) -> None:
    """Reports a line break in a value that is an input of a component."""
    message = "a value with a line break cannot be an input of a component"
    context.error("MG306", message, where, hint="put it into a file in `code.path`")


def _quoted(known: str, declared: ComponentInput) -> str:
    hole = shell_words.input_hole(known)
    plain = declared.type != "string" or (declared.enum and all(shell_words.is_plain(text) for text in declared.enum))
    return hole if plain else f"'{hole}'"


def _kind_of(value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "string"
    return "integer" if isinstance(value, int) else "number"


def _type(declared: RunParameter) -> str:
    """Booleans are text, since Azure ML would spell them `True`; so is what may be null."""
    optional = not declared.required and declared.default is None
    plain = declared.type in ("integer", "number") and not optional and not declared.values
    return declared.type if plain else "string"


def _may_be_missing(declared: RunParameter) -> bool:
    """Whether MISSING can reach a command: Azure ML itself refuses it for a number, and for one of a few words."""
    return declared.required and _type(declared) == "string" and not _allowed(declared)


def _allowed(declared: RunParameter) -> Iterator[str] | tuple[str, ...]:
    if declared.values:
        return tuple(spelled(value) for value in declared.values)
    return ("true", "false") if declared.type == "boolean" else ()


def _declared(declared: RunParameter, known: str) -> ComponentInput:
    """A run parameter as an input: Azure ML itself refuses a value of another type or out of bounds."""
    kind = _type(declared)
    allowed = tuple(text if is_sayable(text) else DEFAULT for text in _allowed(declared))
    optional = not declared.required and declared.default is None
    return ComponentInput(
        name=known,
        type=kind,
        description=declared.description or None,
        min=_bound(declared, declared.minimum) if kind != "string" else None,
        max=_bound(declared, declared.maximum) if kind != "string" else None,
        enum=(*allowed, NOTHING) if allowed and optional else allowed,
    )


def _bound(declared: RunParameter, value: float | None) -> int | float | None:
    whole = value is not None and declared.type == "integer" and float(value).is_integer()
    return round(value) if whole and value is not None else value


def default_of(declared: RunParameter) -> Literal:
    """What stands in the pipeline job for a run parameter until a run says otherwise."""
    if declared.required:
        return MISSING
    if declared.default is None:
        return NOTHING
    if unsayable_default(declared) is not None:
        return DEFAULT
    value = declared.default
    plain = isinstance(value, int | float) and not isinstance(value, bool) and _type(declared) != "string"
    return value if plain and isinstance(value, int | float) else spelled(value)
