"""MG401 to MG410: rendering files and writing a bundle."""

from mlopsgen.codes.entry import Code

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
