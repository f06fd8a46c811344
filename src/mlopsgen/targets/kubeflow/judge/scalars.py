"""Names, amounts and other scalars as the API server of Kubernetes checks them."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from mlopsgen.targets.ir.judge.shape import Scalar, is_number, is_text, is_whole, matching

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
SUBDOMAIN = rf"(?=.{{1,253}}$){LABEL}(?:\.{LABEL})*"
_VALUE = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?"
KEY = re.compile(rf"(?:{SUBDOMAIN}/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,61}}[A-Za-z0-9])?")
QUANTITY = r"\d+(?:\.\d+)?(?:[EPTGMk]|[EPTGMK]i|m|e\d+)?"
VERBS = (
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind", "escalate"),
    *("impersonate", "approve", "sign", "*"),
    # Kubeflow Pipelines asks the cluster by words of its own: backend/src/apiserver/common/const.go.
    *("enable", "disable", "terminate", "retry", "archive", "unarchive", "reportMetrics", "readArtifact", "execute"),
)


def _is_range(value: Any) -> bool:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return False
    return "/" in str(value)


def _is_port(value: Any) -> bool:
    return 0 < value < 65536 if is_whole(value) else re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", value) is not None


def _is_quantity(value: Any) -> bool:
    return value >= 0 if is_number(value) else re.fullmatch(QUANTITY, value) is not None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _groups(value: Any) -> bool:
    try:
        return re.compile(value).groups >= 2
    except re.error:
        return False


_FIELD = r"metadata\.(?:name|namespace|uid|labels\['.+'\]|annotations\['.+'\])"
_FIELDS = rf"{_FIELD}|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?)"

SCALARS = {
    "name": matching("a DNS name: lower-case letters, digits, `-` and `.`", SUBDOMAIN),
    "dns-label": matching("a DNS label: at most 63 lower-case letters, digits and `-`", LABEL),
    "rbac-name": matching("a name without capitals, `_` and `/`", r"[a-z0-9][a-z0-9:.-]{0,251}[a-z0-9]|[a-z0-9]"),
    "label": matching("a label's value: at most 63 letters, digits, `-`, `_` and `.`", _VALUE),
    "quantity": Scalar("an amount such as 500m or 16Gi", lambda v: is_text(v) or is_number(v), _is_quantity),
    "path": matching("an absolute path", r"/[^:]*"),
    "variable": matching("the name of a variable", r"[-._a-zA-Z][-._a-zA-Z0-9]*"),
    "data-key": matching("a key of letters, digits, `-`, `_` and `.`", r"[-._a-zA-Z0-9]+"),
    "seconds": Scalar("a number of seconds above 0", is_whole, lambda v: v > 0),
    "above-0": Scalar("a whole number above 0", is_whole, lambda v: v > 0),
    "not-negative": Scalar("a whole number, not negative", is_whole, lambda v: v >= 0),
    "port": Scalar("a port: a number below 65536, or a name", lambda v: is_whole(v) or is_text(v), _is_port),
    "cidr": Scalar("a range of addresses such as 10.0.0.0/8", is_text, _is_range),
    "verb": Scalar("a verb of the API", is_text, lambda v: v in VERBS),
    "resource": matching("a resource in small letters and plural", r"\*|[a-z][a-z0-9.-]*(?:/[a-z*]+)?"),
    "number-text": Scalar("a number in quotes", is_text, _is_number),
    "trial-name": matching("a name without spaces", r"[\w.-]+"),
    "regex": Scalar("a regular expression with a group for the name and one for the value", is_text, _groups),
    "owner": matching("a domain and a path, such as example.com/compiler", rf"{SUBDOMAIN}/[A-Za-z0-9._/-]+"),
    "field-path": matching("a field of a pod such as metadata.name", _FIELDS),
    "mode": Scalar("a file mode", is_whole),
}
