"""Registration: a node that reads gate.json, since no node of a pipeline has a condition."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mlopsgen.plan.steps import Input, Register
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml import shell_words
from mlopsgen.targets.azureml.commands import guard_flags
from mlopsgen.targets.azureml.compute import Clusters
from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.edges import VERSION, folder_inputs
from mlopsgen.targets.azureml.jobs import MANAGED, Graph, Laid, bound_of, inputs_of, waiting_inputs
from mlopsgen.targets.azureml.names import identifier
from mlopsgen.targets.azureml.native import CommandNode, Component, ComponentOutput
from mlopsgen.targets.azureml.values import Values, check_text
from mlopsgen.targets.launcher import LAUNCHER, RUNTIME, flag_words, plain

CARD, DESCRIPTION, TAGS = "MODEL_CARD", "MODEL_DESCRIPTION", "MODEL_TAGS"
"""Environment variables that hold what a user wrote: a shell puts them into an argument and reads no more of it."""


def register_node(context: Context, graph: Graph, clusters: Clusters, step: Register) -> CommandNode:
    """The registration as a node of type `command`."""
    folders = Laid((*folder_inputs(_inputs(step), graph.refitted), *waiting_inputs(graph, step)))
    values = Values(context, None, folders.taken)
    command = (*RUNTIME, "register", *_flags(context, step, values))
    flags = (
        *guard_flags(values, graph.guards[step.name], graph.waits[step.name]),
        *flag_words(plain, keep=[shell_words.output_hole(VERSION)]),
    )
    outputs = (ComponentOutput(name=VERSION, type="uri_folder"),)
    return CommandNode(
        name=identifier(step.name),
        component=Component(
            file=f"components/{identifier(step.name)}.yml",
            name=context.home.component(step.name),
            display_name=step.name,
            description="Registers the model when its gates hold, and says why when they do not",
            is_deterministic=False,
            inputs=inputs_of(folders, values),
            outputs=outputs,
            environment=context.environment,
            distribution=None,
            command=" ".join((*LAUNCHER, *flags, "--", *command)),
        ),
        inputs=bound_of(folders, values),
        compute=clusters.small(step.name),
        instance_count=1,
        shm_size=None,
        origin=step.origin,
        environment_variables=_texts(context, step),
        timeout=None,
        identity=MANAGED,
    )


def _inputs(step: Register) -> tuple[Input, ...]:
    optional = (step.metrics, step.gate)
    return (step.model, *(item for item in optional if item is not None), *step.figures)


def _flags(context: Context, step: Register, values: Values) -> Iterator[str]:
    yield shell_words.flag("registry", context.models)
    yield shell_words.flag("name", step.group)
    yield f"--model={shell_words.input_hole(step.model.port)}"
    if step.metrics:
        yield f"--metrics={shell_words.input_hole(step.metrics.port)}"
    if step.gate:
        yield f"--gate={shell_words.input_hole(step.gate.port)}"
    yield from (f"--figure={shell_words.input_hole(figure.port)}" for figure in step.figures)
    yield values.flag("approval", step.approval, (*step.origin, "approval")) or ""
    if step.card:
        yield f'--card="${CARD}"'
    yield _data_versions(context, step, values)
    yield shell_words.flag("code-digest", context.version)
    if any(one.version is None and one.model == step.group for one in context.lives):
        yield shell_words.flag("champion", "rollout")
    yield '--run="$AZUREML_ROOT_RUN_ID"'
    if context.plan.description:
        yield f'--description="${DESCRIPTION}"'
    yield f'--tags="${TAGS}"'
    yield f"--out={shell_words.output_hole(VERSION)}"


def _data_versions(context: Context, step: Register, values: Values) -> str:
    """What is known of the data; an address that a run gives stands as the run gives it."""
    known = {name: _data_version(context, name, version) for name, version in step.data_versions}
    text = json.dumps(known, sort_keys=True)
    values.check(text, step.origin)
    return shell_words.flag("version-of-data", text)


def _data_version(context: Context, name: str, version: str) -> str:
    source = context.sources.get(name)
    if source is not None and isinstance(source.uri, Ref):
        return str(context.parameters[source.uri.name].default)
    return version


def _texts(context: Context, step: Register) -> Mapping[str, str]:
    """The card, the description and the tags, as environment variables."""
    sections = dict(step.card.sections) if step.card else {}
    for name, text in sections.items():
        check_text(context, f"{name}\n{text}", ("registry", "card", name))
    files = {CARD: _json(sections)} if sections else {}
    if context.plan.description:
        files[DESCRIPTION] = context.plan.description
    return {**files, TAGS: _json(context.tags)}


def _json(value: Mapping[str, str]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)
