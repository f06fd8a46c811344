"""Dataclasses that are made quickly are dataclasses."""
