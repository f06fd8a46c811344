"""Deployments on Azure ML."""
