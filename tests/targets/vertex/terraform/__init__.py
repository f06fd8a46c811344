"""Terraform's own judgement: OpenTofu, and providers that have Google's schemas and no cloud."""
