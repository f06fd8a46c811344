"""How findings are shown: text for people, JSON, GitHub and SARIF for programs, and their edits applied.

No format shows a secret: messages, edits and the lines beside them go through `safe_text` first.
"""

from mlopsgen.findings.fixes import Edit, apply_fixes, edits
from mlopsgen.findings.machine_readable import as_github, as_json, as_sarif
from mlopsgen.findings.text import as_text, count

__all__ = ["Edit", "apply_fixes", "as_github", "as_json", "as_sarif", "as_text", "count", "edits"]
