"""MG401 to MG410: how bundles are made and written."""

from mlopsgen.codes import Code

BUNDLE = (
    Code(
        "MG401",
        "nobody knows how to spell values in this file",
        """
        A template's name decides how values are written into it, and for this suffix there is no encoder. Writing
        them unescaped would let text of a spec become code.

        For authors of targets: take a known suffix, or register an encoder for yours.

            # wrong
            FileJob("config.conf", "config.conf.j2", values)
            # right
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

            # wrong
            env: {GREETING: "two\\nlines"}
            # right
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

            # wrong
            "Schedule": "cron({{ minute }} {{ hour }} * * ? *)"
            # right
            "Schedule": {{ trigger.expression }}
        """,
    ),
    Code(
        "MG404",
        "a value came back different",
        """
        Every emitted file is parsed again, and this value is not what was put in. The bundle would say something else
        than the spec, so nothing was written.

        This is a mistake of the target's template. Report it with the spec that shows it.

            # wrong, in a template: a date to those who read YAML
            version: 2026-11-30
            # right
            version: {{ version }}
        """,
    ),
    Code(
        "MG405",
        "a template is broken",
        """
        For authors of targets: the template has a syntax error, names a value that it was not given, or prints what
        does not parse.

        Mend the template at the line shown. Templates print, loop and branch, and compute nothing.

            # wrong
            {% for step in steps %}
            - name: {{ step.nmae }}
            # right
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

            # wrong, where build/ has files of your own
            $ mlopsgen compile --target all --out build
            # right
            $ mlopsgen compile --target all --out build/try
        """,
    ),
    Code(
        "MG407",
        "the bundle was edited by hand",
        """
        A file of the bundle is not as mlopsgen wrote it. Compiling again would undo the change.

        Keep the change as a patch in the spec, where it survives, or drop it with `--force`.

            # wrong: `"Metadata": {"team": "ml"}` typed into build/sagemaker/pipeline.json
            targets: {sagemaker: {patches: []}}
            # right
            targets: {sagemaker: {patches: [{file: pipeline.json, at: "/Metadata", merge: {team: ml}}]}}
        """,
    ),
    Code(
        "MG408",
        "a bundle of a later version",
        """
        The folder's manifest was written by a later mlopsgen, in a format this one does not know.

        Upgrade mlopsgen, or compile into another folder.

            # wrong, where a colleague has a later version
            $ mlopsgen compile --target all
            # right
            $ pip install --upgrade mlopsgen && mlopsgen compile --target all
        """,
    ),
    Code(
        "MG409",
        "a path that some system cannot store",
        """
        A file of the bundle has a path that leaves the folder, differs from another in capitals alone, is a device on
        Windows (`con`, `nul`), or is a file and a folder at once.

        Rename the step or file that the path comes from.

            # wrong
            steps: {con: {run: console.py}}
            # right
            steps: {console: {run: console.py}}
        """,
    ),
    Code(
        "MG410",
        "the bundle cannot be written",
        """
        The disk is full, the folder is read-only, or another mlopsgen writes there now. What stood there is
        untouched: a bundle is replaced whole or not at all.

        Make room or choose another `--out`, and run the command again.

            # wrong, where that is read-only
            $ mlopsgen compile --target all --out /mnt/share/build
            # right
            $ mlopsgen compile --target all --out build
        """,
    ),
)
