"""MG305 to MG308: names, numbers, machines and texts that a platform does not take."""

from mlopsgen.codes import Code

PLATFORM = (
    Code(
        "MG305",
        "a name that the platform does not take",
        """
        Names of resources are composed from the spec's name and the step's. The composed one is too long, has a
        character that the service refuses, or is the same as another. Clouds say so only when it is submitted.

        Shorten the spec's `name`, or rename the step.

            # wrong: ECR takes no name of one letter
            name: c
            # right
            name: churn
        """,
    ),
    Code(
        "MG306",
        "over a limit of the platform",
        """
        A number, a length or a size is above what the service documents as its limit. The message gives the limit.

        Ask for less, split the work, or move long texts into files of `code.path`.

            # wrong: a job of SageMaker ends after 28 days
            training: {run: train.py, timeout: 40d}
            # right
            training: {run: train.py, timeout: 5d}
        """,
    ),
    Code(
        "MG307",
        "no machine fits the resources",
        """
        No machine type of the platform has the CPU, memory and GPU that `resources` asks for, or not in this region.

        Ask for less, or name a machine: it wins over resources.

            # wrong
            training: {run: train.py, resources: {cpu: 1000}}
            # right
            training: {run: train.py, resources: {cpu: 16}}
        """,
    ),
    Code(
        "MG308",
        "text that the platform would execute",
        """
        A text of the spec reads as an expression of the platform, which has no way to write it as plain text there.
        Text of a spec never becomes code, so it is refused.

        Write it another way, or put it into a file of `code.path`.

            # wrong: CloudFormation would put a secret there
            description: "the key is {{resolve:ssm:key}}"
            # right
            description: the key is that of the store
        """,
    ),
)
