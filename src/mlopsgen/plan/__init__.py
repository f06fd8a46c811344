"""What has to happen, said once for every target: steps, their edges, and what starts them.

Frozen values, which know nothing but each other:
  steps.py       the kinds of steps that a target matches on, and Plan
  values.py      what flows between steps, and the holes in their commands
  product.py     what a plan holds beside its steps: parameters, sources, image, triggers
  features.py    the features that a spec can ask for
  graph.py       edges, order, cycles

Spec → Plan, a module for each section of the spec:
  build.py       the whole, with every default that depends on another field
  data.py  training.py  evaluation.py  code.py
  jobs.py        what is the same for every step; wiring.py  who reads what from whom
  files.py       the project's own files
  checks.py      findings that need the whole plan; uses.py  the features that a spec uses
"""
