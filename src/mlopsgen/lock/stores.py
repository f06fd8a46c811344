"""The version of data that lies elsewhere, in the words of the store that it lies in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mlopsgen.diagnostics import Diagnostic, Severity, SpecError, SpecPath
from mlopsgen.lock.model import LockedData
from mlopsgen.lock.web import ask, away


def remote_data(uri: str, spec_path: SpecPath, clients: Mapping[str, Any] | None = None) -> LockedData | None:
    """The version of the data at a URI now; None in a store whose versions nobody here can ask for.

    Raises SpecError MG131 when nothing lies there, Unreachable when nobody answers; `clients` are
    used instead of those that the store's library makes.
    """
    scheme = urlsplit(uri).scheme
    store = _STORES.get(scheme)
    return store(uri, spec_path, (clients or {}).get(scheme)) if store else None


def not_locked(uri: str, spec_path: SpecPath) -> Diagnostic:
    """A warning that a source stays as it is: the newest."""
    scheme = urlsplit(uri).scheme
    hint = "name its version in the spec (`version:`), which is recorded with every model"
    message = f"`{uri}` is not locked: mlopsgen asks no `{scheme}` store for versions"
    if scheme == "s3":
        message, hint = f"`{uri}` is not locked: boto3 is not installed", 'pip install "mlopsgen[sagemaker]"'
    return Diagnostic("MG131", message, spec_path, hint=hint, severity=Severity.WARNING)


def _s3(uri: str, spec_path: SpecPath, client: Any) -> LockedData | None:
    """The version of one object, or one digest over the versions of all objects below a prefix."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    except ImportError:
        return None
    parts = urlsplit(uri)
    key = parts.path.lstrip("/")
    try:
        client = client or boto3.client("s3")
        objects = _listed(client, parts.netloc, key)
    except NoCredentialsError as nobody:
        raise SpecError([_missing(uri, spec_path, "no AWS credentials are set up here")]) from nobody
    except ClientError as refused:
        raise _refused(uri, spec_path, refused.response["Error"]) from refused
    except BotoCoreError as problem:
        raise away(f"S3 does not answer for `{uri}`: {problem}") from problem
    if not objects:
        raise SpecError([_missing(uri, spec_path, "nothing lies there")])
    if len(objects) == 1 and objects[0]["Key"] == key:
        head = client.head_object(Bucket=parts.netloc, Key=key)
        return LockedData(_version(head), int(head["ContentLength"]))
    whole = hashlib.sha256()
    for one in sorted(objects, key=lambda one: str(one["Key"])):
        whole.update(f"{one['Key']}\0{one['ETag']}\0{one['Size']}\n".encode())
    return LockedData(f"listing:{whole.hexdigest()}", sum(int(one["Size"]) for one in objects))


def _listed(client: Any, bucket: str, key: str) -> list[Mapping[str, Any]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    below = key if not key or key.endswith("/") else f"{key}/"
    objects = [one for page in pages for one in page.get("Contents", ())]
    # A prefix is no folder: `trips` also begins `trips-old/`.
    return [one for one in objects if one["Key"] == key or one["Key"].startswith(below)]


def _version(head: Mapping[str, Any]) -> str:
    version = head.get("VersionId")
    return f"version:{version}" if version and version != "null" else f"etag:{head['ETag'].strip(chr(34))}"


def _refused(uri: str, spec_path: SpecPath, error: Mapping[str, str]) -> SpecError:
    code = error.get("Code", "")
    if code in ("SlowDown", "InternalError", "ServiceUnavailable", "503", "500"):
        return away(f"S3 does not answer for `{uri}`: {code}")
    return SpecError([_missing(uri, spec_path, f"S3 answers {code}")])


def _web(uri: str, spec_path: SpecPath, _: Any) -> LockedData:
    answer = ask("HEAD", uri, {})
    if answer.status != 200:
        raise SpecError([_missing(uri, spec_path, f"the server answers {answer.status}")])
    tag = answer.headers.get("etag") or answer.headers.get("last-modified")
    if tag is None:
        raise SpecError([_missing(uri, spec_path, "the server names no version of it (ETag)")])
    return LockedData(f"etag:{tag.removeprefix('W/').strip(chr(34))}", int(answer.headers.get("content-length", 0)))


def _missing(uri: str, spec_path: SpecPath, why: str) -> Diagnostic:
    hint = "mend the URI, or who may read it; `version:` in the spec says a version without asking"
    return Diagnostic("MG131", f"`{uri}` cannot be locked: {why}", spec_path, hint=hint)


_STORES: Mapping[str, Callable[[str, SpecPath, Any], LockedData | None]] = {"s3": _s3, "https": _web, "http": _web}
