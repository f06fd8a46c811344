"""How a version becomes live: `order` is what rollout.json says, `engine` the way, `command` the command line.

The platform is asked through `platforms.api.Fleet`, and remembers where the rollout stands: what was cut off is taken
up again from there, by whoever starts the same rollout next.
"""
