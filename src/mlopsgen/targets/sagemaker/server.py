"""How the image serves a model: an endpoint starts it with the word `serve`, and it reads the rest from a variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from mlopsgen.plan.services import RealTime
from mlopsgen.plan.values import Flag, Setting
from mlopsgen.targets.launcher import LAUNCHER, RUNTIME, flag_words, optional_names, plain, secret_values
from mlopsgen.targets.sagemaker.commands import secret_uri, words
from mlopsgen.targets.sagemaker.context import Context

MODEL_FOLDER = "/opt/ml/model"
VARIABLE = "MLOPSGEN_SERVE"
"""What the image's `serve` reads its words from (runtime/platforms/sagemaker.py)."""


def serve_words(context: Context, service: RealTime) -> Sequence[Any]:
    """The launcher's or the server's own words, without the program's, as the image reads them from its environment."""
    job = service.job
    argv = tuple(
        Flag(word.name, Setting(MODEL_FOLDER)) if isinstance(word, Flag) and word.name == "model" else word
        for word in job.argv
    )
    command = (*words(context, replace(job, inputs=()), argv), "--host=0.0.0.0", "--port=8080")
    flags = tuple(
        flag_words(plain, secret=secret_values(job, partial(secret_uri, context)), optional=optional_names(job))
    )
    return (LAUNCHER[-1], *flags, "--", *command) if flags else command[len(RUNTIME) :]
