"""The picture of a plan: Mermaid for places that draw it, and an SVG of our own drawing.

picture.py      what is shown: nodes and edges, every text in plain words
words.py        a step's work, machine, gates and conditions in those words
mermaid.py      a picture as Mermaid
letters.py      how wide a text is, and how it is broken and cut
arrangement.py  rows, who stands beside whom in one, and where on its line
layout.py       boxes, edges and labels with their places
svg.py          a layout as SVG, with its colours
"""

from __future__ import annotations

from mlopsgen.graph.mermaid import mermaid
from mlopsgen.graph.picture import Picture, picture_of
from mlopsgen.graph.svg import svg

__all__ = ["Picture", "mermaid", "picture_of", "svg"]
