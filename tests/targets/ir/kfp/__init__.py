"""The same pipelines, by kfp's own compiler and by ours."""
