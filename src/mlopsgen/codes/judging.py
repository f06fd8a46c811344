"""MG430 to MG445: what judges say about the files of bundles."""

from mlopsgen.codes import Code


def _fault(code: str, title: str, means: str, wrong: str, right: str) -> Code:
    """A fault in an emitted file; whoever wrote the file, the way out is the same."""
    way_out = (
        "In a file as mlopsgen wrote it this is a mistake of the target, or the effect of a patch or of native keys "
        "under `targets`: the finding names the place. In a file that was edited by hand, mend the edit or compile "
        "again."
    )
    return Code(code, title, f"{means}\n\n{way_out}\n\n    # wrong\n    {wrong}\n    # right\n    {right}")


JUDGING = (
    _fault(
        "MG430",
        "an unknown key",
        "The platform's schema has no such key here, and the service would refuse or ignore it.",
        '"InstanceTyp": "ml.m5.large"',
        '"InstanceType": "ml.m5.large"',
    ),
    _fault(
        "MG431",
        "a value of the wrong type",
        "The platform expects another type, such as text for a number.",
        '"VolumeSizeInGB": "30"',
        '"VolumeSizeInGB": 30',
    ),
    _fault(
        "MG432",
        "a key is missing",
        "The platform requires this key.",
        '{"Type": "Training"}',
        '{"Type": "Training", "Name": "training"}',
    ),
    _fault(
        "MG433",
        "a value that is not allowed",
        "The value is outside the platform's range, list or pattern.",
        '"Type": "Procesing"',
        '"Type": "Processing"',
    ),
    _fault(
        "MG434",
        "a reference to nothing",
        "A reference names a step, parameter or file that the bundle does not have, or that comes later.",
        '{"Get": "Steps.trainning.ModelArtifacts.S3ModelArtifacts"}',
        '{"Get": "Steps.training.ModelArtifacts.S3ModelArtifacts"}',
    ),
    _fault(
        "MG435",
        "steps wait for each other in a circle",
        "The emitted steps depend on each other in a circle, so none can start.",
        '{"Name": "prepare", "DependsOn": ["training"]}, {"Name": "training", "DependsOn": ["prepare"]}',
        '{"Name": "prepare"}, {"Name": "training", "DependsOn": ["prepare"]}',
    ),
    _fault(
        "MG436",
        "a name is used twice",
        "Two things of one kind share a name or place; the service refuses or overwrites one of them.",
        '{"Name": "training"}, {"Name": "training"}',
        '{"Name": "training"}, {"Name": "training-again"}',
    ),
    _fault(
        "MG437",
        "over a limit",
        "A count, length or size exceeds the platform's documented limit.",
        '"MaxNumberOfTrainingJobs": 100000',
        '"MaxNumberOfTrainingJobs": 100',
    ),
    _fault(
        "MG438",
        "the file does not parse",
        "The file is not valid in its own format.",
        '{"a": 1, "b": 2,}',
        '{"a": 1, "b": 2}',
    ),
    _fault(
        "MG439",
        "a wrong expression or schedule",
        "An expression, condition or schedule is not one that the platform reads.",
        '"ScheduleExpression": "cron(0 2 * * MON *)"',
        '"ScheduleExpression": "cron(0 2 ? * MON *)"',
    ),
    Code(
        "MG440",
        "a judge is not installed",
        """
        Verification uses the platform's own checker, and it is not installed. A check that did not run is no check
        that passed, so the command does not exit with 0.

        Install it with the command that the hint gives. Some judges get an environment of their own, which verify
        makes in your cache folder; when that cannot be made, the hint is the command that failed: run it to see why.

            # wrong
            $ pip install mlopsgen
            # right
            $ pip install "mlopsgen[verify]"
        """,
    ),
    Code(
        "MG441",
        "another tool reports",
        """
        The platform's checker, or a linter of the format, reports this; its own rule is named in the message.

        Its documentation explains the rule. When the file is as mlopsgen wrote it, report it as a mistake of the
        target.

            # wrong, for cfn-lint's E3012
            MessageRetentionPeriod: "60 days"
            # right
            MessageRetentionPeriod: 5184000
        """,
    ),
    _fault(
        "MG442",
        "more rights than needed",
        "A policy allows any action or any resource, a container runs as root, or something is public.",
        '"Action": ["s3:*"], "Resource": "*"',
        '"Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::acme-ml/churn/*"',
    ),
    _fault(
        "MG443",
        "a retired service",
        "The file uses a service, version or machine that the provider has ended or announced to end.",
        '"InstanceType": "ml.m4.large"',
        '"InstanceType": "ml.m5.large"',
    ),
    _fault(
        "MG444",
        "the bundle is not whole",
        "A file that the manifest lists is missing or changed, or one is there that it does not list.",
        "$ rm build/sagemaker/image/Dockerfile",
        "$ mlopsgen compile --target all",
    ),
    _fault(
        "MG445",
        "an image that is not pinned",
        "The image is named without digest or by a tag that moves, so that tomorrow's run is another one.",
        "FROM python:3.11-slim",
        "FROM python:3.11-slim@sha256:…",
    ),
)
