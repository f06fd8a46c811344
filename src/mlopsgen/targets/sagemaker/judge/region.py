"""The region that a bundle is for, read from the names in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mlopsgen.targets.documents.document import Document, Path, walk
from mlopsgen.targets.sagemaker.judge.folder import Folder

_IN_NAMES = re.compile(
    r"\d{12}\.dkr\.ecr(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com"
    r"|arn:aws[a-z-]*:(?:kms|sagemaker|lambda|ecr|logs|sns|sqs|secretsmanager):([a-z]{2}(?:-[a-z]+)+-\d):"
)


def regions(document: Document) -> Iterator[tuple[Path, str]]:
    """Every region that a text of this file names, with its place."""
    for path, value in walk(document.data):
        if isinstance(value, str):
            for found in _IN_NAMES.finditer(value):
                yield path, found[1] or found[2]


def region_of(folder: Folder) -> str | None:
    """The region named most often in the folder, None when none is."""
    named = Counter(r for d in (*folder.definitions, *folder.templates) for _, r in regions(d))
    return named.most_common(1)[0][0] if named else None
