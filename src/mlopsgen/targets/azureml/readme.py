"""What the bundle's README says: commands with this product's own names in them, each proved to be a plain word."""

from __future__ import annotations

from typing import ClassVar

from mlopsgen.records import dataclass
from mlopsgen.render.tokens import Name, Quoted, RelPath, Token
from mlopsgen.targets.readme import Changes, FolderUri, RunSetting, SpecFolder


class Assigned(Token):
    """A setting of a job and its value, as `--set` takes them."""

    __slots__ = ()
    pattern: ClassVar[str] = r"[A-Za-z0-9_.]+=[A-Za-z0-9_.:/@-]+"
    noun: ClassVar[str] = "setting of a job"


class Variable(Token):
    """The value of a variable of a shell, which holds one plain word."""

    __slots__ = ()
    pattern: ClassVar[str] = r"\$[A-Z0-9_]+"
    noun: ClassVar[str] = "variable of a shell"


class Argument(Token):
    """A parameter of a template, and the variable of a shell that has its value."""

    __slots__ = ()
    pattern: ClassVar[str] = rf"[A-Za-z0-9_]+={Variable.pattern}"
    noun: ClassVar[str] = "parameter of a template"


class Lookup(Token):
    """The command that puts the id of a storage account, whichever group it lies in, into a variable of a shell."""

    __slots__ = ()
    pattern: ClassVar[str] = (
        r"[A-Z0-9_]+=\$\(az storage account list --query \"\[\?name=='[a-z0-9]+'\]\.id\" --output tsv\)"
    )
    noun: ClassVar[str] = "command"

    @classmethod
    def of(cls, account: str) -> Lookup:
        """The command for one account."""
        command = f"az storage account list --query \"[?name=='{account}'].id\" --output tsv"
        return cls(f"{variable(account)}=$({command})")


class Jobs(Token):
    """What `az ml job list` is asked for: the runs of one experiment."""

    __slots__ = ()
    pattern: ClassVar[str] = r"\"\[\?experiment_name=='[A-Za-z0-9._-]+'\] \| \[:5\]\""
    noun: ClassVar[str] = "query"

    @classmethod
    def of(cls, experiment: str) -> Jobs:
        """The newest of one experiment."""
        return cls(f"\"[?experiment_name=='{experiment}'] | [:5]\"")


class Autoscaled(Token):
    """What `az monitor autoscale list` is asked for: the settings of an endpoint's deployments."""

    __slots__ = ()
    pattern: ClassVar[str] = r"\"\[\?starts_with\(name, '[A-Za-z0-9-]+-v'\)\]\.id\""
    noun: ClassVar[str] = "query"

    @classmethod
    def of(cls, endpoint: str) -> Autoscaled:
        """Those of one endpoint."""
        return cls(f"\"[?starts_with(name, '{endpoint}-v')].id\"")


def variable(account: str) -> str:
    """The variable that has the id of an account."""
    return f"ACCOUNT_{account.upper()}"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the bundle, and the name of what it makes."""

    file: RelPath
    name: Name


@dataclass(frozen=True, slots=True)
class Setting:
    """A run parameter that Azure ML knows as a setting of the job: its name, and `address=default` for `--set`."""

    name: Name
    assigned: Assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A source beside the spec, as one command of the README."""

    path: Quoted
    """What to upload, from the spec's folder."""
    folder: bool
    place: Quoted
    """The blob inside the datastore's container, or the prefix of a folder's blobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """The sources beside the spec."""

    copied: tuple[Copied, ...]
    spec_folder: SpecFolder
    only_listed: bool
    """Whether there are others, which `uploads.json` alone has: no command line can name them."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What tells a Logic App of new files, and the account that they arrive in; no lookup for the datastore's."""

    subscription: Name
    lookup: Lookup | None
    account: Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the templates are told, and what they say of things that may lie in any group."""

    reads_store: bool
    """Whether a command needs the account and container of the datastore."""
    asks_store: bool
    """Whether infra/events.json takes them."""
    grants_store: bool
    """Whether a template takes the id of that account."""
    lookups: tuple[Lookup, ...]
    """Every other account whose id a template takes."""
    takes_ids: bool
    """Whether a template takes the id of any account."""
    roles_deployment: Name
    """The deployment of infra/access.json: one of a name that is under way keeps another from beginning."""
    events_deployment: Name
    access_arguments: tuple[Argument, ...]
    """What infra/access.json is told."""
    deployments_deployment: Name
    deployments_arguments: tuple[Argument, ...]
    """What infra/deployments.json is told."""
    events_arguments: tuple[Argument, ...]
    """What infra/events.json is told."""
    containers: tuple[RelPath, ...]
    """What jobs read by its address: `<account>/<container>`."""
    written: tuple[RelPath, ...]
    """What jobs write to by its address, in the same way."""
    secrets: tuple[RelPath, ...]
    """What steps read of key vaults: `<vault>/<name>`."""
    vaults: tuple[Name, ...]
    """Parameters that have the id of a key vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBuild:
    """How the image comes to be."""

    builder: Name | None
    """The cluster that builds the image where the registry is private."""
    joins_subnet: bool
    """Whether clusters lie in a subnet of the user's."""
    built: bool
    public_base: bool
    """Whether the image's base is one of Docker Hub."""


@dataclass(frozen=True, slots=True)
class RunParameters:
    """What a run may be given, and which of it has no default."""

    parameters: tuple[RunSetting, ...]
    required: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A batch deployment."""

    name: Name
    file: RelPath
    """Its pipeline job."""
    model: Name
    champion: bool
    """Whether it scores with the version that is the champion when it starts."""
    input: FolderUri | str
    output: FolderUri | str
    overwrite: bool
    """Whether the output holds one run alone."""
    listed: Quoted | None
    """What the blobs of its predictions begin with in the container of the datastore."""
    jobs: Jobs
    clock: bool
    """Whether a schedule starts it."""
    dated: bool
    """Whether whoever starts it has to say the time that it is scheduled for."""
    resumable: bool
    """Whether a run can go on where another one stopped."""
    fixed: tuple[Setting, ...]
    """Run parameters that Azure ML knows as settings of its job."""
    run: RunParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A real-time deployment."""

    name: Name
    endpoint: Name
    endpoint_file: RelPath
    job: RelPath
    """What rolls a version out."""
    rollout: RelPath
    """rollout.json, which lies in the datastore as `blob`."""
    blob: Quoted
    model: Name
    version: Name
    """What the README's commands roll out first."""
    approved_by_hand: bool
    """Whether a person has to say so first."""
    automatic: bool
    """Whether a run rolls its version out itself."""
    key: bool
    public: bool
    scaled: Autoscaled | None
    request: Quoted
    """One record, as a word of a command line."""
    jobs: Jobs
    identity: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the README says of this product."""

    product: Name
    environment: Name | None
    description: str
    subscription: Name
    resource_group: Name
    workspace: Name
    datastore: Name
    access: Access
    jobs: Jobs
    image: ImageBuild
    run: RunParameters
    batches: tuple[Scored, ...]
    lives: tuple[Answering, ...]
    promoted: bool
    """Whether a rollout makes a version the champion."""
    puts_files: bool
    """Whether a command puts a file into the datastore."""
    asks_registry: bool
    """Whether a template takes the id of the registry."""
    identities: tuple[Name, ...]
    """Of servers, and of the jobs that roll versions out."""
    uploads: Uploads | None
    data: tuple[RelPath, ...]
    computes: tuple[File, ...]
    """The clusters that are made."""
    schedules: tuple[File, ...]
    """The schedules that run by the clock."""
    kept: tuple[File, ...]
    """The schedules that only keep a job for an event to start."""
    scheduled: bool
    called: tuple[Name, ...]
    """Names of the schedules that keep a job for another system to start."""
    timed: tuple[Name, ...]
    """Deployments that other systems start, and to which they have to say a time."""
    starts: Name
    """The role of those who may."""
    roles: tuple[Name, ...]
    """The roles of the product's own."""
    flows: tuple[Name, ...]
    """The Logic Apps."""
    events: bool
    """Whether there is a template of what events start."""
    identity: Name
    exit_handler: Name | None
    """The event subscription of the exit handler."""
    watches: tuple[Watch, ...]
    model: Name | None
    fixed: tuple[Setting, ...]
    retention_days: int | None
    changes: Changes
