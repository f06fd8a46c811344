"""Pipelines as Vertex AI and Kubeflow read them (KFP's intermediate representation): what both targets share.

This is no target: it has no entry point. api (what a platform says, and the parts it hands over) → parts (Plan →
parts) → dags (parts → tasks in nested dags) → native → templates/_shared/ir/pipeline.yaml.j2.
"""
