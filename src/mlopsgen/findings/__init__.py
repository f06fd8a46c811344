"""Findings as text for people, as JSON, GitHub commands and SARIF for programs; and their fixes applied to a spec.

No format shows a secret: messages, fixes and the lines beside them go through `safe_text` first.
"""
