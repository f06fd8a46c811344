"""Shapes of pipelines as parts: gates, loops, exit handlers, importers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlopsgen.render import FileJob, render
from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.values import RunFact
from mlopsgen.targets.ir.dags import build_dags
from mlopsgen.targets.ir.native import Accelerator, ParameterSpec, ParameterType, Pipeline, Resources, Retry
from mlopsgen.targets.ir.parameters import FACTS
from mlopsgen.targets.ir.parts import (
    EXECUTOR_INPUT,
    Command,
    Hole,
    Import,
    Item,
    Known,
    Loop,
    ParameterValue,
    Part,
    PartArtifact,
    PartOutput,
    Reads,
    Takes,
    Value,
    Where,
    Word,
    equals,
    fails,
    flag,
    holds,
)
from mlopsgen.targets.ir.template_values import pipeline_values

IMAGE = "registry.example/churn:1"
DATASET, MODEL, METRICS, ANY, PAGE = (f"system.{word}" for word in ("Dataset", "Model", "Metrics", "Artifact", "HTML"))


def read(name: str) -> Hole:
    return Hole(Where.INPUT_PATH, name)


def made(name: str) -> Hole:
    return Hole(Where.OUTPUT_PATH, name)


def given(name: str) -> Hole:
    return Hole(Where.PARAMETER, name)


def command(*words: str | Hole | Word, **more: Any) -> Command:
    head: tuple[Word, ...] = (("python",), ("-m",), ("mlopsgen_runtime",))
    rest = tuple(w if isinstance(w, tuple) else (w,) for w in words)
    return Command(image=IMAGE, words=(*head, *rest), entry=len(head), **more)


def reads(part: str, port: str, schema: str, *, is_list: bool = False) -> Reads:
    return Reads(source=PartArtifact(part, port), schema=schema, is_list=is_list)


def takes(source: Value, kind: ParameterType = "STRING") -> Takes:
    return Takes(source=source, type=kind)


def part(name: str, runs: Command | Import, **more: Any) -> Part:
    return Part(name=name, step=name, runs=runs, **more)


def making(rows: Value, **more: Any) -> Part:
    return part(
        "make",
        command("make", flag("rows", given("rows")), flag("train", made("train"))),
        parameters={"rows": takes(rows, "NUMBER_INTEGER")},
        makes={"train": DATASET},
        **more,
    )


def fitting(rows: PartArtifact, name: str = "fit", **more: Any) -> Part:
    return part(
        name,
        command("fit", flag("rows", read("rows")), flag("model", made("model")), **more),
        artifacts={"rows": Reads(source=rows, schema=DATASET)},
        makes={"model": MODEL},
    )


def reporting(model: PartArtifact, **more: Any) -> Part:
    return part(
        "report",
        command("report", flag("model", read("model")), flag("page", made("page"))),
        artifacts={"model": Reads(source=model, schema=MODEL)},
        makes={"page": PAGE},
        **more,
    )


def trying(items: tuple[str, ...] | PartOutput, parallel: int | None = None, **more: Any) -> Part:
    words = (flag("train", read("train")), flag("params", given("params")), flag("model", made("model")))
    return part(
        "train",
        command("train", *words, made("metrics")),
        artifacts={"train": reads("make", "train", DATASET)},
        parameters={"params": takes(Item())},
        makes={"model": MODEL, "metrics": METRICS},
        loop=Loop(title="training-trials", items=items, parallel=parallel),
        **more,
    )


def selecting(**more: Any) -> Part:
    return part(
        "select",
        command("select", "--executor-input", EXECUTOR_INPUT, flag("model", made("best"))),
        artifacts={
            "model": reads("train", "model", MODEL, is_list=True),
            "metrics": reads("train", "metrics", METRICS, is_list=True),
        },
        makes={"best": MODEL},
        **more,
    )


def condition() -> Sequence[Part]:
    passed, model = PartOutput("evaluate", "passed"), {"model": reads("fit", "model", MODEL)}
    gate = holds(passed, "evaluation-gate")
    manual = equals(ParameterValue("approval"), "manual", "registry-manual-approval")
    gating = (
        flag("passed", Hole(Where.OUTPUT_FILE, "passed")),
        flag("model", read("model")),
        flag("gate", made("gate")),
    )
    return (
        making(ParameterValue("rows"), cache=False),
        fitting(PartArtifact("make", "train")),
        part(
            "evaluate",
            command("gate", *gating),
            artifacts=model,
            makes={"gate": ANY},
            tells={"passed": "BOOLEAN"},
            cache=False,
        ),
        part(
            "register",
            command("register", flag("model", read("model")), flag("approval", given("approval"))),
            artifacts=model,
            parameters={"approval": takes(ParameterValue("approval"))},
            guards=(gate, manual),
        ),
        reporting(
            PartArtifact("fit", "model"),
            guards=(gate, manual, holds(ParameterValue("with_report"), "when with_report")),
            after=("register",),
        ),
        part(
            "refuse",
            command("refuse", Hole(Where.INPUT_URI, "model")),
            artifacts=model,
            guards=(fails(passed, "evaluation-gate-not-passed"),),
        ),
    )


def loop() -> Sequence[Part]:
    items = ('{"depth": 2}', '{"depth": 3}')
    return (making(Known(100)), trying(items, parallel=2), selecting(), reporting(PartArtifact("select", "best")))


def proposed() -> Sequence[Part]:
    proposing = part(
        "propose",
        command("propose", flag("trials", given("count")), flag("to", Hole(Where.OUTPUT_FILE, "trials"))),
        parameters={"count": takes(ParameterValue("trials"), "NUMBER_INTEGER")},
        tells={"trials": "LIST"},
    )
    return (making(Known(100)), proposing, trying(PartOutput("propose", "trials")), selecting())


def logging(**more: Any) -> Part:
    return part(
        "logbook",
        command("logbook", flag("run", given("run")), flag("at", given("at"))),
        parameters={"run": takes(RunFact("run.id")), "at": takes(RunFact("run.scheduled_at"))},
        always=True,
        **more,
    )


def branch() -> Sequence[Part]:
    go, deep = holds(ParameterValue("go"), "when go"), holds(ParameterValue("deep"), "when deep")
    items = ('{"depth": 2}',)
    best = PartArtifact("select", "best")
    search = (trying(items, guards=(go,)), selecting(guards=(go,)))
    return (making(Known(100)), *search, reporting(best, guards=(go, deep)), logging())


def exit_handler() -> Sequence[Part]:
    when = holds(ParameterValue("with_report"), "when with_report")
    return (
        making(ParameterValue("rows")),
        fitting(PartArtifact("make", "train")),
        reporting(PartArtifact("fit", "model"), guards=(when,)),
        logging(cache=False),
    )


def importer() -> Sequence[Part]:
    words = (
        flag("source", read("source")),
        flag("train", made("train")),
        flag("test", made("test")),
    )
    limits = Resources(cpu_limit="500m", memory_limit="16Gi", cpu_request="250m", memory_request="512Mi")
    gpus = Resources(accelerator=Accelerator(type="nvidia.com/gpu", count=2))
    return (
        part(
            "importer",
            Import(schema=DATASET, metadata={"version": "7"}),
            parameters={"uri": takes(Known("s3://store/data/4711"))},
            makes={"artifact": DATASET},
        ),
        part(
            "importer-2",
            Import(schema=DATASET, reimport=True),
            parameters={"uri": takes(ParameterValue("day"))},
            makes={"artifact": DATASET},
            cache=False,
        ),
        part(
            "prepare",
            command("split", *words, env=(("LEVEL", "info"),), resources=limits),
            artifacts={"source": reads("importer", "artifact", DATASET)},
            makes={"train": DATASET, "test": DATASET},
            retry=Retry(attempts=2, backoff=10),
        ),
        fitting(PartArtifact("importer-2", "artifact"), resources=gpus),
        fitting(PartArtifact("prepare", "train"), name="fit-2"),
    )


def optional(kind: ParameterType, default: Any) -> ParameterSpec:
    return ParameterSpec(type=kind, default=default, optional=True)


SHAPES: Mapping[str, tuple[str, Mapping[str, ParameterSpec], Sequence[Part]]] = {
    "condition": (
        "Gates, and what stands behind them",
        {
            "rows": ParameterSpec(type="NUMBER_INTEGER"),
            "approval": optional("STRING", "manual"),
            "with_report": optional("BOOLEAN", default=True),
            "share": optional("NUMBER_DOUBLE", 0.5),
        },
        condition(),
    ),
    "loop": ("Trials that are known beforehand", {}, loop()),
    "proposed": ("Trials that only the run knows", {"trials": optional("NUMBER_INTEGER", 8)}, proposed()),
    "exit": (
        "What runs however the rest ended",
        {"rows": optional("NUMBER_INTEGER", 10), "with_report": optional("BOOLEAN", default=True)},
        exit_handler(),
    ),
    "branch": (
        "A search that a parameter switches on",
        {"go": optional("BOOLEAN", default=True), "deep": optional("BOOLEAN", default=False)},
        branch(),
    ),
    "importer": ("Data, machines and tries", {"day": optional("STRING", "s3://lake/monday")}, importer()),
}


def compiled(name: str) -> bytes:
    """A shape as our file."""
    description, parameters, parts = SHAPES[name]
    dags = build_dags(parts, parameters, FACTS)
    pipeline = Pipeline(
        name=name,
        description=description,
        default_root="s3://store/runs",
        root=dags.root,
        components=dags.components,
        executors=dags.executors,
        sdk_version="kfp-2.17.0",
    )
    job = FileJob(f"{name}.yaml", "_shared/ir/pipeline.yaml.j2", {"pipeline": pipeline_values(pipeline)})
    return render([job], TEMPLATES / "local")[job.path]
