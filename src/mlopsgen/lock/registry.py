"""An image's digest, from its registry (the distribution API), with the login that Docker on this machine has there."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.lock.web import Response, ask, away, is_here
from mlopsgen.records import dataclass

Login: TypeAlias = Callable[[str], str | None]
"""Registry → what goes into a `Basic` authorization, or None."""

_HUB = "docker.io"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Lists of several platforms first: Docker picks from the list, whose digest is the same everywhere.
_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_FIELD = re.compile(r'([a-zA-Z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image's name, taken apart."""

    registry: str
    repository: str
    tag: str

    @property
    def base(self) -> str:
        """Where its registry answers."""
        host = f"registry-1.{_HUB}" if self.registry == _HUB else self.registry
        return f"{'http' if is_here(urlsplit(f'//{host}').hostname) else 'https'}://{host}"


def image_name(image: str) -> ImageName:
    """An image as a Dockerfile names it: without a registry it lies on Docker's own, without a tag it is `latest`."""
    first, slash, rest = image.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first):
        registry, path = first, rest
    else:
        registry, path = _HUB, image
    name, _, tag = path.partition(":")
    if registry == _HUB and "/" not in name:
        name = f"library/{name}"
    return ImageName(registry, name, tag or "latest")


def pinned(image: str, digest: str) -> str:
    """The image with its digest and with its tag, which tells people what it is."""
    return f"{image}@{digest}"


@dataclass(slots=True)
class RegistryClient:
    """Asks registries; a token is asked for once for each repository."""

    login: Login
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    def digest(self, image: str) -> str:
        """The digest of what an image's name means now.

        Raises SpecError MG131 when there is no such image or it may not be read, Unreachable when
        nobody answers.
        """
        name = image_name(image)
        url = f"{name.base}/v2/{name.repository}/manifests/{name.tag}"
        answer = self._ask("HEAD", url, name)
        if answer.status == 200 and _DIGEST.fullmatch(answer.headers.get("docker-content-digest", "")):
            return answer.headers["docker-content-digest"]
        if answer.status in (200, 405):
            answer = self._ask("GET", url, name)
        if answer.status != 200:
            raise SpecError([_refused(image, name, answer)])
        return f"sha256:{hashlib.sha256(answer.body).hexdigest()}"

    def _ask(self, method: str, url: str, name: ImageName) -> Response:
        key = (name.registry, name.repository)
        headers = {"Accept": _ACCEPT, **({"Authorization": self._tokens[key]} if key in self._tokens else {})}
        answer = ask(method, url, headers)
        if answer.status != 401:
            return answer
        allowed = self._allowed(answer.headers.get("www-authenticate", ""), name)
        if allowed is None:
            return answer
        self._tokens[key] = allowed
        return ask(method, url, {**headers, "Authorization": allowed})

    def _allowed(self, challenge: str, name: ImageName) -> str | None:
        """The authorization for a registry's challenge; None without a login, or for an unknown challenge."""
        basic = self.login(name.registry)
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            return f"Basic {basic}" if basic else None
        fields = dict(_FIELD.findall(rest))
        realm = urlsplit(fields.get("realm", ""))
        if scheme.lower() != "bearer" or not (realm.scheme == "https" or is_here(realm.hostname)):
            return None
        query = {"scope": f"repository:{name.repository}:pull", **{k: fields[k] for k in ("service",) if k in fields}}
        headers = {"Authorization": f"Basic {basic}"} if basic else {}
        answer = ask("GET", f"{fields['realm']}?{urlencode(query)}", headers)
        return _token(answer)


def _token(answer: Response) -> str | None:
    if answer.status != 200:
        return None
    try:
        document = json.loads(answer.body)
    except ValueError as odd:
        raise away("who gives out the registry's tokens answers with something else") from odd
    token = (document.get("token") or document.get("access_token")) if isinstance(document, Mapping) else None
    return f"Bearer {token}" if isinstance(token, str) and token.isprintable() else None


def _refused(image: str, name: ImageName, answer: Response) -> Diagnostic:
    if answer.status == 404:
        return Diagnostic("MG131", f"there is no image `{image}`", hint="mend its name or its tag")
    message = f"`{image}` may not be read: its registry answers {answer.status}"
    # Docker's own registry answers so for a name that does not exist, too.
    return Diagnostic("MG131", message, hint=f"`docker login {name.registry}`, or mend its name")


_HUB_NAMES = (_HUB, "https://index.docker.io/v1/")


def docker_login(registry: str) -> str | None:
    """Docker's login at a registry, as it follows `Basic`; None where nobody has logged in."""
    known = _config()
    for name in (registry, f"https://{registry}", *(_HUB_NAMES if registry == _HUB else ())):
        helper = _map(known.get("credHelpers")).get(name)
        stored = _map(_map(known.get("auths")).get(name)).get("auth")
        if isinstance(helper, str):
            return _helped(helper, name)
        if isinstance(stored, str) and stored:
            return stored
        if name in _map(known.get("auths")) and isinstance(known.get("credsStore"), str):
            return _helped(known["credsStore"], name)
    return None


def _config() -> Mapping[str, Any]:
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        return _map(json.loads((folder / "config.json").read_bytes()))
    except (OSError, ValueError):
        return {}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _helped(helper: str, registry: str) -> str | None:
    """The login at a registry that a program like `docker-credential-ecr-login` gives out."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", helper):
        return None
    try:
        answer = subprocess.run(
            [f"docker-credential-{helper}", "get"], input=registry.encode(), capture_output=True, check=True, timeout=60
        ).stdout
        login = json.loads(answer)
        both = f"{login['Username']}:{login['Secret']}"
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None
    return base64.b64encode(both.encode()).decode()
