"""Secrets Manager, S3, and stores that speak S3's language.

boto3 itself reads AWS_ENDPOINT_URL_S3: where that is set, `s3://` and `minio://` both lie there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ..files import files_in
from ..problems import Denied, Failed, Usage
from .api import Entry, Stored


def secret_from_secrets_manager(uri: str, client: Any = None) -> str:
    """`aws-secretsmanager://REGION/NAME`: a secret's text; the role must be allowed to read that name."""
    region, _, name = uri.removeprefix("aws-secretsmanager://").partition("/")
    if not region or not name:
        raise Usage(f"`{uri}` must read aws-secretsmanager://REGION/NAME")
    client = client or client_for("secretsmanager", region)
    with Told(f"the secret `{name}`"):
        answer = client.get_secret_value(SecretId=name)
    if "SecretString" not in answer:
        raise Failed(f"the secret `{name}` holds bytes, not text")
    return str(answer["SecretString"])


def client_for(service: str, region: str | None = None) -> Any:
    """A client of boto3, which is imported only where it is used."""
    import boto3

    return boto3.client(service, region_name=region)


class Told:
    """Turns an error of the cloud into one line that says what was being read."""

    def __init__(self, what: str, done: str = "read") -> None:
        self.what = what
        self.done = done

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, ClientError):
            problem = error.response.get("Error", {})
            denied = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 403
            kind_of_failure = Denied if denied else Failed
            reason = f"{problem.get('Code')} {problem.get('Message')}"
            raise kind_of_failure(f"{self.what} cannot be {self.done}: {reason}") from None
        if isinstance(error, BotoCoreError | Boto3Error):
            raise Failed(f"{self.what} cannot be {self.done}: {error}") from None


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The two halves of `s3://BUCKET/KEY`, or of `minio://BUCKET/KEY`."""
    scheme, _, place = uri.partition("://")
    bucket, _, key = place.partition("/")
    if scheme not in ("s3", "minio") or not bucket:
        raise Usage(f"`{uri}` must read s3://BUCKET/KEY")
    return bucket, key


class S3Store:
    """Small files under a prefix of a bucket, changed only by conditional writes."""

    def __init__(self, uri: str, client: Any = None) -> None:
        self.bucket, self.prefix = bucket_and_key(uri)
        self.client = client or client_for("s3")

    def read(self, key: str) -> Stored:
        """The object's content now, marked by its ETag.

        Who may not list the bucket is denied (403) what is not there, too (AWS: S3 API, GetObject, "Permissions").
        """
        from botocore.exceptions import ClientError

        with Told(f"s3://{self.bucket}/{self._key(key)}"):
            try:
                answer = self.client.get_object(Bucket=self.bucket, Key=self._key(key))
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                    return Stored(None, "")
                raise
            return Stored(answer["Body"].read(), answer["ETag"])

    def write(self, key: str, body: bytes, seen: Stored) -> bool:
        """Replaces the object if its ETag is still the one seen, or makes it if there was none."""
        from botocore.exceptions import ClientError

        condition = {"IfMatch": seen.mark} if seen.body is not None else {"IfNoneMatch": "*"}
        with Told(f"s3://{self.bucket}/{self._key(key)}", "written"):
            try:
                self.client.put_object(Bucket=self.bucket, Key=self._key(key), Body=body, **condition)
            except ClientError as error:
                # 412: somebody was faster; 409: somebody is writing right now; 404: it was deleted since.
                if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in (404, 409, 412):
                    return False
                raise
        return True

    def _key(self, key: str) -> str:
        return f"{self.prefix.rstrip('/')}/{key}".lstrip("/")


class S3Folder:
    """The objects below a prefix of a bucket."""

    def __init__(self, uri: str, client: Any = None) -> None:
        self.bucket, key = bucket_and_key(uri)
        self.prefix = f"{key.rstrip('/')}/" if key.strip("/") else ""
        self.client = client or client_for("s3")

    def get(self, into: Path) -> int:
        """Downloads every object below the prefix, or the one object of exactly that name."""
        number = 0
        for key, name in self._named():
            there = into / name
            there.parent.mkdir(parents=True, exist_ok=True)
            with Told(f"s3://{self.bucket}/{key}"):
                self.client.download_file(self.bucket, key, str(there))
            number += 1
        return number

    def put(self, folder: Path) -> None:
        """Uploads every plain file of a folder."""
        for path in files_in(folder):
            key = f"{self.prefix}{path.relative_to(folder).as_posix()}"
            with Told(f"s3://{self.bucket}/{key}", "written"):
                self.client.upload_file(str(path), self.bucket, key)

    def _named(self) -> Iterator[tuple[str, str]]:
        for found in self.listed():
            name = self.name_of(found["Key"])
            if name is not None:
                yield found["Key"], name or PurePosixPath(found["Key"]).name

    def name_of(self, key: str) -> str | None:
        """What a key is called below the prefix, nothing if it is the prefix; names that would leave it are refused."""
        if key == self.prefix.rstrip("/"):
            return ""
        if not key.startswith(self.prefix) or key.endswith("/"):
            return None
        name = key.removeprefix(self.prefix)
        if ".." in PurePosixPath(name).parts or name.startswith("/"):
            raise Failed(f"the object s3://{self.bucket}/{key} has no plain name")
        return name

    def listed(self, under: str = "") -> Iterator[Mapping[str, Any]]:
        """What S3 says of each key that starts with this."""
        prefix = f"{self.prefix}{under}" if under else self.prefix.rstrip("/")
        with Told(f"s3://{self.bucket}/{prefix}"):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                yield from page.get("Contents", ())


class S3Tree:
    """The objects below a prefix of a bucket, each by its name; S3 shows an object whole, or not at all."""

    def __init__(self, uri: str, client: Any = None) -> None:
        self.folder = S3Folder(uri, client)
        self.bucket, self.prefix, self.client = self.folder.bucket, self.folder.prefix, self.folder.client

    def entries(self, under: str = "") -> Iterator[Entry]:
        """The objects whose names start with this, in the order of their keys."""
        for item in self.folder.listed(under):
            name = self.folder.name_of(item["Key"])
            if name is not None:
                yield Entry(name, item["Size"], item["ETag"])

    def span(self, entry: Entry, start: int, length: int) -> bytes:
        """Bytes of an object whose ETag is still the one listed."""
        from botocore.exceptions import ClientError

        key = self._key(entry.name)
        where = f"s3://{self.bucket}/{key}"
        condition = {"Range": f"bytes={start}-{start + length - 1}", "IfMatch": entry.mark}
        with Told(where):
            try:
                body: bytes = self.client.get_object(Bucket=self.bucket, Key=key, **condition)["Body"].read()
            except ClientError as error:
                if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 412:
                    raise Failed(f"{where} was changed while it was read") from None
                raise
        return body

    def put(self, path: Path, name: str) -> None:
        """Uploads a file, in pieces where it is large."""
        with Told(f"s3://{self.bucket}/{self._key(name)}", "written"):
            self.client.upload_file(str(path), self.bucket, self._key(name))

    def move(self, name: str, to: str) -> None:
        """Copies an object inside S3, then deletes the first one: S3 cannot rename."""
        with Told(f"s3://{self.bucket}/{self._key(to)}", "written"):
            self.client.copy({"Bucket": self.bucket, "Key": self._key(name)}, self.bucket, self._key(to))
        self.remove(name)

    def remove(self, name: str) -> None:
        """Deletes an object."""
        with Told(f"s3://{self.bucket}/{self._key(name)}", "deleted"):
            self.client.delete_object(Bucket=self.bucket, Key=self._key(name))

    def _key(self, name: str) -> str:
        return f"{self.prefix}{name}" if name else self.prefix.rstrip("/")


SECRETS = {"aws-secretsmanager": secret_from_secrets_manager}
STORES = {"s3": S3Store, "minio": S3Store}
FOLDERS = {"s3": S3Folder, "minio": S3Folder}
TREES = {"s3": S3Tree, "minio": S3Tree}
REQUIREMENTS = {
    "aws-secretsmanager": ("boto3>=1.35",),
    # Conditional writes (IfMatch) came with it.
    "s3": ("boto3>=1.35.40",),
    "minio": ("boto3>=1.35.40",),
}
