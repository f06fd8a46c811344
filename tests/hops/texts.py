"""Text that is legal in a spec and means something to somebody on its way to a process."""

from __future__ import annotations

TEXTS: tuple[str, ...] = (
    # Plain, or nearly.
    "plain", "two words", "  led and trailed  ", "", "-", "--", "-x", "--help", "--note=x", "a=b", "=1+1", "é 日本 😀",
    "e\u0301", "\xa0", "\u200b", "true", "null", "0123", "1e3", "[1, 2]", '["a"]', '{"a": "b"}', "3.0", "a,b",
    "a:b", "/opt/app",
    # Shells.
    "'", '"', "''", "it's", 'say "x"', "'; id; '", "`id`", "a;b", "a & b", "a && b", "a | b", "a > b", "*", "?",
    "~", "{a,b}", "!x", "#x", "a #b", "a\\", "\\", "\\n", "\\\\", "\\'", '\\"', "a\nb", "a\n", "\n", "a\tb", "a\rb",
    "$HOME", "$", "$1",
    # Kubernetes, Argo, Katib, Kubeflow Pipelines.
    "$(HOME)", "$$(HOME)", "$$", "$$$$", "$(", "$()", "{{x}}", "{{ workflow.name }}", "{{", "}}", "{{=1+1}}",
    "{{$.inputs.parameters['q']}}", "{{$}}", "${trialParameters.c00}", "${trialSpec.Name}",
    # Azure ML, Logic Apps, ARM.
    "${{inputs.q}}", "${{ parent.inputs.q }}", "$[[ x ]]", "@x", "@{x}", "@@x", "@@{x}", "[x]", "[concat('a')]", "[[x]",
    "[x] y", "[parameters('workspace')]", "azureml:x:1", "required", "none",
    # CloudFormation, EventBridge, IAM, SageMaker.
    "${x}", "${AWS::Region}", "${!x}", "!Ref x", "!Sub ${AWS::Region}", "Fn::Sub", '{"Ref": "x"}',
    '{"Get": "Parameters.q"}', "{{resolve:ssm:x}}", "<aws.events.event>", "arn:aws:s3:::x",
    # Terraform, Workflows, printf, templates of others.
    "%{x}", "%{ if true }", "%s", "%(x)s", "100%", "%%", "#{x}", "$${x}", "%%{x}", "<% x %>", "{% x %}", "{0}",
    "%USERPROFILE%",
    # Long.
    "x" * 200, "word " * 60, "日" * 400, "y" * 3000,
)  # fmt: skip
PLAIN: tuple[str, ...] = (
    *("plain", "two words", "-x", "--help", "a=b", "é 日本 😀", "[1, 2]", '{"a": "b"}', '"', "a;b", "a & b", "*", "#x"),
    *("a\\", "$HOME", "100%", "#{x}", "%s", "x" * 200),
)
"""Nobody refuses these as a param or as a variable."""
MIXED: tuple[str, ...] = (
    "two words",
    "[concat('a') ${x} %{y} @{z} \"d\" \\ <a> & #b: *]",
    "@{x} [y] don't $HOME `id`; é 日本 😀",
    '${AWS::Region} !Ref x {"a": [1]} 100% - --x',
    "  {% raw %} {0} %s #{x} <%= 7 %>\t---  ",
    "${{ inputs.q }} $[[ x ]]",
    "$(HOME) $$ {{x}} {{$.inputs.parameters['q']}} {{resolve:ssm:x}}",
)
"""Several meanings in one text, where one compile tries one text."""
PIECES: tuple[str, ...] = (
    *(
        "$",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "@",
        "%",
        "#",
        "'",
        '"',
        "\\",
        "`",
        ";",
        "&",
        "|",
        "*",
        "<",
        ">",
        "!",
        "=",
        "-",
    ),
    *(":", ",", " ", "\n", "\t", "x", "HOME", "é", "😀", "$(", "$$", "${", "{{", "}}", "${{", "@{", "%{", "[["),
)
"""What generated texts are made of."""
