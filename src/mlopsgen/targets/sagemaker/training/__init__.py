"""Training: from the data to a registered version, as steps of a SageMaker pipeline."""
