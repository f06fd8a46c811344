"""Training: from the data to a registered version, as nodes of a pipeline job."""
