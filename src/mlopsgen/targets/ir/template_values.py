"""A pipeline as its template gets it: every task, component and executor under the keys of pipeline_spec.proto."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, assert_never

from mlopsgen.targets.ir import native
from mlopsgen.targets.ir.native import cores, gigabytes

Keys: TypeAlias = dict[str, Any]


def pipeline_values(pipeline: native.Pipeline) -> Mapping[str, Any]:
    """The whole pipeline for its template."""
    info = {"name": pipeline.name, "description": pipeline.description}
    return {
        "info": {key: value for key, value in info.items() if value},
        "root": _component(pipeline.root),
        "components": tuple(map(_component, pipeline.components)),
        "executors": tuple({"label": one.label, "body": executor(one)} for one in pipeline.executors),
        "default_root": pipeline.default_root,
        "schema_version": native.SCHEMA,
        "sdk_version": pipeline.sdk_version,
        "platform": platform(pipeline),
    }


def platform(pipeline: native.Pipeline) -> Keys:
    """What the platform's own document says: executors by label, and the pipeline's settings."""
    executors = {one.label: dict(one.platform) for one in pipeline.executors if one.platform}
    return _there(executors=executors, pipeline=dict(pipeline.platform))


def _component(component: native.Component) -> Mapping[str, Any]:
    body = component.body
    dag = body if isinstance(body, native.Dag) else None
    return {
        "name": component.name,
        "executor": body if isinstance(body, str) else None,
        "tasks": tuple({"name": one.name, "body": task(one)} for one in dag.tasks) if dag else (),
        "dag_outputs": _dag_outputs(dag) if dag else {},
        "inputs": _ports(component.inputs),
        "outputs": _ports(component.outputs),
    }


def _dag_outputs(dag: native.Dag) -> Keys:
    return _there(
        artifacts={
            name: {"artifactSelectors": [_artifact_of(task_output)]} for name, task_output in dag.artifacts.items()
        },
        parameters={
            name: {"valueFromParameter": _parameter_of(task_output)} for name, task_output in dag.parameters.items()
        },
    )


def _artifact_of(task_output: native.FromTask) -> Keys:
    return {"outputArtifactKey": task_output.key, "producerSubtask": task_output.task}


def _parameter_of(task_output: native.FromTask) -> Keys:
    return {"outputParameterKey": task_output.key, "producerSubtask": task_output.task}


def _ports(ports: native.Ports) -> Keys:
    return _there(
        artifacts={name: _artifact(one) for name, one in ports.artifacts.items()},
        parameters={name: _parameter(one) for name, one in ports.parameters.items()},
    )


def _artifact(artifact: native.Artifact) -> Keys:
    return {"artifactType": _type(artifact.schema_title), **_there(isArtifactList=artifact.is_list)}


def _type(title: str) -> Keys:
    return {"schemaTitle": title, "schemaVersion": native.ARTIFACT_SCHEMA}


def _parameter(parameter: native.ParameterSpec) -> Keys:
    default = {} if parameter.default is None else {"defaultValue": parameter.default}
    more = _there(description=parameter.description, isOptional=parameter.optional)
    return {**default, **more, "parameterType": parameter.type}


def task(task: native.Task) -> Keys:
    """A task of a dag."""
    caching: Keys = {} if task.cache is None else {"cachingOptions": _there(enableCache=task.cache)}
    inputs = _there(
        artifacts={name: _artifact_input(one) for name, one in task.artifacts.items()},
        parameters={name: parameter_input(one) for name, one in task.parameters.items()},
    )
    more = _there(dependentTasks=list(task.after), inputs=inputs)
    return {
        **caching,
        "componentRef": {"name": task.component},
        **more,
        **_iterated(task.iterator),
        **_retried(task.retry),
        "taskInfo": {"name": task.title},
        **_triggered(task.trigger),
    }


def _artifact_input(artifact: native.ArtifactInput) -> Keys:
    if isinstance(artifact, native.FromInput):
        return {"componentInputArtifact": artifact.name}
    return {"taskOutputArtifact": {"outputArtifactKey": artifact.key, "producerTask": artifact.task}}


def parameter_input(parameter: native.ParameterInput) -> Keys:
    """Where a task's parameter comes from."""
    match parameter:
        case native.FromTask(task=producer, key=key):
            return {"taskOutputParameter": {"outputParameterKey": key, "producerTask": producer}}
        case native.FromInput(name=name):
            return {"componentInputParameter": name}
        case native.Constant(value=value):
            return {"runtimeValue": {"constant": value}}
        case _:
            assert_never(parameter)


def _iterated(iterator: native.Iterator | None) -> Keys:
    if iterator is None:
        return {}
    items = {"raw": iterator.raw} if iterator.input is None else {"inputParameter": iterator.input}
    policy: Keys = {"iteratorPolicy": {"parallelismLimit": iterator.parallel}} if iterator.parallel else {}
    return {**policy, "parameterIterator": {"itemInput": iterator.item, "items": items}}


def _retried(retry: native.Retry | None) -> Keys:
    if retry is None:
        return {}
    policy = {
        "backoffDuration": f"{retry.backoff}s",
        "backoffFactor": retry.factor,
        "backoffMaxDuration": f"{retry.longest}s",
        "maxRetryCount": retry.attempts,
    }
    return {"retryPolicy": policy}


def _triggered(trigger: native.Trigger | None) -> Keys:
    if trigger is None:
        return {}
    policy = {"condition": trigger.condition, "strategy": trigger.strategy}
    return {"triggerPolicy": {key: value for key, value in policy.items() if value is not None}}


def executor(executor: native.Executor) -> Keys:
    """What a component runs."""
    match executor.body:
        case native.Container() as container:
            return {"container": _container(container)}
        case native.Importer() as importer:
            return {"importer": _importer(importer)}
        case _:
            assert_never(executor.body)


def _importer(importer: native.Importer) -> Keys:
    known = isinstance(importer.uri, str)
    uri = {"constant": importer.uri} if known else {"runtimeParameter": importer.uri.name}  # type: ignore[union-attr]
    more = _there(metadata=dict(importer.metadata), reimport=importer.reimport)
    return {"artifactUri": uri, **more, "typeSchema": _type(importer.schema_title)}


def _container(container: native.Container) -> Keys:
    env = [{"name": name, "value": value} for name, value in container.env]
    before = _there(args=list(container.args), command=list(container.command), env=env)
    return {**before, "image": container.image, **_there(resources=_resources(container.resources))}


def _resources(resources: native.Resources) -> Keys:
    """Amounts twice, as kfp has them: older installations read numbers alone."""
    keys: Keys = {}
    if resources.accelerator is not None:
        count, kind = resources.accelerator.count, resources.accelerator.type
        keys["accelerator"] = {"count": str(count), "resourceCount": str(count), "resourceType": kind, "type": kind}
    for key, amount, number in (
        ("CpuLimit", resources.cpu_limit, cores),
        ("CpuRequest", resources.cpu_request, cores),
        ("MemoryLimit", resources.memory_limit, gigabytes),
        ("MemoryRequest", resources.memory_request, gigabytes),
    ):
        if amount is not None:
            keys[key[0].lower() + key[1:]] = number(amount)
            keys[f"resource{key}"] = amount
    return dict(sorted(keys.items()))


def _there(**values: Any) -> Keys:
    """The keys that say something, in order of their names."""
    return {key: value for key, value in sorted(values.items()) if value}
