"""MG2xx: steps and the edges between them."""

from mlopsgen.codes import Code

PLAN = (
    Code(
        "MG201",
        "steps wait for each other in a circle",
        """
        Following inputs and `after` from a step leads back to it, so none of these steps can ever start. The message
        lists the whole circle.

        Remove one edge: an input that is not read, or an `after` that an input implies already.

            # wrong
            steps:
              a: {run: a.py, inputs: {x: b.table}, outputs: [table]}
              b: {run: b.py, inputs: {x: a.table}, outputs: [table]}
            # right
            steps:
              a: {run: a.py, inputs: {x: data.source}, outputs: [table]}
              b: {run: b.py, inputs: {x: a.table}, outputs: {table: report}}
        """,
    ),
    Code(
        "MG202",
        "a reference to nothing",
        """
        An input names a step, port or source that does not exist, or a port that several steps write.

        References are `<step>.<output>` or `data.<source>`. `mlopsgen graph` draws what there is.

            # wrong
            evaluation: {run: evaluate.py, inputs: {model: training.model, test: prepare.tset}}
            # right
            evaluation: {run: evaluate.py, inputs: {model: training.model, test: prepare.test}}
        """,
    ),
    Code(
        "MG203",
        "an input of the wrong kind",
        """
        What the step reads is not what the other step writes: a model where a dataset is needed, or a table from a
        source that is opaque files. Targets store and check the kinds in different ways, so a mix fails at run time.

        Say the kind of an output where it is listed, or read another output.

            # wrong
            steps: {tables: {run: a.py, inputs: {raw: data.source}, outputs: {rows: figure}}}
            training: {framework: sklearn.LogisticRegression, inputs: {train: tables.rows}}
            # right
            steps: {tables: {run: a.py, inputs: {raw: data.source}, outputs: {rows: dataset}}}
            training: {framework: sklearn.LogisticRegression, inputs: {train: tables.rows}}
        """,
    ),
    Code(
        "MG204",
        "an output that nobody reads",
        """
        A step lists an output that no other step reads. This is a warning: the output is stored all the same, and
        costs time and space in every run.

        Give it to a step, or take it out of the list. Metrics, figures and reports are for people and earn no warning.

            # wrong
            steps: {tables: {run: a.py, inputs: {raw: data.source}, outputs: [rows]}}
            training: {run: train.py, inputs: {train: prepare.train}}
            # right
            steps: {tables: {run: a.py, inputs: {raw: data.source}, outputs: [rows]}}
            training: {run: train.py, inputs: {train: prepare.train, extra: tables.rows}}
        """,
    ),
    Code(
        "MG205",
        "a step reads what may not be there",
        """
        The step that writes this input has a `when`, so in some runs it is skipped, and then the input does not exist.

        Give the reading step the same `when`, or let it read something that is always there.

            # wrong
            parameters: {refresh: {type: boolean, default: false}}
            steps:
              fetch: {run: fetch.py, outputs: [rows], when: "${parameters.refresh}"}
              clean: {run: clean.py, inputs: {rows: fetch.rows}}
            # right
            parameters: {refresh: {type: boolean, default: false}}
            steps:
              fetch: {run: fetch.py, outputs: [rows], when: "${parameters.refresh}"}
              clean: {run: clean.py, inputs: {rows: fetch.rows}, when: "${parameters.refresh}"}
        """,
    ),
    Code(
        "MG206",
        "an exit handler that cannot be one",
        """
        A step with `always: true` runs when all else has ended, well or badly. It can read sources alone, since any
        step's output may be missing then, and nothing can wait for it.

        Take its inputs and `after` away, or the `always`.

            # wrong
            steps: {tell: {run: tell.py, always: true, inputs: {model: training.model}}}
            # right
            steps: {tell: {run: tell.py, always: true}}
        """,
    ),
    Code(
        "MG207",
        "nothing to do",
        """
        The spec has no training, steps, deployment or monitoring, so there is nothing to compile; or what it has is
        all left out by `--allow MG302`, and an empty pipeline would look like one that works.

        Add a section; the smallest is one script.

            # wrong
            data: {source: data/churn.csv, split: none}
            # right
            data: {source: data/churn.csv, split: none}
            training: {run: train.py}
        """,
    ),
    Code(
        "MG208",
        "declared and never used",
        """
        A parameter, variable, source or secret is declared and nothing reads it. This is a warning: often a name was
        misspelt where it should have been used, and the run then works with a default.

        Use it or remove it.

            # wrong
            parameters: {folds: {type: integer, default: 5}}
            training: {run: train.py, params: {folds: 5}}
            # right
            parameters: {folds: {type: integer, default: 5}}
            training: {run: train.py, params: {folds: "${parameters.folds}"}}
        """,
    ),
    Code(
        "MG209",
        "an input is missing",
        """
        A section's default inputs come from earlier sections, and one of them does not exist: evaluation needs a
        `test`, the built-in trainer a `train`.

        Let `prepare` write it, or name another output for it.

            # wrong
            data: {sources: {rows: data/churn.csv, holdout: data/churn.csv}, main: rows, label: churned, split: none}
            evaluation: {task: classification, inputs: {model: training.model}}
            # right
            data: {sources: {rows: data/churn.csv, holdout: data/churn.csv}, main: rows, label: churned, split: none}
            evaluation: {task: classification, inputs: {model: training.model, test: data.holdout}}
        """,
    ),
    Code(
        "MG210",
        "the file has no such column",
        """
        The header of a csv file beside the spec lacks a column that the spec names or has one name twice, or the file
        has one column because another character separates its fields. The header is the first line that is not blank:
        a title above it, as spreadsheets have one, is taken for it. Only the header is held against the spec; the rows
        are read by the run.

        Name the column as the header does, say what separates the fields, or take out what stands above the header.

            # wrong
            data: {source: data/churn.csv, label: churnd}
            # right
            data: {source: data/churn.csv, label: churned}
        """,
    ),
    Code(
        "MG211",
        "a script that Python cannot read",
        """
        A script that a step runs is no Python: the step would end before its first line. Where `code.python` is later
        than the Python that mlopsgen runs in, this is a warning, because the language grows.

        Mend the line that the message names.

            # wrong, in train.py
            def train(rows)
            # right
            def train(rows):
        """,
    ),
)
