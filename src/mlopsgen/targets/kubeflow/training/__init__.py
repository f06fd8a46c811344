"""Training: what steps are on Kubeflow beside the shared PipelineSpec, from searches to the registry."""
