"""Registration: a model package version with its metrics, its data's versions and its card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.graph import real_times
from mlopsgen.plan.services import RealTime
from mlopsgen.plan.steps import Evaluate, FromStep, Input, Register
from mlopsgen.plan.values import Flag
from mlopsgen.targets.sagemaker import names
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import StoredFolder, made_by
from mlopsgen.targets.sagemaker.expressions import Word, get, join, text
from mlopsgen.targets.sagemaker.jobs import depends_on
from mlopsgen.targets.sagemaker.native import RegisterStep

APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"
NO_SERVER = "(Not to be deployed as it is: its image has no server.)"
"""What a version says of itself where people pick one: SageMaker would start the image with `serve`."""
_STAGE_STATUS = {APPROVED: "Approved", PENDING: "PendingApproval"}
_INTENDED = ("purpose_of_model", "intended_uses", "factors_affecting_model_efficiency", "explanations_for_risk_rating")
_BUSINESS = ("business_problem", "business_stakeholders", "line_of_business")
_FURTHER = ("ethical_considerations", "caveats_and_recommendations")
_ALIASES = {
    "intended_use": "intended_uses",
    "purpose": "purpose_of_model",
    "limits": "caveats_and_recommendations",
    "limitations": "caveats_and_recommendations",
    "caveats": "caveats_and_recommendations",
    "ethics": "ethical_considerations",
}
"""A card's usual words for the sections of SageMaker's schema; all others become details of their own."""


def register_step(context: Context, step: Register, status: str, name: str) -> RegisterStep:
    """One registration with a fixed status: `Rejected` has no life cycle, so it never becomes the champion."""
    if len(step.group) > names.GROUP_NAME or not names.ENTITY.fullmatch(step.group):
        most = names.GROUP_NAME
        message = f"`{step.group}` is no name of a model package group: letters, digits and hyphens, {most} at most"
        context.error("MG305", message, ("registry", "model"), "another name of the model")
    metrics = _file(context, step.metrics, "metrics.json")
    if step.metrics is not None and metrics is None:
        context.note(
            "a version keeps no metrics: those of a training lie packed in an archive, which SageMaker does not open",
            ("training",),
            hint="an `evaluation` writes metrics that are kept",
            on=On.KEY,
        )
    served = [one for one in real_times(context.plan) if one.model == step.group]
    server = next(iter(served), None)
    bias = _file(context, step.gate, "gate.json") if _judges_bias(context) else None
    explanation = _explanation(context, step)
    return RegisterStep(
        name=name,
        depends_on=depends_on(context, step.after),
        origin=step.origin,
        group=step.group,
        description=_description(context, server),
        image=context.image,
        model_data=_input(context, step.model).uri,
        status=status,
        stage_status=_STAGE_STATUS.get(status),
        # What is rolled out first becomes the champion when it answers, and not before.
        stage="Staging" if any(one.version is None for one in served) else "Production",
        environment=_environment(context, server),
        measured=any(part is not None for part in (metrics, bias, explanation)),
        metrics=metrics,
        bias=bias,
        explanation=explanation,
        metadata=_metadata(context, step),
        card=_card(context, step) if step.card else None,
    )


def _environment(context: Context, server: RealTime | None) -> Mapping[str, Word]:
    """What a version keeps for ever of how it is served, whoever makes an endpoint of it."""
    if server is None:
        return {}
    from mlopsgen.targets.sagemaker.server import VARIABLE, serve_words

    return {VARIABLE: json.dumps(serve_words(context, server), ensure_ascii=False)}


def _description(context: Context, server: RealTime | None) -> str:
    if server is not None:
        return names.one_line(context.plan.description, names.DESCRIPTION)
    own = names.one_line(context.plan.description, names.DESCRIPTION - len(NO_SERVER) - 1)
    return f"{own} {NO_SERVER}".strip()


def _input(context: Context, item: Input) -> StoredFolder:
    assert isinstance(item.source, FromStep)
    return made_by(context, item.source)


def _file(context: Context, item: Input | None, name: str) -> Word | None:
    """A file of a port; None when it lies packed in an archive, which nobody could open at that address."""
    if item is None:
        return None
    place = _input(context, item)
    if place.inner is not None:
        return None
    return join(_without_slash(place.uri), name, on="/")


def _without_slash(uri: Word) -> Word:
    """The reference itself, where a slash was joined to it."""
    if isinstance(uri, str) or "Std:Join" not in uri:
        return uri
    values: list[Word] = uri["Std:Join"]["Values"]
    return values[0] if values[1:] == ["/"] else uri


def _judges_bias(context: Context) -> bool:
    return any(rule.group for s in context.plan.steps if isinstance(s, Evaluate) for rule in s.gates)


def _explanation(context: Context, step: Register) -> Word | None:
    """The runtime's file (MetricsSource.S3Uri names one); how a script calls its own, nobody here knows."""
    explanation = next((figure for figure in step.figures if figure.port == "explanation"), None)
    if explanation is None or not _explained_by_us(context, explanation):
        return None
    return _file(context, explanation, "explanation.json")


def _explained_by_us(context: Context, item: Input) -> bool:
    assert isinstance(item.source, FromStep)
    argv = context.jobs[item.source.step].argv
    return any(isinstance(word, Flag) and word.name == "explain-method" for word in argv)


def _metadata(context: Context, step: Register) -> Mapping[str, Word]:
    """What a version came from: the run, the data, the pictures."""
    metadata: dict[str, Word] = {"mlopsgen:run": get("Execution", "PipelineExecutionArn")}
    for name, version in step.data_versions:
        source = context.sources.get(name)
        if source is not None and not isinstance(source.uri, str) and version == str(source.uri):
            # Only the run knows which data it read.
            metadata[f"data:{name}"] = text(source.uri, context.facts)
            continue
        _check_version(context, name, version)
        metadata[f"data:{name}"] = version
    for figure in step.figures:
        place = _input(context, figure)
        if place.inner is None:
            metadata[f"figure:{figure.port}"] = place.uri
    return metadata


def _check_version(context: Context, source: str, version: str) -> None:
    if len(version) > names.METADATA_LENGTH or not names.TAG_TEXT.fullmatch(version):
        context.error(
            "MG306",
            f"the version of source `{source}` cannot be kept beside the model: SageMaker takes "
            f"{names.METADATA_LENGTH} letters, digits and `_.:/=+-@`",
            ("data", "sources", source, "version" if context.sources[source].version else "uri"),
            hint="give the source a `version` of these characters",
        )


def _card(context: Context, step: Register) -> str:
    """The card in the schema of a model package (sagemaker/latest/dg/model-card-api-json-schema.html)."""
    assert step.card is not None
    sections: dict[str, str] = {}
    for name, passage in step.card.sections:
        key = _ALIASES.get(name, name)
        sections[key] = f"{sections[key]}\n{passage}" if key in sections else passage
    for name, passage in sections.items():
        if len(passage) > names.CARD_LENGTH:
            written = [own for own, _ in step.card.sections if _ALIASES.get(own, own) == name]
            where: SpecPath = ("registry", "card", written[-1])
            mine = " and ".join(f"`{own}`" for own in written)
            hint = "say it shorter, and name a page that says the rest"
            context.error("MG306", f"{mine} of the card is longer than {names.CARD_LENGTH} characters", where, hint)
    return json.dumps(dict(_content(context, sections)), ensure_ascii=False)


def _content(context: Context, sections: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    if context.plan.owner:
        yield "model_overview", {"model_creator": context.plan.owner}
    for part, known in (("intended_uses", _INTENDED), ("business_details", _BUSINESS)):
        if content := {key: sections[key] for key in known if key in sections}:
            yield part, content
    further: dict[str, Any] = {key: sections[key] for key in _FURTHER if key in sections}
    others = {k: v for k, v in sections.items() if k not in (*_INTENDED, *_BUSINESS, *_FURTHER)}
    if others:
        further["custom_details"] = others
    if further:
        yield "additional_information", further
