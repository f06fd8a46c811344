"""Print docs/codes.md: `python -m mlopsgen.codes > docs/codes.md`."""

import sys

from mlopsgen.codes import CODES, docs_page

sys.stdout.write(docs_page(CODES.values()))
