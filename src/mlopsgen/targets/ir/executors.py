"""A part's own component and executor."""

from __future__ import annotations

from typing import assert_never

from mlopsgen.targets.ir import native
from mlopsgen.targets.ir.parts import Command, Import, Known, Part, Word

URI = "uri"
"""The parameter of an importer that holds the address."""


def component_of(part: Part) -> native.Component:
    """What a part takes and makes."""
    inputs = native.Ports(
        parameters={name: native.ParameterSpec(type=take.type) for name, take in part.parameters.items()},
        artifacts={
            name: native.Artifact(schema_title=read.schema, is_list=read.is_list)
            for name, read in part.artifacts.items()
        },
    )
    outputs = native.Ports(
        parameters={name: native.ParameterSpec(type=kind) for name, kind in part.tells.items()},
        artifacts={name: native.Artifact(schema_title=schema) for name, schema in part.makes.items()},
    )
    return native.Component(name=f"comp-{part.name}", inputs=inputs, outputs=outputs, body=_label(part))


def executor_of(part: Part) -> native.Executor:
    """What runs a part."""
    return native.Executor(label=_label(part), body=_body(part), platform=part.platform)


def _label(part: Part) -> str:
    return f"exec-{part.name}"


def _body(part: Part) -> native.Container | native.Importer:
    match part.runs:
        case Command() as command:
            words = tuple(map(argument, command.words))
            return native.Container(
                image=command.image,
                command=words[: command.entry],
                args=words[command.entry :],
                env=command.env,
                resources=command.resources,
            )
        case Import() as imported:
            return native.Importer(
                uri=_address(part),
                schema_title=imported.schema,
                metadata=imported.metadata,
                reimport=imported.reimport,
            )
        case _:
            assert_never(part.runs)


def argument(word: Word) -> str:
    """An argument with its placeholders."""
    return "".join(map(str, word))


def _address(part: Part) -> str | native.FromInput:
    uri = part.parameters[URI].source
    return str(uri.value) if isinstance(uri, Known) else native.FromInput(URI)
