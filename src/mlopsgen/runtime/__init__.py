"""What runs inside the image: the launcher and the built-in steps of a pipeline.

The folder is copied into every image as the package `mlopsgen_runtime` and stands alone: it
imports nothing else of mlopsgen, and only relative names of its own.

    cli          picks the command, turns problems into one plain line and an exit code
    step         the launcher: secrets, parameters, archives, then the user's own command
    validate     the data contract        split      train, validation and test rows
    train        the built-in trainer     select     the best trial of a search
    evaluate     metrics, predictions and pictures
    gate         may this model go on?    register   a new version in a registry of files
    extract      a table of a warehouse, as files
    serving/     scores records; `serve` answers requests, `score` reads files (only in images that serve)
    platforms/   the one place that knows URI schemes and clouds
"""
