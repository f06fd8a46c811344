"""Azure's storage accounts by their own addresses, for files that lie in no datastore of a workspace.

`https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH`, and `abfss://` and `wasbs://CONTAINER@ACCOUNT.…/PATH` as Spark's
drivers have it. A data lake answers as blob storage, too, so all of them are the same blobs.
"""

from __future__ import annotations

import re

from ..problems import Usage
from .azure_rest import Blobs

_HTTPS = re.compile(
    r"https://(?P<account>[a-z0-9]+)\.(?:blob|dfs)\.(?P<cloud>[a-z.]+)/(?P<container>[^/]+)/(?P<path>.+)"
)
_DRIVER = re.compile(
    r"(?:abfss|wasbs)://(?P<container>[^@/]+)@(?P<account>[a-z0-9]+)\.(?:blob|dfs)\.(?P<cloud>[a-z.]+)/(?P<path>.+)"
)


def blobs_at(uri: str) -> Blobs:
    """The blobs of an account below a path of a container; small ones are changed only by conditional writes."""
    match = _HTTPS.fullmatch(uri) or _DRIVER.fullmatch(uri)
    if match is None:
        raise Usage(f"`{uri}` must read https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH")
    host = f"{match['account']}.blob.{match['cloud']}"
    return Blobs(f"https://{host}/{match['container']}", match["path"])


STORES = {"https": blobs_at, "abfss": blobs_at, "wasbs": blobs_at}
TREES = STORES
_IDENTITY = ("azure-identity>=1.17",)
REQUIREMENTS = {"https": _IDENTITY, "abfss": _IDENTITY, "wasbs": _IDENTITY}
