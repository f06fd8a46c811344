"""One scoring code for whoever asks a model: requests, files and messages.

signature    which columns a model reads, and what is wrong with those of some records
records      bytes of a content type ⇄ records
outputs      whatever a `predict` returned, as columns of one value for each record
script       the user's own `load` and `predict`
scorer       a model, its signature and its version: `open_scorer(folder).predict(rows)`
"""
