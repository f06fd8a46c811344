"""What has to happen, said once for every target: steps, their edges, and what starts them.

steps.py    the frozen kinds a target matches on
graph.py    edges, order, digest
build.py    Spec → Plan, with every default that depends on another field
"""
