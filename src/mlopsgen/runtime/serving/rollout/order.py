"""What rollout.json says: which deployment, in which steps, watched for what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...platforms import open_store
from ...problems import Failed

FORMAT = "mlopsgen/rollout/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A figure of the coming version that takes the rollout back."""

    name: str
    figure: str
    """errors, latency or saturation."""
    at_most: float
    """A share of the requests, seconds, or a share of the resource."""
    window: float
    """Seconds over which it is measured."""
    native: Mapping[str, Any]
    """The whole alarm: a quantile, a resource."""

    def said(self, value: float) -> str:
        """What went wrong, in words."""
        match self.figure:
            case "errors":
                return f"{value:.2%} of its requests failed, and `{self.name}` allows {self.at_most:.2%}"
            case "latency":
                share = f"{float(self.native['quantile']):.0%}"
                return f"{share} of its answers took up to {value:.3g} s, and `{self.name}` allows {self.at_most:g} s"
            case _:
                used = f"{self.native['resource']} is {value:.0%} in use"
                return f"{used}, and `{self.name}` allows {self.at_most:.0%}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A rollout, but for the version."""

    deployment: str
    registry: str
    """The model's address; its champion moves when the rollout has ended well."""
    fleet: str
    """The deployment's address on its platform."""
    state: str
    """The store that keeps two rollouts apart."""
    strategy: str
    steps: tuple[float, ...]
    bake: float
    """Seconds that each step is watched."""
    alarms: tuple[Alarm, ...]
    native: Mapping[str, Any]
    """What the platform's adapter needs to know."""

    @property
    def mirrored(self) -> bool:
        """Whether the steps are shares of copies."""
        return self.strategy == "shadow"


def read_order(place: str) -> Order:
    """The rollout that a file says, which lies here or at an address of a store."""
    try:
        said = json.loads(_content(place))
        if said["format"] != FORMAT:
            raise Failed(f"{place} is of the format `{said['format']}`, and this image knows {FORMAT}")
        return Order(
            **{key: said[key] for key in ("deployment", "registry", "fleet", "state", "strategy", "native")},
            steps=tuple(said["steps"]),
            bake=said["bake"],
            alarms=tuple(_alarm(one) for one in said["alarms"]),
        )
    except (ValueError, KeyError, TypeError) as wrong:
        raise Failed(f"{place} is no rollout: {wrong}") from None


def _alarm(said: Mapping[str, Any]) -> Alarm:
    facts = {key: said[key] for key in ("name", "figure", "at_most", "window")}
    return Alarm(**facts, native=said)


def _content(place: str) -> bytes:
    if "://" not in place:
        path = Path(place)
        if not path.is_file():
            raise Failed(f"there is no {path}")
        return path.read_bytes()
    folder, _, name = place.rpartition("/")
    body = open_store(folder).read(name).body
    if body is None:
        raise Failed(f"there is no {place}")
    return body
