"""How a server of models is started and asked: what a platform is told of it, and what it keeps to.

A version that is registered says so for ever (Vertex AI: ModelContainerSpec is immutable), so nothing here changes
its value. All else the server finds beside the model, or in variables that its platform sets.
"""

from __future__ import annotations

SERVE = "serve"
"""The image's word for it."""
PORT = 8080
"""The one that every platform asks unless it is told another."""
PREDICT = "/predict"
"""Takes `{"instances": […], "parameters": {…}}` and answers `{"predictions": […]}`."""
HEALTH = "/health"
"""Answers 200 as soon as the model can be asked."""
PATIENCE = 1800
"""Seconds that a server may take until then: it fetches its model first."""
