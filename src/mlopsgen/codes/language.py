"""MG104 to MG119: fields, values, names and placeholders of a spec."""

from mlopsgen.codes import Code

LANGUAGE = (
    Code(
        "MG104",
        "an unknown field",
        """
        The section has no field of this name. A misspelt field that is silently dropped is a setting that silently
        does not hold, so every key must be known.

        Take the name the finding proposes, or see the section's fields with `mlopsgen explain <section>` or in an
        editor that reads the schema. Native settings of a cloud go under `targets.<target>.steps`.

            # wrong
            training: {run: train.py, parms: {folds: 5}}
            # right
            training: {run: train.py, params: {folds: 5}}
        """,
    ),
    Code(
        "MG105",
        "a field is missing",
        """
        The section cannot work without this field, and no default would be right for everybody.

        Add the field. The place shown is the section that lacks it.

            # wrong
            triggers: {weekly: {schedule: "0 2 * * 1"}}
            # right
            triggers: {weekly: {start: training, schedule: "0 2 * * 1"}}
        """,
    ),
    Code(
        "MG106",
        "a value of the wrong kind",
        """
        The value has another type than the field, is out of its range, or is not one of the allowed words. Values are
        never converted: the text `"5"` is no number, and `1` is no boolean.

        Write the kind of value that the finding names. Durations look like `90s 10m 24h 7d`, sizes like `512Mi 16Gi`,
        shares lie in [0, 1], whole numbers fit in 64 bits.

            # wrong
            data: {source: data/churn.csv, label: churned, split: {test: 20}}
            # right
            data: {source: data/churn.csv, label: churned, split: {test: 0.2}}
        """,
    ),
    Code(
        "MG110",
        "the short and the long form at once",
        """
        A section is given in its short form and in the long form that the short one stands for, so one would
        overwrite the other.

        Keep one. `mlopsgen check --resolved` prints the long form of a spec.

            # wrong
            data: {source: data/churn.csv, sources: {zones: data/zones.csv}, label: churned}
            # right
            data: {sources: {churn: data/churn.csv, zones: data/zones.csv}, main: churn, label: churned}
        """,
    ),
    Code(
        "MG111",
        "a variable is unknown or has no value",
        """
        `${var.x}` names a variable that `variables` does not declare, or one without default that was not given. A
        variable is what one compile may change, so all of them are declared in one place.

        Declare it, give it a default, or pass it.

            # wrong
            training: {run: train.py, params: {folds: "${var.folds}"}}
            # right
            variables: {folds: {default: 5}}     # `--var folds=3` gives another value
            training: {run: train.py, params: {folds: "${var.folds}"}}
        """,
    ),
    Code(
        "MG112",
        "a placeholder cannot stand here",
        """
        `${parameters.x}` is filled when a run starts, long after the files are written. It can stand in the params of
        steps, in gates, `when`, addresses of sources and of batch input and output, `trials`, `parallel`, `nodes`,
        `machines` and approval: there every target can take a value at run time. Elsewhere the value must be known
        at compile time.

        Use a variable instead (`${var.x}`, filled by compile), or write the value.

            # wrong
            parameters: {size: {type: integer, default: 4}}
            training: {run: train.py, resources: {cpu: "${parameters.size}"}}
            # right
            variables: {size: {default: 4}}
            training: {run: train.py, resources: {cpu: "${var.size}"}}
        """,
    ),
    Code(
        "MG113",
        "a placeholder that means nothing",
        """
        The placeholder names a run parameter that `parameters` does not declare, or a fact of a run that does not
        exist. A run knows `${run.id}` and `${run.scheduled_at}`.

        Declare the parameter or mend its name. A `$` and a brace that are plain text are written `$${`.

            # wrong
            evaluation: {run: evaluate.py, gates: {accuracy: {at_least: "${parameters.min_acuracy}"}}}
            parameters: {min_accuracy: {type: number, default: 0.8}}
            # right
            evaluation: {run: evaluate.py, gates: {accuracy: {at_least: "${parameters.min_accuracy}"}}}
            parameters: {min_accuracy: {type: number, default: 0.8}}
        """,
    ),
    Code(
        "MG114",
        "an unknown environment",
        """
        `--env` names an environment that the spec does not declare under `environments`.

        Take one of the declared names, or declare it.

            # wrong, where the spec has `environments: {staging: {}}`
            $ mlopsgen compile --target all --env stagging
            # right
            $ mlopsgen compile --target all --env staging
        """,
    ),
    Code(
        "MG115",
        "a pasted credential",
        """
        The value has the form of a key, token or password of a known service. A spec is committed, reviewed and
        copied into what it emits; whatever stands in it is no secret any more. The value is printed nowhere, not even
        in the line shown with the finding. Code and requirements are looked through as well, for they lie in every
        image; in code, a form that other things have too is a warning, and a line that ends with
        `# pragma: allowlist secret` is passed by.

        Revoke the credential first, since it was written down. Then store its successor where the target keeps
        secrets, and name it.

            # wrong
            training: {run: train.py, env: {DB_PASSWORD: churn-2026}}
            # right
            training: {run: train.py, secrets: {DB_PASSWORD: churn-db}}
        """,
    ),
    Code(
        "MG116",
        "`uses` cannot be followed",
        """
        `uses` takes over the definition of another step of the same spec. The step named does not exist, or the steps
        use each other in a circle. As a note: a section has keys that a step cannot have, such as the `tuning` of
        `training`, and those are not taken over.

        Name a step under `steps` or a section such as `training`, and give inputs and params that differ.

            # wrong
            steps:
              clean: {run: clean.py, inputs: {raw: data.source}, outputs: {rows: report}}
              clean-again: {uses: cleen, params: {zone: 2}}
            # right
            steps:
              clean: {run: clean.py, inputs: {raw: data.source}, outputs: {rows: report}}
              clean-again: {uses: clean, params: {zone: 2}}
        """,
    ),
    Code(
        "MG117",
        "fields that contradict each other",
        """
        Two fields cannot both hold, such as `split` beside `prepare`, a minimum above its maximum, or a setting that
        the chosen kind of step never reads. Which one was meant only its author knows.

        Remove one of the two, or make them agree.

            # wrong
            data: {source: data/churn.csv, split: {test: 0.2}, prepare: {run: prepare.py, outputs: [train, test]}}
            # right
            data: {source: data/churn.csv, prepare: {run: prepare.py, outputs: [train, test]}}
        """,
    ),
    Code(
        "MG118",
        "a path that cannot be used",
        """
        The file does not exist, cannot be read, lies outside the project, is a link that leads out of it, has a name
        that some system cannot store, is too large for a bundle, or is no UTF-8 where text is read. Nothing outside
        the spec's folder is read or written but each .gitignore of its repository, so
        that a spec from a stranger can be compiled safely.

        Write paths relative to the spec, with `/`, and copy or mount what lies elsewhere.

            # wrong
            code: {path: ../shared}
            # right
            code: {path: src}
        """,
    ),
    Code(
        "MG119",
        "a schedule or time zone that does not exist",
        """
        A schedule has five fields: minute, hour, day of month, month, day of week. The expression has others, a value
        out of range, or describes a moment that never comes (30 February). A time zone is a name of the IANA list.

        Quote the schedule, because `*` means something else in YAML.

            # wrong
            triggers: {weekly: {start: training, schedule: "0 2 30 2 *", timezone: Paris}}
            # right
            triggers: {weekly: {start: training, schedule: "0 2 * * 1", timezone: Europe/Paris}}
        """,
    ),
)
