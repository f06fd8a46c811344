"""Files of a bundle as judges read them: plain data in which every value knows its place.

document  the data, its places, and spans for findings
jsontext  JSON, as strictly as services read it
yamltext  YAML of one or several documents
pointer   what stands behind a JSON pointer
"""

from mlopsgen.targets.documents.document import Document, Lines, Path, dig, items, maps, shown, walk
from mlopsgen.targets.documents.jsontext import NotJson, read_json
from mlopsgen.targets.documents.pointer import Places, Unread, read_file, span_at
from mlopsgen.targets.documents.yamltext import NotYaml, read_yaml

__all__ = [
    "Document",
    "Lines",
    "NotJson",
    "NotYaml",
    "Path",
    "Places",
    "Unread",
    "dig",
    "items",
    "maps",
    "read_file",
    "read_json",
    "read_yaml",
    "shown",
    "span_at",
    "walk",
]
