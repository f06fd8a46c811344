"""What tests of judges share, whatever the target.

faults     how a mistake is written down that somebody seeds in a bundle
seeded     a bundle in memory, to be broken
mutation   seeds every fault, and asks the judge that it names
contract   the tests that hold for the linter of every target
outside    asks a judge with an environment of its own about many bundles at once
"""
