"""Text that means something to somebody: shells, clouds, templates, file formats, readers of logs."""

from __future__ import annotations

PAYLOADS = (
    # Expressions of platforms and templates.
    '{"Get": "Parameters.least"}', "Parameters.least", "${AWS::AccountId}", "${!AWS::Region}", "Fn::Sub",
    '{"Fn::GetAtt": ["JobsRole", "Arn"]}', "!Ref Pipeline", "!Sub ${AWS::Region}", "{{ 7 * 7 }}", "{% raw %}",
    "{# x #}", "{{inputs.parameters.x}}", "${{ secrets.TOKEN }}", "${{parent.inputs.x}}", "$(params.x)",
    "$[[ inputs.x ]]", "<%= 7 %>", "{{$.inputs.parameters['x']}}", "<.inputs.x>", "#{x}", "%(x)s", "{0}", "{x!r}",
    "$x", "${jndi:ldap://x}", "%USERPROFILE%",
    # Shells and their files.
    "$(touch /tmp/x)", "`touch /tmp/x`", "; rm -rf /", "&& true", "| cat", "> out", "--help", "-rf", "a\\b", "a\\",
    "\\n", "~", "*", "a=b", "=1+1", "@SUM(A1)", "!history", "'", '"', "''", '""', "'; x'", '"; x"', '\\"', "\\'",
    "%0a", "FROM scratch", "RUN x",
    # JSON, YAML, Markdown, HTML, XML.
    '"}, {"Name": "x', '"]', "}}", "]]>", "- a", "- a: b", "a: b", "a:b", "# x", "a #b", "? a", "*a", "&a", "!a", "|",
    ">", "---", "...", "%YAML 1.1", "yes", "no", "on", "null", "~", "true", "True", "0123", "0o17", "1e3", "1_000",
    "0x1F", "22:22:22", "2026-11-03", ".inf", ".nan", "=", "<<", "[a]", "{a: b}", "@a", "%a", " a", "a ", "\ta",
    "a\tb", "<script>x</script>", "</script>", "<!-- x -->", "-->", "<b>", "&amp;", "&#x3c;", "[a](javascript:x)",
    "![a](b)", "`a`", "```", "**a**", "_a_", "| a | b |", "1. a", "> a", "===", "http://x.example", "a  ", "\\",
    # Letters.
    "\xe9", "\u65e5\u672c", "\U0001f600", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "e\u0301", "\xa0", "\u2028",
    "\u2029", "\x85", "\xad", "\ufb01", "\u0130i", "\u200b", "\ufeff", "\ue000", "\ue0000\ue001",
    # Lines.
    "a\nb", "a\n", "\na", "a\n- b", "a\n  b: c", "a\n\n# b", "a\r\nb", "a\rb", "a\n```\n", "a\n</script>", "a\n---\n",
    "a\nRUN x",
)  # fmt: skip
HIDDEN = ("\x00", "\x1b[31m", "\x07", "\u202e", "\u2066", "\u200f")
"""Nobody can see these, so no spec holds them."""
