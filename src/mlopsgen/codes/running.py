"""MG6xx: running here."""

from mlopsgen.codes import Code

RUNNING = (
    Code(
        "MG601",
        "a run parameter has no value",
        """
        The parameter has no default, so each run must give it. On a terminal mlopsgen asks; elsewhere it stops.

        Pass it, or give it a default in the spec.

            # wrong
            parameters: {day: {type: string}}
            # right: or `mlopsgen run --param day=2026-11-30`
            parameters: {day: {type: string, default: "2026-11-30"}}
        """,
    ),
    Code(
        "MG602",
        "a step failed",
        """
        The step's command ended with an error. The message holds the last lines it wrote; the whole log lies where the
        message says. What ended well before is kept: the next run goes on from there.

        Mend the script and run again.

            # wrong, in a script that is called with `--train=DIR`
            parser.add_argument("--data")
            # right
            parser.add_argument("--train")
        """,
    ),
    Code(
        "MG603",
        "the gate said no",
        """
        The model does not meet a gate of the spec, so it was not registered. The message gives the metric, its value
        and the bound. This is the pipeline working, not failing; the exit code is 5.

        Improve the model or the data. Change the bound only with a reason.

            # nothing is wrong: the model is not good enough. Who wants to know and go on says so
            evaluation: {run: evaluate.py, gates: {accuracy: {at_least: 0.8}}, on_gate_failure: report}
        """,
    ),
    Code(
        "MG604",
        "this interpreter lacks what the steps need",
        """
        The Python that mlopsgen runs in has another version than `code.python`, or not the packages of
        `code.requirements`. Runs need a POSIX system too, such as Linux, macOS or WSL.

        Install them, or let mlopsgen make an environment for the run.

            # wrong, where the requirements are not installed
            $ mlopsgen run
            # right
            $ mlopsgen run --isolated
        """,
    ),
    Code(
        "MG605",
        "plan.json is not a plan",
        """
        The bundle of `local` is damaged, was edited by hand, or comes from another version. `run` executes what the
        file says and nothing else, so it does not guess.

        Compile again.

            # wrong: a plan that somebody wrote
            {"steps": [{"name": "training"}]}
            # right
            $ mlopsgen compile --target local
        """,
    ),
    Code(
        "MG606",
        "an unfinished run of another plan",
        """
        A run was interrupted, and the spec, the code, the data or the values of its parameters have changed since.
        Going on would mix the results of two plans, so a new run starts from the beginning and the old one's folder is
        left as it is.

        Take the change back to finish the old run, or delete its folder.

            # wrong: the run that goes on would have two values
            $ mlopsgen run --param folds=5; mlopsgen run --param folds=3
            # right
            $ mlopsgen run --param folds=5; mlopsgen run --param folds=5
        """,
    ),
    Code(
        "MG607",
        "a step took too long",
        """
        The step ran longer than its `timeout` and was stopped, with all the processes it had started.

        Allow more time or give it less to do.

            # wrong, for a training of an hour
            training: {run: train.py, timeout: 10m}
            # right
            training: {run: train.py, timeout: 2h}
        """,
    ),
    Code(
        "MG608",
        "a secret is not set here",
        """
        The step needs a secret. On a platform it comes from the platform's store; here it comes from an environment
        variable of the secret's name, and there is none.

        Set it for this run. It is never written down.

            # wrong
            $ mlopsgen run
            # right
            $ read -rs CHURN_DB; export CHURN_DB; mlopsgen run
        """,
    ),
    Code(
        "MG609",
        "this version cannot be decided on",
        """
        `mlopsgen approve` and `--reject` decide about a version that `approval: manual` left waiting; a version that
        was approved before may be approved again, which goes back to it. There is no version of that number here, it
        was rejected, its gates did not hold, or it is the champion already.

        Say one that waits, or was approved: without a number, the command lists them all.

            # wrong, where version 3 was rejected
            $ mlopsgen approve 3
            # right: the list says which of them wait
            $ mlopsgen approve
        """,
    ),
    Code(
        "MG610",
        "there is no version for this deployment yet",
        """
        A deployment asks the champion of a model, or the version that it names, and the registry here holds none. Where
        the spec has a real-time deployment, a version is the champion once `mlopsgen serve` has rolled it out.

        Train and register one first; where `approval: manual` left it waiting, approve it; where a server brings it,
        start the server.

            # wrong, where nothing is registered yet
            $ mlopsgen score
            # right: the run registers a version, which is the champion where nobody has to approve it
            $ mlopsgen run && mlopsgen score
        """,
    ),
    Code(
        "MG611",
        "the port cannot be had",
        """
        Another program listens on the port that `mlopsgen serve` was to answer on, or the system keeps it for itself.

        Say another one, or stop the other program.

            # wrong, where another program listens on 8080
            $ mlopsgen serve
            # right
            $ mlopsgen serve --port 8081
        """,
    ),
    Code(
        "MG612",
        "the deployment is served already",
        """
        Another `mlopsgen serve` answers for this deployment here. Two would roll out the same version at once, and each
        would take the other's requests for its own.

        Ask the one that runs, or stop it. Another deployment of the spec has a place of its own.

            # wrong: the second one says which process has the place
            $ mlopsgen serve & mlopsgen serve --port 8081
            # right
            $ mlopsgen serve --deployment live & mlopsgen serve --deployment trial --port 8081
        """,
    ),
    Code(
        "MG613",
        "this version cannot be rolled out",
        """
        `mlopsgen rollout` asks for a version that was approved, of a real-time deployment that takes the versions of
        the registry here. There is no such version, nobody has approved it, or the spec names another with `model:`.

        Say one that is approved: `mlopsgen approve` lists them all.

            # wrong, where version 3 waits for a person
            $ mlopsgen rollout 3
            # right
            $ mlopsgen approve 3 && mlopsgen rollout 3
        """,
    ),
    Code(
        "MG614",
        "this version is not registered here",
        """
        `mlopsgen registry` shows versions that runs have registered on this machine, and there is none of that number
        or model.

        Say one of those that the message lists; those of another environment need its `--env`.

            # wrong, where only `production` has a version 3
            $ mlopsgen registry 3
            # right
            $ mlopsgen registry 3 --env production
        """,
    ),
)
