"""A plug-in that cannot be imported."""

from a_library_that_is_gone import anything as target  # type: ignore[import-not-found]

__all__ = ["target"]
