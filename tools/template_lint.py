"""`python tools/template_lint.py [FOLDER…]`: exit 1 and one line for each template that computes something."""

from __future__ import annotations

import sys
from pathlib import Path

from mlopsgen.render.reading import template_offences
from mlopsgen.resources import TEMPLATES


def main(folders: list[Path]) -> int:
    """Print the offences of every folder."""
    offences = [f"{folder.name}/{offence}" for folder in folders for offence in template_offences(folder)]
    print("\n".join(offences) if offences else "templates: print, loop and branch only")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main([Path(a) for a in sys.argv[1:]] or [TEMPLATES]))
