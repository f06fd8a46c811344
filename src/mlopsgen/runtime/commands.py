"""The words that may follow `python -m mlopsgen_runtime`."""

COMMANDS = (
    *("step", "validate", "split", "train", "propose", "select", "evaluate", "explain", "gate"),
    *("register", "cluster", "trial", "record", "extract", "score", "serve", "rollout"),
)
SERVING = frozenset(("serve", "score", "stream", "rollout"))
"""Those that need `serving/`, which lies in no other image."""
