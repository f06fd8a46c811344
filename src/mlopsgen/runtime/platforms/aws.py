"""Secrets Manager and S3."""

from __future__ import annotations

from typing import Any

from ..problems import Failed, Usage
from .api import Stored


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

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, ClientError):
            problem = error.response.get("Error", {})
            raise Failed(f"{self.what} cannot be read: {problem.get('Code')} {problem.get('Message')}") from None
        if isinstance(error, BotoCoreError):
            raise Failed(f"{self.what} cannot be read: {error}") from None


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The two halves of `s3://BUCKET/KEY`."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise Usage(f"`{uri}` must read s3://BUCKET/KEY")
    return bucket, key


class S3Store:
    """Small files under a prefix of a bucket, changed only by conditional writes."""

    def __init__(self, uri: str, client: Any = None) -> None:
        self.bucket, self.prefix = bucket_and_key(uri)
        self.client = client or client_for("s3")

    def read(self, key: str) -> Stored:
        """The object's content now, marked by its ETag."""
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
        with Told(f"s3://{self.bucket}/{self._key(key)}"):
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


SECRETS = {"aws-secretsmanager": secret_from_secrets_manager}
STORES = {"s3": S3Store}
REQUIREMENTS = {
    "aws-secretsmanager": ("boto3>=1.35",),
    "s3": ("boto3>=1.35.40",),  # conditional writes (IfMatch) came with it
}
