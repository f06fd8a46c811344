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

            # wrong for SageMaker
            training:
              run: train.py
              tuning: {metric: accuracy, strategy: hyperband, trials: 8, search: {rate: {float: [0.1, 0.5]}}}
            # right
            training:
              run: train.py
              tuning: {metric: accuracy, strategy: bayesian, trials: 8, search: {rate: {float: [0.1, 0.5]}}}
        """,
    ),
    Code(
        "MG302",
        "not emitted yet",
        """
        The spec's section is part of the language, and this version of mlopsgen does not write it for this target.

        Leave the section out for this target with an environment, take another target, or a later version.

            # wrong
            ci: {providers: [github]}
            # right: compiled without `--env later`, the bundle goes without it
            environments: {later: {ci: {providers: [github]}}}
        """,
    ),
    Code(
        "MG303",
        "a target that is not installed",
        """
        The spec has a block for a target, or a command asks for one, that no installed package provides. The block
        cannot be checked; compiling for the target is an error, compiling for others a warning.

        Install what the hint names, or mend the name.

            # wrong
            targets: {sagemakr: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}
            # right
            targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}
        """,
    ),
    Code(
        "MG304",
        "no block for this target",
        """
        Compiling for this target was asked for, and the spec has no `targets.<target>`. Region, account and bucket
        have no sensible defaults.

        Add the block with the fields that the hint names.

            # wrong, with `--target sagemaker`
            targets: {local: {}}
            # right
            targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}
        """,
    ),
    Code(
        "MG309",
        "a native key that does not exist",
        """
        `targets.<target>.steps` passes native keys to the platform's own document. The key, its value or the step it
        is for is unknown there.

        The hint names the nearest one. The platform's own reference lists them.

            # wrong
            targets:
              sagemaker:
                {region: eu-west-1, account: "123456789012", bucket: acme-ml, machines: {trainning: ml.m5.xlarge}}
            # right
            targets:
              sagemaker:
                {region: eu-west-1, account: "123456789012", bucket: acme-ml, machines: {training: ml.m5.xlarge}}
        """,
    ),
    Code(
        "MG310",
        "a patch that does not match one place",
        """
        A patch names a place in an emitted file, and no place or several places match. A patch that matches by
        chance changes something else after the next release.

        Compile without the patch, look at the file, and address the place by name.

            # wrong
            targets:
              sagemaker:
                {region: eu-west-1, account: "123456789012", bucket: acme-ml, patches: [
                  {file: pipeline.json, at: "/Steps/[Name=trainning]/CacheConfig", remove: true}]}
            # right
            targets:
              sagemaker:
                {region: eu-west-1, account: "123456789012", bucket: acme-ml, patches: [
                  {file: pipeline.json, at: "/Steps/[Name=training]/CacheConfig", remove: true}]}
        """,
    ),
    Code(
        "MG311",
        "a schedule that the platform cannot say",
        """
        The platform's own scheduler has no word for this schedule: a day of the month together with a day of the
        week, or a time zone where it knows only UTC.

        Write two triggers, or a schedule without the combination.

            # wrong: EventBridge takes days of the month or of the week
            triggers: {often: {start: training, schedule: "0 2 1 * 1"}}
            # right
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

            # wrong for SageMaker
            training: {run: train.py, secrets: {DB_PASSWORD: "azurekeyvault://acme/churn-db"}}
            # right
            training: {run: train.py, secrets: {DB_PASSWORD: churn-db}}
        """,
    ),
    Code(
        "MG313",
        "data from elsewhere",
        """
        The data lies in a store that the platform's jobs cannot read directly.

        Copy the data to the platform's own store and name it there, with an environment or a variable.

            # wrong for SageMaker
            data: {source: "gs://acme/churn/", label: churned}
            # right
            data: {source: "s3://acme/churn/", label: churned}
        """,
    ),
    Code(
        "MG314",
        "a target that cannot be loaded",
        """
        A package announces a target, and importing it failed. The error is shown as it was raised; other targets work.

        Upgrade or uninstall the package.

            # wrong: a release from before this mlopsgen
            $ pip install mlopsgen-acme==0.1
            # right
            $ pip install --upgrade mlopsgen-acme
        """,
    ),
    Code(
        "MG315",
        "done another way than natively",
        """
        The platform has no service for this, so mlopsgen's runtime does it inside the platform's own jobs, or the
        platform does it with a difference that the message names. The result is what the spec says.

        Nothing needs to be done. `mlopsgen targets` lists what is emulated.

            # noted by SageMaker: its registration has no `when`, so a condition stands before it
            registry: {when: "${parameters.publish}"}
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

            # wrong, when the requirements have changed
            $ mlopsgen compile --target all
            # right
            $ mlopsgen lock && mlopsgen compile --target all
        """,
    ),
    Code(
        "MG317",
        "a requirement excludes what the runtime needs",
        """
        The built-in steps work with some versions of a package only, and a line of your requirements asks for others.
        Where you name a package, pip installs what you say, and the first step that imports it would fail.

        Name a version that both allow. Where no built-in step is left that needs the package, the finding goes too.

            # wrong, in requirements.txt
            pandas==1.5.3
            # right
            pandas>=2.2
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

            # wrong, in the requirements of a script with `import matplotlib`
            numpy>=2
            # right
            numpy>=2
            matplotlib>=3.9
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

            # wrong
            targets: {sagemaker: {region: eu-west1, account: "123456789012", bucket: acme-ml}}
            # right
            targets: {sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}}
        """,
    ),
)
