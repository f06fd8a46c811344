"""Uploads the pipeline beside this file and starts it: python3 submit.py --help."""

import argparse
import hashlib
import json
import os
from pathlib import Path

import kfp

HERE = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description="Uploads the pipeline beside this file and starts it.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start a run and wait for its end")
    run.add_argument("--params", type=json.loads, default={}, help="values other than the defaults, as JSON")
    run.add_argument("--deployment", help="start this batch deployment instead")
    run.add_argument("--no-wait", action="store_true", help="only start it")
    commands.add_parser("schedule", help="make the recurring runs, or replace them by this bundle's")
    commands.add_parser("pause", help="recurring runs start nothing until `resume`")
    commands.add_parser("resume", help="recurring runs start runs again")
    commands.add_parser("unschedule", help="delete the recurring runs")
    args = parser.parse_args()
    client = kfp.Client(host=os.environ["KFP_HOST"], namespace=os.environ["NAMESPACE"])
    if args.command == "run":
        start(client, args)
    elif args.command == "schedule":
        schedule(client)
    else:
        change(client, args.command)


def start(client, args):
    name, file = package(args.deployment)
    if not file.is_file():
        raise SystemExit(f"this bundle has no {file.relative_to(HERE)}")
    pipeline, version, digest = upload(client, name, file)
    run = client.run_pipeline(
        experiment(client),
        f"{name} {digest}",
        params=args.params,
        pipeline_id=pipeline,
        version_id=version,
        service_account=os.environ["ACCOUNT"],
    )
    print(f"run {run.run_id} has started")
    if not args.no_wait:
        client.wait_for_run_completion(run.run_id, timeout=86400)


def package(deployment=None):
    """The name and the file of the product's pipeline, or of a batch deployment's."""
    if deployment is None:
        return os.environ["PIPELINE"], HERE / "pipeline.yaml"
    return f"{os.environ['PIPELINE']}-{deployment}", HERE / "deployments" / f"{deployment}.yaml"


def started(clock):
    """What a clock starts: the batch deployment that it is called after, or the product's pipeline."""
    name, file = package(clock)
    return (name, file) if file.is_file() else package()


def upload(client, name, file):
    """The pipeline's id, and that of its version: made where they are not there yet."""
    namespace = os.environ["NAMESPACE"]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    pipelines = client.list_pipelines(namespace=namespace, filter=named(name)).pipelines
    if not pipelines:
        pipelines = [client.upload_pipeline(str(file), name, namespace=namespace)]
    pipeline = pipelines[0].pipeline_id
    versions = client.list_pipeline_versions(pipeline, filter=named(digest)).pipeline_versions
    if not versions:
        versions = [client.upload_pipeline_version(str(file), digest, pipeline_id=pipeline)]
    return pipeline, versions[0].pipeline_version_id, digest


def experiment(client):
    return client.create_experiment(os.environ["EXPERIMENT"], namespace=os.environ["NAMESPACE"]).experiment_id


def schedule(client):
    uploaded = [(body, upload(client, *started(clock))) for clock, body in recurring()]
    change(client, "unschedule")
    for body, (pipeline, version, _) in uploaded:
        client.create_recurring_run(
            experiment(client),
            body["display_name"],
            description=body["description"],
            cron_expression=body["trigger"]["cron_schedule"]["cron"],
            max_concurrency=int(body["max_concurrency"]),
            no_catchup=body["no_catchup"],
            pipeline_id=pipeline,
            version_id=version,
            service_account=body["service_account"],
        )
        print(f"{body['display_name']} starts runs: {body['description']}")


def change(client, command):
    calls = {"pause": "disable", "resume": "enable", "unschedule": "delete"}
    call = getattr(client, f"{calls[command]}_recurring_run")
    for _, body in recurring():
        there = client.list_recurring_runs(experiment_id=experiment(client), filter=named(body["display_name"]))
        for one in there.recurring_runs or []:
            call(one.recurring_run_id)


def recurring():
    files = sorted((HERE / "recurring-runs").glob("*.json"))
    return [(file.stem, json.loads(file.read_text())) for file in files]


def named(name):
    return json.dumps({"predicates": [{"operation": 1, "key": "display_name", "stringValue": name}]})


if __name__ == "__main__":
    main()
