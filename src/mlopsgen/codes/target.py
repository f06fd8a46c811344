"""MG3xx: what a target can and cannot do."""

from mlopsgen.codes import Code

TARGET = (
    Code(
        "MG301",
        "this target does not do this",
        """
        The platform has no way to do what the spec asks, and doing less in silence would be worse than saying so.

        Take the way that the hint proposes, another target, or accept the loss by name with `--allow`.
        `mlopsgen targets` shows field by field what is native, emulated or refused.

            # mlopsgen compile spec.yaml --target all --allow MG301
        """,
    ),
    Code(
        "MG302",
        "not emitted yet",
        """
        The spec's section is part of the language, and this version of mlopsgen does not write it for this target.

        Leave the section out for this target with an environment, take another target, or a later version.

            environments: {here: {governance: null}}
        """,
    ),
    Code(
        "MG303",
        "a target that is not installed",
        """
        The spec has a block for a target, or a command asks for one, that no installed package provides. The block
        cannot be checked; compiling for the target is an error, compiling for others a warning.

        Install what the hint names, or mend the name.

            # pip install "mlopsgen[sagemaker]"
        """,
    ),
    Code(
        "MG304",
        "no block for this target",
        """
        Compiling for this target was asked for, and the spec has no `targets.<target>`. Region, account and bucket
        have no sensible defaults.

        Add the block with the fields that the hint names.

            targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}
        """,
    ),
    Code(
        "MG305",
        "a name that the platform does not take",
        """
        Names of resources are composed from the spec's name and the step's. The composed one is too long, has a
        character that the service refuses, or is the same as another. Clouds say so only when it is submitted.

        Shorten the spec's `name`, or rename the step.

            name: adherence                                      # not construction-schedule-adherence-prediction
        """,
    ),
    Code(
        "MG306",
        "over a limit of the platform",
        """
        A number, a length or a size is above what the service documents as its limit. The message gives the limit.

        Ask for less, split the work, or move long texts into files of `code.path`.

            training: {run: train.py, timeout: 5d}
        """,
    ),
    Code(
        "MG307",
        "no machine fits the resources",
        """
        No machine type of the platform has the CPU, memory and GPU that `resources` asks for, or not in this region.

        Ask for less, or name a machine: it wins over resources.

            targets: {sagemaker: {machines: {training: ml.m5.4xlarge}}}
        """,
    ),
    Code(
        "MG308",
        "text that the platform would execute",
        """
        A text of the spec reads as an expression of the platform, which has no way to write it as plain text there.
        Text of a spec never becomes code, so it is refused.

        Write it another way, or put it into a file of `code.path`.

            training: {run: train.py, params: {pattern: patterns/default.txt}}
        """,
    ),
    Code(
        "MG309",
        "a native key that does not exist",
        """
        `targets.<target>.steps` passes native keys to the platform's own document. The key, its value or the step it
        is for is unknown there.

        The hint names the nearest one. The platform's own reference lists them.

            targets: {sagemaker: {steps: {training: {RetryStrategy: {MaximumRetryAttempts: 2}}}}}
        """,
    ),
    Code(
        "MG310",
        "a patch that does not match one place",
        """
        A patch names a place in an emitted file, and no place or several places match. A patch that matches by
        chance changes something else after the next release.

        Compile without the patch, look at the file, and address the place by name.

            patches: [{file: pipeline.json, at: "/Steps/[Name=training]/Arguments", merge: {RoleArn: "…"}}]
        """,
    ),
    Code(
        "MG311",
        "a schedule that the platform cannot say",
        """
        The platform's own scheduler has no word for this schedule: a day of the month together with a day of the
        week, or a time zone where it knows only UTC.

        Write two triggers, or a schedule without the combination.

            triggers:
              first: {start: training, schedule: "0 2 1 * *"}
              monday: {start: training, schedule: "0 2 * * 1"}
        """,
    ),
    Code(
        "MG312",
        "a secret from elsewhere",
        """
        The secret's address belongs to another platform than the one that is compiled for, whose jobs cannot read it.

        Write the bare name and keep a secret of this name on each platform, or set it per environment.

            training: {run: train.py, secrets: {DB_PASSWORD: churn-db}}
        """,
    ),
    Code(
        "MG313",
        "data from elsewhere",
        """
        The data lies in a store that the platform's jobs cannot read directly.

        Copy the data to the platform's own store and name it there, with an environment or a variable.

            environments: {aws: {data: {source: s3://acme/churn.csv}}}
        """,
    ),
    Code(
        "MG314",
        "a target that cannot be loaded",
        """
        A package announces a target, and importing it failed. The error is shown as it was raised; other targets work.

        Upgrade or uninstall the package.

            # pip install --upgrade <package>
        """,
    ),
    Code(
        "MG315",
        "done another way than natively",
        """
        The platform has no service for this, so mlopsgen's runtime does it inside the platform's own jobs, or the
        platform does it with a difference that the message names. The result is what the spec says.

        Nothing needs to be done. `mlopsgen targets` lists what is emulated.

            # mlopsgen targets spec.yaml
        """,
    ),
    Code(
        "MG316",
        "the lock does not know this",
        """
        The project has a `mlopsgen.lock`, and the spec or its requirements now name an image or a package that it
        does not hold, so this part of the bundle would float while the rest is fixed. Local data that differ from the
        lock are a warning: a bundle names them by their content anyway.

        Renew the lock and commit it. `--allow MG316` compiles with what is not locked left as it is written.

            # mlopsgen lock spec.yaml
        """,
    ),
    Code(
        "MG317",
        "a requirement excludes what the runtime needs",
        """
        The built-in steps work with some versions of a package only, and a line of your requirements asks for others.
        Where you name a package, pip installs what you say, and the first step that imports it would fail.

        Name a version that both allow. Where no built-in step is left that needs the package, the finding goes too.

            code: {requirements: requirements.txt}              # pandas>=2.2, not pandas==1.5.3
        """,
    ),
    Code(
        "MG318",
        "a script imports what the image does not have",
        """
        A script that a step runs, or a module that it imports, imports a package that no line of the requirements
        brings and no built-in step needs. This is a warning: a requirement may bring it along unseen. Nothing is said
        where the image is built on one of yours (`code.base`), which may have it.

        Write the package into the requirements, under the name that the index has it by.

            code: {requirements: requirements.txt}              # with a line `matplotlib`
        """,
    ),
    Code(
        "MG319",
        "a region or a machine that nobody knows",
        """
        No region and no type of machine of the platform has this name. A slip of the hand is found by the platform
        only when something is made there, and then in other words.

        Write the name that the hint proposes. A region or a machine that is newer than this version of mlopsgen is
        taken with `--allow MG319`: it becomes a warning.

            targets: {sagemaker: {region: eu-west-1}}                     # not eu-west1
        """,
    ),
)
