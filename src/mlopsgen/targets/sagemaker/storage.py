"""What the product's roles may do in S3: read its data, write its runs, keep its state."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.plan.graph import batches
from mlopsgen.plan.values import Flag, StateUri
from mlopsgen.targets.addresses import live_places, under
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import Prefix, known_start, prefix_of, read_prefix
from mlopsgen.targets.sagemaker.names import iam_text
from mlopsgen.targets.sagemaker.resources import Statement


def read_runs(context: Context) -> Iterator[Statement]:
    """The pipeline's role reads what its own runs wrote."""
    yield Statement(sid="ReadRuns", actions=("s3:GetObject",), resources=_results(context))
    yield _list(context, "ListRuns", context.home.bucket, tuple(f"{iam_text(key)}*" for key in context.results))


def read_data(context: Context) -> Iterator[Statement]:
    """The jobs' role reads sources, other places that a run may name, and what earlier steps wrote."""
    home = context.home
    known = {read_prefix(context, source) for source in context.plan.sources}
    named = {prefix_of(place) for place in context.options.readable}
    own = {Prefix(home.bucket, prefix) for prefix in context.results}
    live = {place for _, place in _live(context)}
    prefixes = sorted({p for p in known | named | own | live if p}, key=lambda p: (p.bucket, p.key))
    objects = tuple(f"{home.bucket_arn(p.bucket)}/{pattern}" for p in prefixes for pattern in p.patterns)
    yield Statement(sid="ReadData", actions=("s3:GetObject",), resources=objects)
    for number, bucket in enumerate(dict.fromkeys(p.bucket for p in prefixes), 1):
        keys = tuple(pattern for p in prefixes if p.bucket == bucket for pattern in p.patterns)
        if bucket == home.bucket and _keeps_state(context):
            # Who may not list is denied (403) a file that is not there yet, instead of hearing that it is not
            # (AWS: S3 API, GetObject, "Permissions"): the first count of a test set would fail.
            keys = (*keys, f"{iam_text(home.product)}/state/*")
        yield _list(context, f"ListBucket{number}", bucket, keys)


def _list(context: Context, sid: str, bucket: str, keys: tuple[str, ...]) -> Statement:
    return Statement(
        sid=sid,
        actions=("s3:ListBucket",),
        resources=(context.home.bucket_arn(bucket),),
        condition={"StringLike": {"s3:prefix": list(keys)}},
    )


def write_runs(context: Context) -> Iterator[Statement]:
    """The jobs' role writes under the run's own prefix, and what is counted from run to run."""
    home = context.home
    actions = ("s3:AbortMultipartUpload", "s3:PutObject")
    yield Statement(sid="WriteRuns", actions=actions, resources=_results(context))
    if _keeps_state(context):
        state = home.objects(home.bucket, f"{home.product}/state/")
        yield Statement(sid="KeepState", actions=("s3:GetObject", "s3:PutObject"), resources=(state,))

    outputs = sorted({place for flag, place in _live(context) if flag == "output"}, key=lambda p: (p.bucket, p.key))
    if outputs:
        objects = tuple(f"{home.bucket_arn(p.bucket)}/{pattern}" for p in outputs for pattern in p.patterns)
        # A run takes away what it wrote under a temporary name, and its lock.
        score = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")
        yield Statement(sid="WritePredictions", actions=score, resources=objects)


def _live(context: Context) -> Iterator[tuple[str, Prefix]]:
    """What batch deployments read and write: the flag, and the prefix as far as it is known before a run."""
    for service in batches(context.plan):
        for flag, uri in live_places(service.job):
            place = prefix_of(known_start(context, under(context.home.prefix, uri)))
            if place is None:
                message = f"the {flag} of `{service.name}` does not lie in S3, which is all that SageMaker's jobs reach"
                context.error("MG313", message, (*service.origin, flag, "uri"), "an address such as `s3://bucket/new/`")
            else:
                yield flag, place


def _keeps_state(context: Context) -> bool:
    """Whether a job counts something from run to run."""
    return any(isinstance(a, Flag) and isinstance(a.value, StateUri) for job in context.jobs.values() for a in job.argv)


def _results(context: Context) -> tuple[str, ...]:
    return tuple(context.home.objects(context.home.bucket, prefix) for prefix in context.results)
