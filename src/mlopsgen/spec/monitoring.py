"""What is recorded of a deployment, what is watched, and who hears of it."""

from typing import ClassVar

from pydantic import Field

from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.monitors import Every, Monitor
from mlopsgen.spec.streams import Credentials
from mlopsgen.spec.units import Column, Cron, Duration, Email, Name, Share, TimeZone, Uri


class Capture(Model):
    """Records requests and predictions."""

    words: ClassVar[str] = "`capture`"

    sample: Share = Field(default=1.0, description="The share of records kept. Default: all.")
    keep: Duration = Field(default="30d", description="How long they are kept. Default: 30d.")
    drop: Many[Column] = Field(default=(), description="Columns that are never recorded.")
    hash: Many[Column] = Field(
        default=(), description="Columns recorded only as a keyed hash.", examples=[["activity_id"]]
    )
    to: Uri | None = Field(default=None, description="Where they are written. Default: `<bucket>/<name>/capture/`.")


class Truth(Model):
    """Where the true outcomes arrive, later."""

    words: ClassVar[str] = "`truth`"

    source: Uri = Field(description="Where they lie.", examples=["s3://acme/labels/"])
    key: Column = Field(description="The column that says which record an outcome belongs to.")
    column: Column = Field(description="The column with the outcome.")
    delay: Duration = Field(default="1d", description="How long after a prediction they may arrive. Default: 1d.")


class Alerts(Model):
    """Who hears when a monitor fires."""

    words: ClassVar[str] = "`alerts`"

    email: Many[Email] = Field(
        default=(), description="Addresses that get an e-mail.", examples=[["planning@example.com"]]
    )
    webhook: Many[Credentials] = Field(
        default=(),
        description="Secrets that each hold the URL of a webhook.",
        examples=[[{"secret": "alerts-webhook"}]],
    )


class Monitoring(Model):
    """Watches what is deployed."""

    words: ClassVar[str] = "`monitoring`"

    capture: Capture | None = Field(
        default=None, description="Records requests and predictions. Default: as far as the monitors need it."
    )
    baseline: str = Field(
        default="training",
        description=(
            "What monitors compare with: training (the split learned from), `<step>.<output>`, `data.<source>`, a "
            "URI, or previous. Default: training."
        ),
    )
    every: Every | None = Field(
        default=None, description="How often monitors look: `1h`, or `batch` for each batch run. Default: 1h."
    )
    schedule: Cron | None = Field(
        default=None, description="When monitors look, as a cron line, instead of `every`. Default: none."
    )
    timezone: TimeZone = Field(default="UTC", description="The time zone of `schedule`. Default: UTC.")
    truth: Truth | None = Field(default=None, description="Where the true outcomes arrive. Model quality needs it.")
    monitors: dict[Name, Monitor] = Field(
        default={},
        description="What is watched, by name.",
        examples=[{"drift": {"kind": "data-drift", "method": "psi", "at_most": 0.2}}],
    )
    alerts: Alerts = Field(default=Alerts.unwritten(), description="Who hears when a monitor fires.")
