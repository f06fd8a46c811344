"""Training: what steps are on Vertex AI beside the shared PipelineSpec, from custom jobs to the registry."""
