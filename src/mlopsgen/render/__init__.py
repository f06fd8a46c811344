"""Turns what a target laid out into the bytes of files, and proves that every value arrived whole.

A target hands over `FileJob`s (a template and its values) and `Copy`s (user code, untouched).
A template shows the document as the target's own docs show it; it prints, loops and branches:

    {# pipeline.json.j2: trailing commas are fine, the file is spelled anew #}
    {
      "Version": "2020-12-01",
      "Steps": [
    {% for step in steps %}
        {
          "Name": {{ step.name }},
          "Type": {{ step.type }},
    {% if step.depends_on %}
          "DependsOn": {{ step.depends_on }},
    {% endif %}
        },
    {% endfor %}
      ],
    }

    {# stack.yaml.j2: comments and layout stay as they are written here #}
    Resources:
    {% for role in roles %}
      {{ role.id }}:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument: {{ role.trust }}
          Tags: {{ role.tags }}
    {% endfor %}

`{{ }}` takes a whole value or a whole key, of text, number, boolean, None, list or mapping, and
spells it in the file's format: no quotes around it, no comment holds it. A long list or mapping
that ends its line in YAML is written as an indented block. `{% for key, value in map|items %}`
walks a mapping. Dockerfiles, shell and text have no structure to prove against, so there
only `Token`s may be printed; Markdown also takes plain text, which is escaped.

A document inside a document is a job embedded in another: `embed={"body": FileJob(...)}` makes
its text the value `body`; embedded JSON is compact.
"""

from mlopsgen.render.job import Copy, FileJob, Merge, Patch, Remove, Replace, patched
from mlopsgen.render.parseback import render
from mlopsgen.render.tokens import AbsPath, Digest, Identifier, ImageRef, Name, RelPath, Requirement, Token

__all__ = [
    "AbsPath",
    "Copy",
    "Digest",
    "FileJob",
    "Identifier",
    "ImageRef",
    "Merge",
    "Name",
    "Patch",
    "RelPath",
    "Remove",
    "Replace",
    "Requirement",
    "Token",
    "patched",
    "render",
]
