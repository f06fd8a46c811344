"""Runs an emitted PipelineSpec: reads the file alone, starts every container as a process of this machine."""
