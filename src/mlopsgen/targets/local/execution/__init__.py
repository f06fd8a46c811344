"""Execution: what runs a written bundle on this machine."""
