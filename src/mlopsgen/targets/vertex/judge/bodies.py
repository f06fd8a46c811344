"""Rules for request bodies: each by itself, against the pipelines, and against what Terraform makes."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import datetime
from typing import Any

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.nearest import nearest
from mlopsgen.targets.documents import Document, Path, dig, maps
from mlopsgen.targets.ir.judge.folder import mapping, repeated
from mlopsgen.targets.ir.judge.images import image
from mlopsgen.targets.ir.judge.kinds import fits
from mlopsgen.targets.ir.judge.shape import is_number
from mlopsgen.targets.rules import rule
from mlopsgen.targets.vertex.judge.messages import (
    ACCOUNT,
    BODIES,
    MESSAGES,
    OUTPUT_ONLY,
    TABLE,
    clock_problem,
)
from mlopsgen.targets.vertex.judge.modules import Module
from mlopsgen.targets.vertex.judge.requests import Requests, kind_of

API = "google.cloud.aiplatform.v1"
SAME = "a bundle's requests use what its Terraform makes"


@rule("body-shape", API)
def shape(r: Requests) -> Iterator[Diagnostic]:
    """Every key is one of the message, and one that a client may send."""
    for body in r.all:
        if body.document.data is None:
            yield body.document.finding("MG438", f"this {body.kind} is no JSON")
            continue
        yield from repeated(body.document)
        known = {key.removesuffix("!") for key in MESSAGES[body.kind]}
        for key in body.data:
            if key in OUTPUT_ONLY - known:
                yield body.document.finding("MG433", f"`{key}` is what the service says, not what is sent", (key,))
        sent = {key: value for key, value in body.data.items() if key in known or key not in OUTPUT_ONLY}
        yield from TABLE.check(body.document, body.kind, sent)
    for document in r.folder.rest:
        if not kind_of(document.data) and document.file.startswith("requests/"):
            yield document.finding("MG430", "this is no request that is known here: " + ", ".join(BODIES))


@rule("body-parameters", "a run's parameters are those of its pipeline")
def parameters(r: Requests) -> Iterator[Diagnostic]:
    """Values are given to parameters that the pipeline has, of their types, and to all that need one."""
    if len(r.programs) != 1:
        return
    declared = r.programs[0].root.inputs("parameters")
    for document, path, job in r.jobs():
        values = mapping(dig(job, ("runtimeConfig", "parameterValues")))
        place = (*path, "runtimeConfig", "parameterValues")
        for name, value in values.items():
            if name not in declared:
                near = nearest(name, declared)
                hint = f"did you mean `{near}`?" if near else None
                yield document.finding("MG434", f"the pipeline has no parameter `{name}`", (*place, name), hint)
                continue
            kind = mapping(declared[name]).get("parameterType")
            if not fits(kind, value):
                yield document.finding("MG431", f"`{name}` is {kind}, which this is not", (*place, name))
        for name, spec in declared.items():
            needed = "defaultValue" not in mapping(spec) and not mapping(spec).get("isOptional")
            if needed and name not in values and document.file.startswith("requests/schedule"):
                yield document.finding("MG432", f"the pipeline needs a value for `{name}`", place)


@rule("body-schedules", "REST reference, projects.locations.schedules")
def schedules(r: Requests) -> Iterator[Diagnostic]:
    """A schedule says when in cron, from a moment to a later one."""
    for body in r.files:
        if body.kind != "Schedule":
            continue
        cron = body.data.get("cron")
        problem = clock_problem(cron) if isinstance(cron, str) else None
        if problem:
            yield body.document.finding("MG439", problem, ("cron",))
        start, end = (_moment(body.data.get(key)) for key in ("startTime", "endTime"))
        if start and end and end <= start:
            yield body.document.finding("MG433", "it ends before it starts", ("endTime",))
        job = mapping(dig(body.data, ("createPipelineJobRequest", "pipelineJob")))
        if job and not {"templateUri", "pipelineSpec"} & job.keys():
            path = ("createPipelineJobRequest", "pipelineJob")
            yield body.document.finding("MG432", "a run needs `templateUri` or `pipelineSpec`", path)


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


@rule("body-places", "one bundle is of one project and one region; a key is where what it encrypts is")
def places(r: Requests) -> Iterator[Diagnostic]:
    """Accounts, keys and templates are of the project and region of the bundle."""
    homes = [home for d, p, job in r.jobs() if (home := _home(job.get("templateUri")))]
    homes += [home for body in r.files if (home := _parent(dig(body.data, ("createPipelineJobRequest", "parent"))))]
    if not homes:
        return
    region, project = max(set(homes), key=homes.count)
    for body in r.files:
        place: Path = ("createPipelineJobRequest", "parent")
        if (there := _parent(dig(body.data, place))) and there != (region, project):
            yield body.document.finding("MG433", f"everything else is in {project}, {region}", place)
        yield from _key(body.document, body.data, (), region)
    for document, path, job in r.jobs():
        if path:
            yield from _key(document, job, path, region)
        account = ACCOUNT.fullmatch(str(job.get("serviceAccount")))
        if account and account["project"] != project:
            message = f"the account is of `{account['project']}`, everything else of `{project}`"
            yield document.finding("MG433", message, (*path, "serviceAccount"))
        if (there := _home(job.get("templateUri"))) and there != (region, project):
            yield document.finding("MG433", f"everything else is in {project}, {region}", (*path, "templateUri"))


def _home(template: Any) -> tuple[str, str] | None:
    match = re.fullmatch(r"https://([a-z0-9-]+)-kfp\.pkg\.dev/([^/]+)/.*", str(template))
    return (match[1], match[2]) if match else None


def _parent(text: Any) -> tuple[str, str] | None:
    match = re.fullmatch(r"projects/([^/]+)/locations/([^/]+)", str(text))
    return (match[2], match[1]) if match and not match[1].isdecimal() else None


def _key(document: Document, data: dict[str, Any], path: Path, region: str) -> Iterator[Diagnostic]:
    match = re.search(r"/locations/([a-z0-9-]+)/", str(dig(data, ("encryptionSpec", "kmsKeyName"))))
    if match and match[1] != region:
        message = f"the key is in {match[1]}, what it encrypts in {region}"
        yield document.finding("MG433", message, (*path, "encryptionSpec", "kmsKeyName"))


@rule("body-templates", "the template of a run is this bundle's pipeline")
def templates(r: Requests) -> Iterator[Diagnostic]:
    """All runs of one pipeline are of one version of its template, which is called as the pipeline."""
    uris = [(d, p, str(job["templateUri"])) for d, p, job in r.jobs() if isinstance(job.get("templateUri"), str)]
    texts = [text for _, _, text in uris]
    names = {str(dig(program.document.data, _NAME)) for program in r.programs}
    for document, path, text in uris:
        of_one = [other for other in texts if _named(other, names) == _named(text, names)]
        if text != max(of_one, key=lambda other: (of_one.count(other), other == of_one[0])):
            message = "another run of this bundle has another template"
            yield document.finding("MG434", message, (*path, "templateUri"))
    packages = {match[1] for text in texts if (match := _PACKAGE.match(text))}
    for program in r.programs if packages else ():
        yield from _package(program.document, packages)


_NAME: Path = ("pipelineInfo", "name")
_PACKAGE = re.compile(r"https://[a-z0-9-]+-kfp\.pkg\.dev/[^/]+/[^/]+/([^/]+)/")
_SHORTEST = 4
"""Characters of a template's name (vertex-ai/docs/pipelines/create-pipeline-template)."""


def _named(uri: str, names: Container[str]) -> str:
    """The pipeline that a template's address names; a name that no pipeline of the folder has is any one's."""
    match = _PACKAGE.match(uri)
    return match[1] if match and match[1] in names else ""


def _package(pipeline: Document, packages: set[str]) -> Iterator[Diagnostic]:
    """A template is uploaded under the name of its pipeline."""
    name = str(dig(pipeline.data, _NAME))
    if len(name) < _SHORTEST:
        message = f"a repository takes a template of {_SHORTEST} characters or more, and it is called as its pipeline"
        yield pipeline.finding("MG433", message, _NAME)
    elif name not in packages:
        message = f"runs are of the template `{min(packages)}`, and this is uploaded as `{name}`"
        yield pipeline.finding("MG434", message, _NAME)


@rule("body-workers", API + ", WorkerPoolSpec")
def workers(r: Requests) -> Iterator[Diagnostic]:
    """Images are pinned, accelerators are counted, variables are set once; the first pool is one machine."""
    for document, path, pool in r.workers():
        yield from image(document, (*path, "containerSpec", "imageUri"), dig(pool, ("containerSpec", "imageUri")))
        machine = mapping(pool.get("machineSpec"))
        for one, other in (("acceleratorType", "acceleratorCount"), ("acceleratorCount", "acceleratorType")):
            if one in machine and other not in machine and not str(machine.get(one)).startswith("TPU"):
                yield document.finding("MG432", f"`{one}` needs `{other}`", (*path, "machineSpec"))
        if path[-1] == 0 and str(pool.get("replicaCount", 1)) not in ("1", "0"):
            message = "the first pool is the one machine that leads: put the others in a second one"
            yield document.finding("MG433", message, (*path, "replicaCount"))
        names = [variable.get("name") for _, variable in maps(dig(pool, ("containerSpec", "env")))]
        for i, name in enumerate(names):
            if isinstance(name, str) and name in names[:i]:
                place = (*path, "containerSpec", "env", i)
                yield document.finding("MG436", f"the variable `{name}` is set twice", place)


@rule("body-searches", API + ", StudySpec")
def searches(r: Requests) -> Iterator[Diagnostic]:
    """A search has something to search, in spaces that are not empty, and no more trials at once than in all."""
    for body in r.all:
        if body.kind != "HyperparameterTuningJob":
            continue
        data, document = body.data, body.document
        for key in ("metrics", "parameters"):
            if dig(data, ("studySpec", key)) == []:
                yield document.finding("MG432", f"`{key}` is empty", ("studySpec", key))
        most = _count(data.get("maxTrialCount"))
        for key in ("parallelTrialCount", "maxFailedTrialCount"):
            count = _count(data.get(key))
            if most is not None and count is not None and count > most > 1:
                yield document.finding("MG433", f"`{key}` {count} of {most} trials in all", (key,))
        seen: set[str] = set()
        for i, parameter in maps(dig(data, ("studySpec", "parameters"))):
            path: Path = ("studySpec", "parameters", i)
            name = str(parameter.get("parameterId"))
            if name in seen:
                yield document.finding("MG436", f"there is a parameter `{name}` already", (*path, "parameterId"))
            seen.add(name)
            yield from _space(document, path, parameter)


def _count(value: Any) -> int | None:
    return int(value) if is_number(value) or (isinstance(value, str) and value.isdecimal()) else None


def _space(document: Document, path: Path, parameter: dict[str, Any]) -> Iterator[Diagnostic]:
    for kind in ("doubleValueSpec", "integerValueSpec"):
        space = mapping(parameter.get(kind))
        least, most, usual = (_real(space.get(key)) for key in ("minValue", "maxValue", "defaultValue"))
        if least is None or most is None:
            continue
        if least > most:
            yield document.finding("MG433", f"`minValue` {least} is above `maxValue` {most}", (*path, kind, "minValue"))
        elif usual is not None and not least <= usual <= most:
            message = f"the default {usual} is not between {least} and {most}"
            yield document.finding("MG433", message, (*path, kind, "defaultValue"))
        if "LOG" in str(parameter.get("scaleType")) and least <= 0:
            yield document.finding("MG433", "a logarithm begins above 0", (*path, kind, "minValue"))
    for kind in ("categoricalValueSpec", "discreteValueSpec"):
        values = dig(parameter, (kind, "values"))
        if values == []:
            yield document.finding("MG433", "nothing to choose from", (*path, kind, "values"))
        elif kind == "discreteValueSpec" and not _in_order(values):
            yield document.finding("MG433", "values stand in order, each once", (*path, kind, "values"))


def _in_order(values: Any) -> bool:
    numbers = isinstance(values, list) and all(map(is_number, values))
    return not numbers or values == sorted(set(values))


def _real(value: Any) -> float | None:
    try:
        return float(value) if not isinstance(value, bool | list | dict) and value is not None else None
    except ValueError:
        return None


@rule("requests-accounts", SAME)
def accounts(r: Requests) -> Iterator[Diagnostic]:
    """Runs act as an account that Terraform makes, where it makes any and knows no other."""
    for module in Module.all(r.folder):
        names = {str(module.resolved(one.body.get("account_id"))) for one in module.of("google_service_account")}
        others = {account.group(0) for account in ACCOUNT.finditer(module.text)}
        for document, path, job in r.jobs() if names else ():
            account = job.get("serviceAccount")
            if not isinstance(account, str) or not ACCOUNT.fullmatch(account) or account in others:
                continue
            if account.split("@")[0] not in names:
                message = f"Terraform makes no account `{account.split('@')[0]}`"
                yield document.finding("MG434", message, (*path, "serviceAccount"))


@rule("requests-buckets", SAME)
def buckets(r: Requests) -> Iterator[Diagnostic]:
    """Runs write to a bucket that Terraform makes, where it makes any."""
    for module in Module.all(r.folder):
        names = {_text(module.resolved(one.body.get("name"))) for one in module.of("google_storage_bucket")}
        if not names or None in names:
            continue
        for document, path, job in r.jobs():
            match = re.match(r"gs://([^/]+)", str(dig(job, ("runtimeConfig", "gcsOutputDirectory"))))
            if match and match[1] not in names:
                place = (*path, "runtimeConfig", "gcsOutputDirectory")
                yield document.finding("MG434", f"Terraform makes no bucket `{match[1]}`", place)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
