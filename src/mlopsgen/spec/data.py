"""Where the data comes from, what it must look like, and how it is split."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import Either, Many, Model
from mlopsgen.spec.steps import Step
from mlopsgen.spec.units import Column, Place, PortName, Share
from mlopsgen.spec.values import NonNullScalar, Text

TABLES = ("bq", "snowflake", "redshift", "databricks", "jdbc", "postgresql", "mysql")
"""Schemes of places that hold tables and no files."""
OF_FILES = ("format", "header", "delimiter", "decimal", "compression")
"""What is said of a source's files: a table has none."""

Format: TypeAlias = Literal["csv", "parquet", "jsonl", "files"]
ColumnType: TypeAlias = Literal["string", "integer", "number", "boolean", "category", "datetime", "date"]


class ColumnRule(Model):
    """What one column must hold."""

    words: ClassVar[str] = "a column"
    spread: ClassVar[tuple[str, ...]] = ("type",)

    type: ColumnType = Field(description="string, integer, number, boolean, category, datetime or date.")
    nullable: bool = Field(
        default=False,
        description=(
            "Whether a value may be missing: an empty field, in numbers, truths and dates also NA, null, none or nan, "
            "which are words like others in text. Default: false."
        ),
    )
    format: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description=(
            "How a date is written, as strptime has it. Needed where day and month are both numbers (12/01/2024). "
            "Default: ISO 8601, or a month in words."
        ),
        examples=["%d/%m/%Y", "%m/%d/%Y %H:%M"],
    )
    minimum: float | None = Field(default=None, description="The smallest value allowed, itself included.")
    maximum: float | None = Field(default=None, description="The largest value allowed, itself included.")
    values: Many[NonNullScalar] = Field(
        default=(), description="The only values allowed. Default: any.", examples=[["late", "on_time"]]
    )
    description: str = Field(default="", description="What the column means.")


class DataSource(Model):
    """One source of data and the contract of its columns."""

    words: ClassVar[str] = "a data source"
    spread: ClassVar[tuple[str, ...]] = ("uri",)

    uri: Place = Field(
        description=(
            "A path beside the spec, or a URI (s3://, gs://, azureml://, https://, a table as "
            "`bq://project.dataset.table`); may hold `${parameters.x}`."
        ),
        examples=["data/churn.csv", "s3://acme/trips/"],
    )
    format: Format = Field(
        default="csv",
        description="csv, parquet, jsonl, or files for anything opaque. Default: csv; parquet for a table, always.",
    )
    header: bool = Field(default=True, description="Whether a csv file's first line names its columns. Default: true.")
    delimiter: str = Field(
        default=",", min_length=1, max_length=1, description="What separates a csv file's fields. Default: a comma."
    )
    decimal: Literal[".", ","] = Field(
        default=".", description="What stands before the decimals of a csv file's numbers. Default: a point."
    )
    compression: Literal["none", "gzip", "bzip2", "zstd"] = Field(
        default="none", description="How the files are packed: none, gzip, bzip2 or zstd. Default: none."
    )
    columns: dict[Column, ColumnRule] = Field(
        default={},
        description=(
            "The data contract: column → type or rule, in file order where there is no header. Default: nothing is "
            "checked."
        ),
        examples=[{"activity_hours": {"type": "number", "nullable": True}, "contractor": "category"}],
    )
    version: str | None = Field(
        default=None,
        description=(
            "Which version of it, in the store's own words; of a table the moment whose rows are meant. Default: the "
            "newest, pinned by mlopsgen.lock."
        ),
        examples=["2026-11-30T12:00:00Z"],
    )
    distribution: Literal["replicated", "sharded"] = Field(
        default="replicated",
        description=(
            "What each of several machines gets: all files (replicated) or a part (sharded). Default: replicated."
        ),
    )

    @property
    def is_table(self) -> bool:
        """Whether it lies in a warehouse, which holds tables and no files."""
        start = self.uri.parts[0] if isinstance(self.uri, Text) else self.uri
        return isinstance(start, str) and start.partition("://")[0] in TABLES

    @property
    def file_format(self) -> Format:
        """The format in which steps find it: a table is extracted to parquet, which keeps its types."""
        return "parquet" if self.is_table else self.format


class Positive(Model):
    """The favourable outcome of the label."""

    words: ClassVar[str] = "`positive`"
    spread: ClassVar[tuple[str, ...]] = ("equals",)

    equals: NonNullScalar | None = Field(
        default=None, description="The label's value that is favourable.", examples=["on_time"]
    )
    at_least: float | None = Field(
        default=None, description="The label is favourable from this value on.", examples=[15]
    )


class Checks(Model):
    """What the data as a whole must satisfy; a broken rule stops the pipeline."""

    words: ClassVar[str] = "`checks`"

    max_null_rate: Share | None = Field(
        default=None, description="The share of missing values that a nullable column may have. Default: any."
    )
    min_rows: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="The fewest rows allowed. Default: any."
    )
    max_rows: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="The most rows allowed. Default: any."
    )
    unique: Many[Column] = Field(
        default=(),
        description="Columns whose values, taken together, may not occur twice; two missing values count as equal.",
        examples=[["activity_id"]],
    )


class Split(Model):
    """Shares of the whole; what is left is for training. A row keeps its part while the table grows."""

    words: ClassVar[str] = "`split`"

    test: Share = Field(default=0.2, description="The share kept for evaluation. Default: 0.2.")
    validation: Share = Field(default=0.0, description="The share kept for tuning and early stopping. Default: 0.")
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        default=42,
        description=(
            "With the row's `group`, `id` or content it decides the row's part, for ever: another seed is another "
            "split. Default: 42."
        ),
    )
    stratify: bool | None = Field(
        default=None,
        description=(
            "Whether no class may be missing from a part that can expect a row of it. Needs `label`. Default: true "
            "where the label is no number and the split is not by time."
        ),
    )
    by_time: bool = Field(
        default=False,
        description=(
            "Whether the newest rows are the test rows; rows of one moment stay together. Needs `time`. Default: false."
        ),
    )
    group: Column | None = Field(
        default=None,
        description=(
            "The column that says which rows belong together, such as a customer: they are all in one part, and "
            "in one fold. Default: `query`, else rows of one `id`, or that are alike."
        ),
        examples=["customer"],
    )


class FeatureStore(Model):
    """Writes the prepared features to the target's feature store."""

    words: ClassVar[str] = "`feature_store`"

    entity: Column = Field(description="The column that says which thing a row is about.")
    event_time: Column = Field(description="The column that says when a row held.")
    online: bool = Field(
        default=False, description="Whether the newest row of each entity is served with low latency. Default: false."
    )


_OF_SOURCE = (*OF_FILES, "columns", "version", "distribution")


class Data(Model):
    """The data of the product: its sources, what its columns mean, how it is split."""

    words: ClassVar[str] = "`data`"
    short: ClassVar = {
        "source": ("sources", "source", "uri"),
        **{key: ("sources", "source", key) for key in _OF_SOURCE},
    }

    sources: dict[PortName, DataSource] = Field(
        default={},
        description=(
            "Several sources by name, each a URI or a map; referred to as `data.<name>`. One: `source`, with its "
            "keys beside it."
        ),
        examples=[{"trips": "s3://acme/trips/", "zones": {"uri": "data/zones.zip", "format": "files"}}],
    )
    main: PortName | None = Field(
        default=None,
        description="Of several sources, the one that label, checks and split describe. Default: the only one.",
    )
    label: Column | None = Field(default=None, description="The column to predict.")
    positive: Positive | None = Field(
        default=None,
        description="The label's favourable class, or `{at_least: 15}`: AUC and bias need it.",
        examples=["on_time", {"at_least": 15}],
    )
    id: Column | None = Field(default=None, description="The column that names a row; it never reaches the model.")
    time: Column | None = Field(
        default=None, description="The column that says when a row happened; it never reaches the model."
    )
    weight: Column | None = Field(default=None, description="The column that says how much a row counts in training.")
    query: Column | None = Field(
        default=None,
        description=(
            "Ranking: the column that says which list a row belongs to; it never reaches the model. Default: all test "
            "rows are one list."
        ),
        examples=["search_id"],
    )
    series: Column | None = Field(
        default=None,
        description=(
            "Forecasting: the column that says which series a row belongs to, such as a shop; the model reads it, too. "
            "Default: all rows are one series."
        ),
        examples=["shop"],
    )
    ignore: Many[Column] = Field(
        default=(), description="Columns that reach neither a model's features nor a drift monitor."
    )
    checks: Checks = Field(default=Checks.unwritten(), description="What the data as a whole must satisfy.")
    split: Annotated[Split | Literal["none"], Either()] = Field(
        default=Split.unwritten(),
        description=(
            "Shares of the whole. `none`: no prepare step, training reads the sources. Default: 0.2 for test, the "
            "rest for training."
        ),
    )
    prepare: Step | None = Field(
        default=None,
        description="Your own step instead of `split`; its outputs are exactly what it lists; checks run before it.",
    )
    residency: Many[str] = Field(
        default=(),
        description="Regions or groups of regions the data may be in; anything outside is an error. Default: anywhere.",
        examples=[["eu"], ["eu-west-1"]],
    )
    feature_store: FeatureStore | None = Field(
        default=None, description="Writes the prepared features to the target's feature store. Default: no."
    )
