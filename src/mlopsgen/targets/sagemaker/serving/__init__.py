"""Deployments on SageMaker."""
