"""What the judges of Vertex AI and of Kubeflow share: the linter of IR documents, and means to write linters.

rules     what a rule is                     folder        the parsed files of a bundle
shape     keys and types by a table          messages      that table for PipelineSpec
program   an IR document as dags and tasks   linter        every rule that reads one
outside   the script that asks kfp itself
"""
