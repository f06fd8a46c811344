"""What one request may be, who may send it, and where it waits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.plan.services import RealTime
from mlopsgen.plan.values import Flag, Setting
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.data import prefix_of
from mlopsgen.targets.sagemaker.serving.resources import Queue

SECONDS, QUEUED_SECONDS = 60, 3600
"""For an answer while somebody waits, and for a queued one (runtime API reference, InvokeEndpoint*)."""
BYTES = 6 * 2**20
"""Of a request while somebody waits (botocore, sagemaker-runtime, BodyBlob)."""
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+")


def check_requests(context: Context, service: RealTime) -> None:
    """Reports limits beyond the service's own, and what it cannot do for callers."""
    limits = dict(_limits(service))
    longest = QUEUED_SECONDS if service.answers else SECONDS
    if limits.get("timeout", 0) > longest:
        message = f"SageMaker waits at most {longest} seconds for an answer"
        hint = (
            f"`timeout: {longest}s`" if service.answers else f"`timeout: {longest}s`, or `async`, which waits an hour"
        )
        context.error("MG306", message, (*service.origin, "requests", "timeout"), hint)
    if limits.get("max-bytes", 0) > BYTES and not service.answers:
        message = "SageMaker takes requests of at most 6 MiB"
        hint = "`max_bytes: 6Mi`, or `async`, whose requests lie in S3"
        context.error("MG306", message, (*service.origin, "requests", "max_bytes"), hint)
    if service.low == 0 and service.answers is None:
        message = "an endpoint of SageMaker has a replica at least, unless its requests are queued"
        context.error("MG301", message, (*service.origin, "replicas"), "`min: 1`, or `async`")
    if not service.public and context.plan.governance.private_network:
        context.note(
            "SageMaker's own API answers whoever IAM allows, from wherever: this endpoint has no address of its own",
            (*service.origin, "expose"),
            hint="bind callers to your network by `aws:SourceVpce` in their policy, as the README says",
        )


def _limits(service: RealTime) -> Iterator[tuple[str, float]]:
    """What the server's command line bounds, by its flags."""
    for word in service.job.argv:
        if isinstance(word, Flag) and isinstance(word.value, Setting) and isinstance(word.value.value, int | float):
            yield word.name, word.value.value


def queue(context: Context, service: RealTime) -> Queue | None:
    """Where answers go, and who hears of them."""
    if service.answers is None:
        return None
    if prefix_of(service.answers) is None:
        message = f"the answers of `{service.name}` do not lie in S3, which is all that SageMaker writes"
        context.error("MG313", message, (*service.origin, "async", "output"), "`s3://bucket/answers/`")
    topics: dict[str, str] = {}
    for field, key, topic in zip(("success", "error"), ("SuccessTopic", "ErrorTopic"), service.notified, strict=True):
        if topic is None:
            continue
        topics[key] = topic
        if not _TOPIC.fullmatch(topic):
            message = f"`{topic}` is no topic of SNS, which is whom SageMaker tells"
            hint = f"its ARN: `{context.home.arn('sns', 'answers')}`"
            context.error("MG301", message, (*service.origin, "async", "notify", field), hint)
    at_once = dict(_limits(service)).get("concurrent")
    place = service.answers.rstrip("/")
    return Queue(
        output=f"{place}/",
        failures=f"{place}/failures/",
        key=context.plan.governance.encryption_key,
        at_once=None if at_once is None else int(at_once),
        topics=topics,
    )
