"""Findings as text for people, as JSON, GitHub commands and SARIF for programs; and their fixes applied to a spec.

No format shows a secret: messages, fixes and the lines beside them go through `safe_text` first.
"""

from mlopsgen.findings.fixes import Edit, apply_fixes, edits
from mlopsgen.findings.machine_readable import as_github, as_json, as_sarif
from mlopsgen.findings.text import as_text, count

__all__ = ["Edit", "apply_fixes", "as_github", "as_json", "as_sarif", "as_text", "count", "edits"]
