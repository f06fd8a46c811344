"""Asks for everything that a spec names and does not fix, and says what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath, errors
from mlopsgen.lock.model import Lock, LockedData, LockedRequirements, LockNeeds
from mlopsgen.lock.registry import RegistryClient, docker_login, pinned
from mlopsgen.lock.stores import not_locked, remote_data
from mlopsgen.lock.web import Unreachable
from mlopsgen.lock.wheels import markers_differ, resolved
from mlopsgen.records import dataclass


@dataclass(frozen=True, slots=True)
class World:
    """Who is asked."""

    image: Callable[[str], str]
    """Image → its digest."""
    packages: Callable[[str, tuple[str, ...]], tuple[str, ...]]
    """Python and requirements → packages."""
    data: Callable[[str, SpecPath], LockedData | None]
    """URI → its version."""


def the_world() -> World:
    """Registries with the logins of Docker, the index that pip is set up with, stores."""
    return World(image=RegistryClient(docker_login).digest, packages=resolved, data=remote_data)


def renew(
    needs: LockNeeds, world: World, tell: Callable[[str], None] = lambda _: None
) -> tuple[Lock, tuple[Diagnostic, ...]]:
    """A lock with everything that is wanted, and what is worth saying about it; tells what it waits for.

    Raises SpecError with all that cannot be locked, Unreachable as soon as somebody does not answer.
    """
    findings: list[Diagnostic] = []
    world = _telling(world, tell)
    lock = Lock(
        images=dict(_images(needs, world, findings)),
        requirements=dict(_requirements(needs, world, findings)),
        data=dict(sorted((*needs.local.items(), *_remote(needs, world, findings)))),
    )
    if errors(findings):
        raise SpecError(findings)
    return lock, tuple(dict.fromkeys(findings))


def _telling(world: World, tell: Callable[[str], None]) -> World:
    """The same world, with a word before each question."""

    def image(name: str) -> str:
        tell(f"asking for the digest of {name}")
        return world.image(name)

    def packages(python: str, lines: tuple[str, ...]) -> tuple[str, ...]:
        tell(f"resolving {len(lines)} requirements for Python {python}")
        return world.packages(python, lines)

    def data(uri: str, spec_path: SpecPath) -> LockedData | None:
        tell(f"asking for the version of {uri}")
        return world.data(uri, spec_path)

    return World(image, packages, data)


def _images(needs: LockNeeds, world: World, findings: list[Diagnostic]) -> Iterator[tuple[str, str]]:
    for image, spec_path in sorted(needs.images.items()):
        digest = _tried(partial(world.image, image), spec_path, findings)
        if digest is not None:
            yield image, pinned(image, digest)


def _requirements(
    needs: LockNeeds, world: World, findings: list[Diagnostic]
) -> Iterator[tuple[str, LockedRequirements]]:
    for key, entry in sorted(needs.requirements.items()):
        findings.extend(markers_differ(entry.python))
        packages = _tried(partial(world.packages, entry.python, entry.wanted), ("code", "requirements"), findings)
        if packages is not None:
            yield key, LockedRequirements(entry.python, entry.wanted, packages)


def _remote(needs: LockNeeds, world: World, findings: list[Diagnostic]) -> Iterator[tuple[str, LockedData]]:
    for uri, spec_path in sorted(needs.remote.items()):
        before = len(findings)
        locked = _tried(partial(world.data, uri, spec_path), spec_path, findings)
        if locked is not None:
            yield uri, locked
        elif len(findings) == before:
            findings.append(not_locked(uri, spec_path))


T = TypeVar("T")


def _tried(work: Callable[[], T], spec_path: SpecPath, findings: list[Diagnostic]) -> T | None:
    """The result of some work, or None after a finding: the others are asked all the same."""
    try:
        return work()
    except Unreachable:
        raise
    except SpecError as wrong:
        findings.extend(d if d.spec_path else replace(d, spec_path=spec_path) for d in wrong.findings)
        return None


def changes(old: Lock, new: Lock) -> tuple[str, ...]:
    """A line for each entry that is new, different or gone."""
    return (
        *_compared("image", _digests(old.images), _digests(new.images)),
        *_compared("pushed image", _digests(old.pushed), _digests(new.pushed)),
        *_compared("package", _versions(old), _versions(new)),
        *_compared("data", _data(old), _data(new)),
    )


def _compared(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield f"+ {what} {name} {new[name]}"
        elif name not in new:
            yield f"- {what} {name} {old[name]}"
        elif old[name] != new[name]:
            yield f"~ {what} {name} {old[name]} → {new[name]}"


def _digests(images: Mapping[str, str]) -> dict[str, str]:
    return {name: _short(image.rpartition("@")[2]) for name, image in images.items()}


def _versions(lock: Lock) -> dict[str, str]:
    """Package → its version, or versions where environments or targets differ."""
    by_package: dict[str, set[str]] = {}
    for line in (line for entry in lock.requirements.values() for line in entry.packages):
        name, _, version = line.partition(" --hash=")[0].partition("==")
        by_package.setdefault(name.partition(" @ ")[0], set()).add(version or "from its address")
    return {name: ", ".join(sorted(versions)) for name, versions in by_package.items()}


def _data(lock: Lock) -> dict[str, str]:
    return {name: _short(entry.digest) for name, entry in lock.data.items()}


def _short(digest: str) -> str:
    """Enough of a digest to tell it from another one by eye."""
    scheme, colon, rest = digest.rpartition(":")
    return f"{scheme}{colon}{rest[:12]}"
