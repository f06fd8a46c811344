"""Opens what a URI names: secrets, stores, registries. The one place that knows schemes and clouds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..problems import Usage
from .api import Registry, Store

REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    "env": (),
    "file": (),
    "aws-secretsmanager": ("boto3>=1.35",),
    "s3": ("boto3>=1.35.40",),  # conditional writes (IfMatch) came with it
    "sagemaker": ("boto3>=1.35",),
}
"""URI scheme to the libraries that its adapter needs."""


def fetch_secret(uri: str) -> str:
    """The value of the secret that a URI names; it is never printed."""
    match scheme_of(uri):
        case "env":
            from .local import secret_from_environment as fetch
        case "file":
            from .local import secret_from_file as fetch
        case "aws-secretsmanager":
            from .aws import secret_from_secrets_manager as fetch
        case other:
            raise Usage(f"a secret cannot be read from `{other}:`; known: env, file, aws-secretsmanager")
    return fetch(uri)


def open_store(uri: str) -> Store:
    """A place that keeps small files which several runs may change at once."""
    match scheme_of(uri):
        case "file":
            from .local import FileStore

            return FileStore(file_path(uri))
        case "s3":
            from .aws import S3Store

            return S3Store(uri)
        case other:
            raise Usage(f"there is no store at `{other}:`; known: file, s3")


def open_registry(uri: str) -> Registry:
    """The registered versions of one model."""
    match scheme_of(uri):
        case "file":
            from .local import FileRegistry

            return FileRegistry(file_path(uri))
        case "sagemaker":
            from .sagemaker import PackageGroup

            return PackageGroup(uri)
        case other:
            raise Usage(f"there is no registry at `{other}:`; known: file, sagemaker")


def command_left_by_platform(command: str) -> tuple[str, ...] | None:
    """The command line that a platform keeps in a file when it starts an image with one bare word."""
    if command != "train":
        return None
    from .sagemaker import command_from_hyperparameters

    return command_from_hyperparameters()


def scheme_of(uri: str) -> str:
    """What stands before the first colon."""
    scheme, colon, _ = uri.partition(":")
    if not colon or not scheme:
        raise Usage(f"`{uri}` is not a URI; it needs a scheme such as file://")
    return scheme


def file_path(uri: str) -> Path:
    """The path that a `file:` URI names, absolute or (`file:state`) relative to where the step runs."""
    from urllib.parse import unquote

    rest = uri.removeprefix("file:")
    path = unquote(rest.removeprefix("//"))
    if not path:
        raise Usage(f"`{uri}` names no path")
    return Path(path)
