"""Picks the command, and turns every problem into one plain line and an exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from .commands import COMMANDS
from .flags import suggestion
from .problems import Failed, Usage


def main(argv: Sequence[str]) -> int:
    """Runs one command: 0 done, 1 a judged failure, 2 wrong usage, 4 a gate said no, 5 another is at it, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # What is said of data has letters that a log in Latin-1 or code page 1252 has not.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(list(argv))
    except (Failed, Usage) as problem:
        return _say(problem, problem.code if isinstance(problem, Failed) else 2)
    except ModuleNotFoundError as error:
        if error.name == f"{__package__}.serving":
            return _say(error, 1, "this image was built for a spec that serves nothing, and holds no server")
        missing = (error.name or "a library").partition(".")[0]
        return _say(error, 1, f"this command needs the library `{missing}`; add it to the image's requirements")
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - a platform shows one line; MLOPSGEN_DEBUG=1 shows all
        return _say(error, 1, f"{type(error).__name__}: {error}")


def _dispatch(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help"):
        print("usage: python -m mlopsgen_runtime COMMAND --flag=value …\ncommands: " + ", ".join(COMMANDS))
        return 0 if argv else 2
    command, rest = argv[0], argv[1:]
    if command not in COMMANDS:
        raise Usage(f"there is no command `{command}`{suggestion(command, COMMANDS).replace('--', '')}")
    if rest in (["-h"], ["--help"]):
        print(sys.modules[_command(command).__module__].__doc__)
        return 0
    if not rest:
        # Some platforms start an image with one bare word and leave the rest in a file.
        from .platforms import command_left_by_platform

        argv = list(command_left_by_platform(command) or argv)
    return _command(argv[0])(argv[1:])


def _command(name: str) -> Callable[[Sequence[str]], int]:
    """The function behind a command; imported only now, because each needs libraries of its own."""
    match name:
        case "step":
            from . import step

            return step.run
        case "validate":
            from . import validate

            return validate.run
        case "split":
            from . import split

            return split.run
        case "train":
            from . import train

            return train.run
        case "propose":
            from . import propose

            return propose.run
        case "select":
            from . import select

            return select.run
        case "evaluate":
            from . import evaluate

            return evaluate.run
        case _:
            return _behind_an_evaluation(name)


def _behind_an_evaluation(name: str) -> Callable[[Sequence[str]], int]:
    """Commands around an evaluation, and what comes after it."""
    match name:
        case "explain":
            from . import explain

            return explain.run
        case "gate":
            from . import gate

            return gate.run
        case _:
            return _with_a_platform(name)


def _with_a_platform(name: str) -> Callable[[Sequence[str]], int]:
    """Commands that speak to what a platform runs beside its steps."""
    match name:
        case "trial":
            from . import trial

            return trial.run
        case "record":
            from . import record

            return record.run
        case "extract":
            from . import extract

            return extract.run
        case "score":
            from .serving import score

            return score.run
        case "cluster":
            from . import cluster

            return cluster.run
        case "serve":
            from .serving import serve

            return serve.run
        case "rollout":
            from .serving.rollout import command

            return command.run
        case _:
            from . import register

            return register.run


def _say(error: BaseException, code: int, text: str = "") -> int:
    if os.environ.get("MLOPSGEN_DEBUG") == "1":
        traceback.print_exception(error)
    print(f"mlopsgen: {text or error}", file=sys.stderr)
    return code
