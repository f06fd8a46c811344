"""Judges ARM templates: their frame, what stands in brackets, what depends on what, what is granted.

expressions  reads `[…]`
template     a template as rules see it, with the identity of each resource
frame        top level, parameters, outputs
references   parameters, variables, dependsOn, resourceId
resources    types, versions, names, properties of what a training pipeline needs
grants       role assignments and secrets
"""
