"""One YAML spec for a model's whole life, compiled into each cloud's own files."""

__version__ = "0.1.0"
