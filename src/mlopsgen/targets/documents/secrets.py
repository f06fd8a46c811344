"""What no file of a bundle holds: a key, a token or a password. The value itself is never shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlopsgen.credentials import find_credential, suspects
from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.documents.document import Document, Path, walk


def judge_secrets(documents: Iterable[Document], *, kept_in: str) -> Iterator[Diagnostic]:
    """A finding for each text, key or value, that opens a door; `kept_in` says where its name would do."""
    for document in documents:
        texts = tuple(_texts(document))
        formats = suspects("\n".join(text for _, text in texts))
        for path, text in texts:
            kind = find_credential(text, formats)
            if kind:
                hint = f"name a secret of {kept_in}; this one is known now, so replace it"
                yield document.finding("MG433", f"this looks like {kind}", path, hint)


def _texts(document: Document) -> Iterator[tuple[Path, str]]:
    for path, value in walk(document.data):
        if isinstance(value, str):
            yield path, value
        if path and isinstance(path[-1], str):
            yield path, path[-1]
