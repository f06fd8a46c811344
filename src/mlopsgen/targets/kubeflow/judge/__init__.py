"""Who judges a Kubeflow bundle: kfp and the schemas of the cluster in environments of their own, and our linter.

linter    every rule               tables    keys and types of all objects
cluster   manifests as objects     outside   the script that asks the schemas of the cluster
"""
