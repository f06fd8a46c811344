"""One scoring code for whoever asks a model: requests, files and messages.

    signature    which columns a model reads, and what is wrong with those of some records
    records      bytes of a content type → records (`columnar`: Parquet and Arrow)
    outputs      whatever a `predict` returned, as columns of one value for each record
    script       the user's own `load` and `predict`
    scorer       a model, its signature and its version: `open_scorer(folder).predict(rows)`
    answer       predictions → bytes of a content type
    serve        the command; `service` and `tensors` are the protocols, `app` their routes, `docs` and `metrics`
                 what is said of them, `limits` what is refused, `server` the process

Only images that serve hold this folder.
"""
