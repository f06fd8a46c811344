"""MG130 to MG132: the lock, and what it is made from."""

from mlopsgen.codes.entry import Code

LOCKING = (
    Code(
        "MG130",
        "the lock file cannot be read",
        """
        `mlopsgen.lock` is not what mlopsgen writes, was merged by hand, or comes from a later version. Its digests say
        exactly which data and images are meant, so it is not guessed at.

        Write it again.

            # rm mlopsgen.lock; mlopsgen lock spec.yaml
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

            code: {base: "python:3.11-slim"}                     # not `python:3.11-slimm`
        """,
    ),
    Code(
        "MG132",
        "a service does not answer",
        """
        A registry, a package index or a store is away or too busy, also after some tries. Nothing is wrong with the
        spec, and nothing was written: the exit code is 3.

        Try again later, or look at the network and its proxy.

            # HTTPS_PROXY=http://proxy.acme.example:3128 mlopsgen lock
        """,
    ),
)
