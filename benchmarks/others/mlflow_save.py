"""A model of skops as MLflow keeps it: `python mlflow_save.py MODEL.skops FOLDER`."""

import sys

import mlflow.sklearn
import skops.io

path = sys.argv[1]
model = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
mlflow.sklearn.save_model(model, sys.argv[2], serialization_format="cloudpickle")
