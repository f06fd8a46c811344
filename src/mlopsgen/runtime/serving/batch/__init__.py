"""Scores the files below an address, as the command `score` tells it to.

settings   what the command line says
plan       what a run has to do, written down before it begins: the input as listed, its parts, the model's version
parts      files cut into stretches of whole records, the same each time
lines      records of a stretch of csv or JSON lines, in a memory that is bounded
lots       some thousand records at a time, as a table, with what is no record among them
calls      asks the model in mini-batches; finds the record on which it breaks
output     writes what was said, as csv, parquet or JSON lines
scoring    one part from its first record to its place
workers    the processes of one machine
lock       one run of a deployment at a time
ending     puts a finished run before its readers
"""
