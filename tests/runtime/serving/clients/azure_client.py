"""azure-ai-ml's own `invoke` asks a server: `python azure_client.py URL FILE`. Azure's own answers are made here."""

import inspect
import sys
from types import SimpleNamespace

from azure.ai.ml._utils._http_utils import HttpPipeline
from azure.ai.ml.operations import OnlineEndpointOperations

URL, FILE = sys.argv[1:]
endpoint = SimpleNamespace(properties=SimpleNamespace(auth_mode="key", scoring_uri=f"{URL}/score"))
operations = SimpleNamespace(
    _online_operation=SimpleNamespace(get=lambda **_: endpoint),
    _resource_group_name="acme",
    _workspace_name="acme",
    _init_kwargs={},
    _get_online_credentials=lambda **_: None,
    _requests_pipeline=HttpPipeline(),
)
# Telemetry is wrapped around it.
answer = inspect.unwrap(OnlineEndpointOperations.invoke)(operations, "live", request_file=FILE)
sys.stdout.write(f"{answer}\n")
