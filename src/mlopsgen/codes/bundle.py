"""MG4xx: bundles, and what judges say about their files."""

from mlopsgen.codes import Code

BUNDLE = (
    Code(
        "MG401",
        "nobody knows how to spell values in this file",
        """
        A template's name decides how values are written into it, and for this suffix there is no encoder. Writing
        them unescaped would let text of a spec become code.

        For authors of targets: take a known suffix, or register an encoder for yours.

            FileJob("config.yaml", "config.yaml.j2", values)
        """,
    ),
    Code(
        "MG402",
        "a value that has no spelling there",
        """
        The file's format cannot hold this value: an infinite number in JSON, a line break in an environment file, a
        name with blanks in a Dockerfile.

        Change the value in the spec; for authors of targets, move it into a format that can hold it.

            env: {GREETING: "one line"}
        """,
    ),
    Code(
        "MG403",
        "a printed value is not a whole value",
        """
        For authors of targets: a template prints a value inside quotes, a comment or a block of text. Only a whole
        value or key can be escaped for sure.

        Compute the text in Python and print it whole, without quotes around it.

            "Schedule": {{ trigger.expression }}                 # not "cron({{ minute }} …)"
        """,
    ),
    Code(
        "MG404",
        "a value came back different",
        """
        Every emitted file is parsed again, and this value is not what was put in. The bundle would say something else
        than the spec, so nothing was written.

        This is a mistake of the target's template. Report it with the spec that shows it.

            # mlopsgen compile spec.yaml --target all --debug
        """,
    ),
    Code(
        "MG405",
        "a template is broken",
        """
        For authors of targets: the template has a syntax error, names a value that it was not given, or prints what
        does not parse.

        Mend the template at the line shown. Templates print, loop and branch, and compute nothing.

            {% for step in steps %}
            - name: {{ step.name }}
            {% endfor %}
        """,
    ),
    Code(
        "MG406",
        "the folder holds something else",
        """
        The output folder has files that mlopsgen did not write, or is no folder. A bundle replaces its folder whole,
        so they would be lost.

        Move them away, choose another `--out`, or say `--force`.

            # mlopsgen compile spec.yaml --target all --out build/try
        """,
    ),
    Code(
        "MG407",
        "the bundle was edited by hand",
        """
        A file of the bundle is not as mlopsgen wrote it. Compiling again would undo the change.

        Keep the change as a patch in the spec, where it survives, or drop it with `--force`.

            targets: {sagemaker: {patches: [{file: pipeline.json, at: "/Metadata", merge: {team: ml}}]}}
        """,
    ),
    Code(
        "MG408",
        "a bundle of a later version",
        """
        The folder's manifest was written by a later mlopsgen, in a format this one does not know.

        Upgrade mlopsgen, or compile into another folder.

            # pip install --upgrade mlopsgen
        """,
    ),
    Code(
        "MG409",
        "a path that some system cannot store",
        """
        A file of the bundle has a path that leaves the folder, differs from another in capitals alone, is a device on
        Windows (`con`, `nul`), or is a file and a folder at once.

        Rename the step or file that the path comes from.

            steps: {console: {run: console.py}}                  # not `con`
        """,
    ),
    Code(
        "MG410",
        "the bundle cannot be written",
        """
        The disk is full, the folder is read-only, or another mlopsgen writes there now. What stood there is
        untouched: a bundle is replaced whole or not at all.

        Make room or choose another `--out`, and run the command again.

            # mlopsgen compile spec.yaml --target all --out /tmp/build
        """,
    ),
)


def _fault(code: str, title: str, means: str, example: str) -> Code:
    """A fault in an emitted file; whoever wrote the file, the way out is the same."""
    way_out = (
        "In a file as mlopsgen wrote it this is a mistake of the target, or the effect of a patch or of native keys "
        "under `targets`: the finding names the place. In a file that was edited by hand, mend the edit or compile "
        "again."
    )
    return Code(code, title, f"{means}\n\n{way_out}\n\n    {example}")


JUDGING = (
    _fault(
        "MG430",
        "an unknown key",
        "The platform's schema has no such key here, and the service would refuse or ignore it.",
        '"InstanceType": "ml.m5.large"      # not "InstanceTyp"',
    ),
    _fault(
        "MG431",
        "a value of the wrong type",
        "The platform expects another type, such as text for a number.",
        '"VolumeSizeInGB": 30               # not "30"',
    ),
    _fault(
        "MG432",
        "a key is missing",
        "The platform requires this key.",
        '"RoleArn": "arn:aws:iam::123456789012:role/training"',
    ),
    _fault(
        "MG433",
        "a value that is not allowed",
        "The value is outside the platform's range, list or pattern.",
        '"Type": "Processing"               # one of the documented step types',
    ),
    _fault(
        "MG434",
        "a reference to nothing",
        "A reference names a step, parameter or file that the bundle does not have, or that comes later.",
        '{"Get": "Steps.training.ModelArtifacts.S3ModelArtifacts"}',
    ),
    _fault(
        "MG435",
        "steps wait for each other in a circle",
        "The emitted steps depend on each other in a circle, so none can start.",
        '"DependsOn": ["prepare"]           # and not the reverse in prepare',
    ),
    _fault(
        "MG436",
        "a name is used twice",
        "Two things of one kind share a name or place; the service refuses or overwrites one of them.",
        '"Name": "training"                 # once in "Steps"',
    ),
    _fault(
        "MG437",
        "over a limit",
        "A count, length or size exceeds the platform's documented limit.",
        '"Values": ["…"]                    # as many as the service takes',
    ),
    _fault(
        "MG438",
        "the file does not parse",
        "The file is not valid in its own format.",
        '{"a": 1, "b": 2}                   # no comma behind the last',
    ),
    _fault(
        "MG439",
        "a wrong expression or schedule",
        "An expression, condition or schedule is not one that the platform reads.",
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

            # pip install "mlopsgen[verify]"
        """,
    ),
    Code(
        "MG441",
        "another tool reports",
        """
        The platform's checker, or a linter of the format, reports this; its own rule is named in the message.

        Its documentation explains the rule. When the file is as mlopsgen wrote it, report it as a mistake of the
        target.

            # cfn-lint stack.yaml
        """,
    ),
    _fault(
        "MG442",
        "more rights than needed",
        "A policy allows any action or any resource, a container runs as root, or something is public.",
        '"Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::acme-ml/churn/*"',
    ),
    _fault(
        "MG443",
        "a retired service",
        "The file uses a service, version or machine that the provider has ended or announced to end.",
        '"InstanceType": "ml.m5.large"      # not ml.m4.large',
    ),
    _fault(
        "MG444",
        "the bundle is not whole",
        "A file that the manifest lists is missing or changed, or one is there that it does not list.",
        "# mlopsgen compile spec.yaml --target all",
    ),
    _fault(
        "MG445",
        "an image that is not pinned",
        "The image is named without digest or by a tag that moves, so that tomorrow's run is another one.",
        "FROM python:3.11-slim@sha256:…",
    ),
)
