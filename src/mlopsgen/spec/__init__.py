"""The language: what a spec may say, and how its text becomes a checked `Spec`.

model.py     the base of every section: short forms are declared there, once
values.py    placeholders (`${parameters.x}`, `${run.id}`) as values
units.py     names, durations, sizes, paths: strings with a meaning
product.py   the whole spec and its small sections; one further file for each other section
resolve.py   short forms → long, environment over base, `${var.x}`, `uses`
read.py      resolved source → `Spec`, or every finding at once; calls checks_<section>.py for what no field can know
metrics.py   scikit-learn's metric names, their direction and what they need; findings about metrics
write.py     `Spec` → the long form with all defaults, itself a spec
schema.py    the JSON schema that editors read

Nothing here is imported by `mlopsgen/__init__.py`: building the models costs more than `--help` may.
"""
