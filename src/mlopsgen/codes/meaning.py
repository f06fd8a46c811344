"""MG120 to MG134: values that are each right and together cannot work, and the lock."""

from mlopsgen.codes import Code

MEANING = (
    Code(
        "MG120",
        "a metric without direction",
        """
        A search or a comparison needs to know whether more of a metric is better. The metrics of scikit-learn know
        theirs; this one is your own and `metrics` does not say. Guessing from the name has shipped the worst model.

        Declare it once.

            # wrong
            training: {run: train.py, tuning: {metric: cost_of_delay, trials: 9, search: {depth: {int: [2, 8]}}}}
            # right
            training: {run: train.py, tuning: {metric: cost_of_delay, trials: 9, search: {depth: {int: [2, 8]}}}}
            metrics: {cost_of_delay: minimize}
        """,
    ),
    Code(
        "MG121",
        "a gate that nothing can judge",
        """
        A gate reads a metric, predictions or a champion that nothing provides: there is no evaluation, the evaluation
        lists no `predictions`, or there is no registry to take a champion from.

        Add what the finding names. Gates with `confidence` or `group` read predictions.

            # wrong
            evaluation:
              run: evaluate.py
              gates: {accuracy: {better_than: champion, confidence: 0.95}}
            # right
            evaluation:
              run: evaluate.py
              outputs: {predictions: predictions}
              gates: {accuracy: {better_than: champion, confidence: 0.95}}
        """,
    ),
    Code(
        "MG122",
        "data would leave where it may be",
        """
        `data.residency` says where data may lie, and a region, bucket or sink of the spec lies elsewhere.

        Choose a region inside the residency, or widen the residency on purpose.

            # wrong
            data: {source: data/churn.csv, label: churned, residency: [eu]}
            targets: {sagemaker: {region: us-east-1, account: "123456789012", bucket: acme-ml}}
            # right
            data: {source: data/churn.csv, label: churned, residency: [eu]}
            targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}
        """,
    ),
    Code(
        "MG123",
        "a search that cannot run",
        """
        The search contradicts itself: more parallel trials than trials, a grid over a range without `points`, more
        trials than the grid has places, or bounds of a logarithmic scale that are not above zero.

        Change the field that the finding names.

            # wrong
            training:
              run: train.py
              tuning: {metric: accuracy, strategy: grid, search: {C: {float: [0.001, 10]}}}
            # right
            training:
              run: train.py
              tuning: {metric: accuracy, strategy: grid, search: {C: {float: [0.001, 10], points: 30}}}
        """,
    ),
    Code(
        "MG124",
        "a run parameter that does not fit the field",
        """
        The parameter's type, default or bounds allow values that the field does not take, so a run could fail after
        hours for a value that is known to be wrong now.

        Change the parameter's `type`, or narrow it with `minimum`, `maximum` or `values`.

            # wrong
            parameters: {trials: {type: integer, default: 10, minimum: 0}}
            training:
              run: train.py
              tuning: {metric: accuracy, trials: "${parameters.trials}", search: {depth: {int: [2, 8]}}}
            # right
            parameters: {trials: {type: integer, default: 10, minimum: 1}}
            training:
              run: train.py
              tuning: {metric: accuracy, trials: "${parameters.trials}", search: {depth: {int: [2, 8]}}}
        """,
    ),
    Code(
        "MG125",
        "two things share one name",
        """
        A script gets one flag for each of its inputs, outputs and params, and steps, deployments and monitors become
        resources of one account. Two of them have the same name, or one has a name that mlopsgen keeps for itself.
        The same holds for the products of several specs that are compiled at once.

        Rename one of the two.

            # wrong
            training: {run: train.py, inputs: {train: prepare.train}, params: {train: 1000}}
            # right
            training: {run: train.py, inputs: {train: prepare.train}, params: {train_rows: 1000}}
        """,
    ),
    Code(
        "MG126",
        "the data contract contradicts itself",
        """
        `columns`, `label`, `split` and `checks` describe the same table and do not agree: the label is no column, a
        split is stratified without a label or by a number, a check names a column that is not there.

        Mend the name, or add the column.

            # wrong
            data: {source: data/churn.csv, label: churnd, columns: {age: integer, churned: category}}
            # right
            data: {source: data/churn.csv, label: churned, columns: {age: integer, churned: category}}
        """,
    ),
    Code(
        "MG127",
        "a trigger that cannot fire, or fires itself",
        """
        The trigger starts what does not exist, waits for something that never happens, has two causes or none, or
        starts what starts it.

        Give each trigger one cause and something to start.

            # wrong
            triggers: {again: {start: training, after: training}}
            # right
            triggers: {weekly: {start: training, schedule: "0 2 * * 1"}}
        """,
    ),
    Code(
        "MG128",
        "left out on purpose",
        """
        mlopsgen does not do this: AutoML, notebooks as steps, chains of model servers, SQL as steps, tests that route
        by header, API gateways. Each has tools of its own that do it better than a spec could describe it.

        The hint says what to do instead. A notebook, for instance, becomes a script:

            # wrong
            training: {run: train.ipynb}
            # right, after `jupyter nbconvert --to script train.ipynb`
            training: {run: train.py}
        """,
    ),
    Code(
        "MG129",
        "an image or version that changes under its name",
        """
        `latest`, or an image without a tag, is something else tomorrow. The same spec would then give another model,
        and nobody could say which one is running.

        Name a version, or better a digest. `mlopsgen lock` finds the digest that an image of the code or of a step has
        today, and fixes it: the name may then stay as it is.

            # wrong
            code: {base: "python:latest"}
            # right
            code: {base: "python:3.11-slim"}
        """,
    ),
    Code(
        "MG133",
        "two environments would share a name",
        """
        Two environments would make a thing of the same name in one account and region, workspace, project, namespace
        or bucket: deploying one would overwrite the other. Names end with `-<environment>` unless `suffix` says
        otherwise, so one of them has a `suffix`, a `name` or a `registry.model` that is the other's too. Against the
        spec compiled without an environment it is a warning.

        Give each a place of its own, or names of its own.

            # wrong
            environments: {staging: {suffix: -x}, production: {suffix: -x}}
            # right: churn-staging and churn-production
            environments: {staging: {}, production: {}}
        """,
    ),
    Code(
        "MG134",
        "the framework has no such estimator or param",
        """
        The built-in trainer hands `params` and searched params to the framework, which has none of this name, has one
        of it twice under two names, or cannot do what the evaluation judges. XGBoost's and LightGBM's own names and
        aliases are known (`eta` is `learning_rate`), and every param of scikit-learn's estimators. Early stopping
        needs validation rows.

        Write the name that the hint has. For a param that only a newer version of the framework has, train with a
        script: `run: train.py`.

            # wrong
            training: {framework: xgboost, params: {eta: 0.1, num_rund: 300}}
            # right
            training: {framework: xgboost, params: {eta: 0.1, num_round: 300}}
        """,
    ),
)


LOCKING = (
    Code(
        "MG130",
        "the lock file cannot be read",
        """
        `mlopsgen.lock` is not what mlopsgen writes, was merged by hand, or comes from a later version. Its digests say
        exactly which data and images are meant, so it is not guessed at.

        Write it again.

            # wrong: two branches that locked something, merged by hand
            {"version": 1, "images": {}, "images": {}
            # right
            $ rm mlopsgen.lock && mlopsgen lock
        """,
    ),
    Code(
        "MG131",
        "something cannot be locked",
        """
        There is no such image, package or data, it may not be read from here, or nothing about it can be fixed: a
        package without a wheel for Linux, a store whose versions nobody can ask for. An error leaves the lock as it
        was; a warning says what stays as it is.

        Mend the name, log in (`docker login`, credentials of the store), or name a version in the spec.

            # wrong
            code: {base: "python:3.11-slimm"}
            # right
            code: {base: "python:3.11-slim"}
        """,
    ),
    Code(
        "MG132",
        "a service does not answer",
        """
        A registry, a package index or a store is away or too busy, also after some tries. Nothing is wrong with the
        spec, and nothing was written: the exit code is 3.

        Try again later, or look at the network and its proxy.

            # wrong, behind a proxy
            $ mlopsgen lock
            # right
            $ HTTPS_PROXY=http://proxy.acme.example:3128 mlopsgen lock
        """,
    ),
)
