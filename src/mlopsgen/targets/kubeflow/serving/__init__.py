"""Deployments on Kubeflow."""
