"""YAML text to plain data with the place of every key and value; hostile YAML is refused.

characters (may this text be read at all) → reader (events to a tree, with its limits) → tree (find, locate, spans).
scalars says what a plain value means, syntax puts the parser's errors into words, refusals the rest.
"""

from mlopsgen.source.reader import Unread, read_yaml
from mlopsgen.source.tree import Node, Scalar, Source, in_order, plain, texts, with_spans

__all__ = ["Node", "Scalar", "Source", "Unread", "in_order", "plain", "read_yaml", "texts", "with_spans"]
