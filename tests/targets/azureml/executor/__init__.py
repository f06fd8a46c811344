"""Executes emitted bundles as a workspace of Azure ML would: from the YAML alone, every step a process of this machine.

bundle.py holds the files, machine.py runs a command, pipeline.py walks a pipeline job, sweep.py a search, world.py
is a workspace with its data, its models, its runs and what events start. What it does not know it refuses.
"""
