"""azure-ai-ml reads the pipeline job that mlopsgen wrote: `python azure_load.py BUNDLE`."""

import sys
from pathlib import Path

from azure.ai.ml import load_job

job = load_job(next(Path(sys.argv[1]).glob("pipeline.y*ml")))
print(len(job.jobs))
