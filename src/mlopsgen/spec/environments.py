"""What an environment adds to the product's name, and which names two environments would share in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from mlopsgen.diagnostics import Diagnostic, On, Severity, SpecPath
from mlopsgen.records import dataclass
from mlopsgen.source import Node, Source, plain

SUFFIX = "suffix"
"""The key of an environment that is no part of a spec: what every name gets behind it. Default: `-<environment>`."""
LONGEST = 48
"""Of a product's name, with its suffix."""


@dataclass(frozen=True, slots=True)
class Places:
    """What a target's names must be unique in, and what its bundles make under a name that the spec says."""

    names: tuple[tuple[str, ...], ...] = ()
    """Options which together say one place: an account and its region, or a bucket."""
    resources: Mapping[str, str] = field(default_factory=dict)
    """Option with the name of something that is made → the option that says it exists already."""


def suffix_of(env: str, over: Node | None) -> str:
    """What an environment's names end with; an environment that says the product's `name` itself adds nothing."""
    written = over.child(SUFFIX) if over else None
    if written is not None and written.value is not None:
        return str(written.value)
    return "" if over and over.child("name") else f"-{env}"


def checked_suffix(env: str, over: Node) -> Iterator[Diagnostic]:
    """What is wrong with a suffix that is written."""
    written = over.child(SUFFIX)
    if written is None or written.value is None:
        return
    if not isinstance(written.value, str) or not re.fullmatch(r"(?:[a-z0-9-]*[a-z0-9])?", written.value):
        message = "`suffix` is text: small letters, digits and hyphens, and no hyphen at its end"
        hint = f'`suffix: -{env}` is the default; `suffix: ""` leaves names as they are'
        yield Diagnostic("MG106", message, ("environments", env, SUFFIX), hint, span=written.span)


def named(root: Node, env: str, over: Node | None, findings: list[Diagnostic]) -> Node:
    """The spec with the name that its product has in an environment."""
    name, suffix = root.child("name"), suffix_of(env, over)
    if name is None or not isinstance(name.value, str) or not isinstance(root.value, dict) or not suffix:
        return root
    whole = name.value + suffix
    if len(name.value) <= LONGEST < len(whole):
        message = f"`{whole}`, the name in the environment `{env}`, is longer than {LONGEST} characters"
        hint = f"`environments: {{{env}: {{suffix: -{env[:1]}}}}}` shortens it, or give the product a shorter name"
        findings.append(Diagnostic("MG106", message, ("name",), hint, span=name.span))
        return root
    return root.with_value({**_named_model(root, over, name.value), "name": name.with_value(whole)})


def _named_model(root: Node, over: Node | None, name: str) -> dict[str, Node]:
    """The spec's sections; a model that the base calls as its product follows the product's name, as by default."""
    sections = _entries(root)
    registry = root.child("registry")
    model = registry.child("model") if registry else None
    own = over.child("registry") if over else None
    if registry is None or model is None or model.value != name or (own is not None and own.child("model")):
        return sections
    return {**sections, "registry": _without(registry, "model")}


def unscaled(root: Node, over: Node, env: str, findings: list[Diagnostic]) -> Node:
    """The spec in an environment that fixes the number of replicas: what makes them more or fewer is left out."""
    deployments = root.child("deployments")
    if deployments is None:
        return root
    merged = _entries(deployments)
    for name, changed in _entries(over.child("deployments")).items():
        scale = merged[name].child("scale_on") if name in merged else None
        if scale is None or changed.child("scale_on") or not _one_number(changed, merged[name]):
            continue
        message = f"in `{env}` the number of replicas is fixed, so the `scale_on` of `{name}` is left out there"
        spec_path: SpecPath = ("deployments", name, "scale_on")
        hint = "`replicas: {min: …, max: …}` in the environment lets it scale there, too"
        findings.append(Diagnostic("MG117", message, spec_path, hint, None, Severity.NOTE, On.KEY, scale.key))
        merged[name] = _without(merged[name], "scale_on")
    return root.with_value({**_entries(root), "deployments": deployments.with_value(merged)})


def _one_number(changed: Node, merged: Node) -> bool:
    """Whether an environment leaves a deployment one number of copies."""
    key = next((key for key in ("replicas", "workers") if changed.child(key)), None)
    count = merged.child(key) if key else None
    if count is None:
        return False
    least, most = (bound.value if bound else 1 for bound in (count.child("min"), count.child("max")))
    return least == most


def _entries(node: Node | None) -> dict[str, Node]:
    return dict(node.value) if node and isinstance(node.value, dict) else {}


def _without(node: Node, key: str) -> Node:
    return node.with_value({name: child for name, child in _entries(node).items() if name != key})


def product_of(written: Source, env: str | None, name: str) -> str:
    """The product's name without what its environment adds."""
    if env is None:
        return name
    over = written.find(("environments", env))
    return name.removesuffix(suffix_of(env, over))


@dataclass(frozen=True, slots=True)
class SharedName:
    """What a bundle makes under a name that the spec decides."""

    words: str
    spec_path: SpecPath
    """Where its name is written; empty: it is named after the product."""
    hint: str


def shared_names(
    written: Source,
    env: str | None,
    resolved: Source,
    resolve: Callable[[str | None], Source | None],
    targets: Mapping[str, Places],
) -> Iterator[Diagnostic]:
    """What the spec in `env` and the spec in other environments would all make under one name in one place.

    `resolve` gives the spec in another environment, None where it is wrong. Shared with the spec without any
    environment alone it is a warning: many a product is only ever compiled with one.
    """
    section = written.root.child("environments")
    declared = section.value if section and isinstance(section.value, dict) else {}
    order = (None, *declared)
    sharing: dict[tuple[SharedName, str], set[str | None]] = {}
    for other in order:
        theirs = None if other == env else resolve(other)
        if theirs is None:
            continue
        for target, places in targets.items():
            for shared_name in _names_in_common((resolved, theirs), target, places):
                sharing.setdefault((shared_name, target), {env}).add(other)
    # All of them are told the same, whichever is compiled, and once for all targets.
    groups: dict[tuple[SharedName, tuple[str | None, ...]], list[str]] = {}
    for (shared_name, target), sharers in sharing.items():
        groups.setdefault((shared_name, tuple(sorted(sharers, key=order.index))), []).append(f"`targets.{target}`")
    for (shared_name, environments_of), target_names in groups.items():
        yield _finding(shared_name, environments_of, sorted(target_names), declared)


def _finding(
    shared_name: SharedName, sharers: tuple[str | None, ...], targets: list[str], declared: Mapping[str, Node]
) -> Diagnostic:
    environments = [name for name in sharers if name is not None]
    who = " and ".join([*(f"`{name}`" for name in environments), *(["the spec without one"] * (None in sharers))])
    severity = Severity.ERROR if len(environments) > 1 else Severity.WARNING
    message = (
        f"environments would overwrite each other: {who} make {shared_name.words} in one place ({', '.join(targets)})"
    )
    last = environments[-1]
    over = declared[last]
    at = over.child(SUFFIX) or over.child("name")
    spec_path, span = (
        (shared_name.spec_path, None)
        if shared_name.spec_path
        else (("environments", last), at.span if at else over.key)
    )
    return Diagnostic("MG133", message, spec_path, shared_name.hint.format(last), severity=severity, span=span)


def _names_in_common(specs: tuple[Source, Source], target: str, places: Places) -> Iterator[SharedName]:
    """What two specs would both make under one name."""
    one_place = any(_same(specs, [("targets", target, key) for key in keys]) for keys in places.names)
    model: SpecPath = ("registry", "model")
    if one_place and _same(specs, [("name",)]):
        hint = "leave `suffix` out, so that names end with `-{}`, or give each a place of its own"
        yield SharedName(f"`{_value(specs[0], ('name',))}`", (), hint)
    elif one_place and _value(specs[0], model) is not None and _same(specs, [model]):
        hint = "leave `registry.model` out: the model is then named after the product and its environment"
        yield SharedName(f"versions of `{_value(specs[0], model)}`", model, hint)
    for option, exists in places.resources.items():
        resource: SpecPath = ("targets", target, option)
        settled = any(_value(spec, ("targets", target, exists)) is True for spec in specs)
        if _same(specs, [resource]) and _value(specs[0], resource) is not None and not settled:
            hint = f"a {option} for each, or one that exists already: `{exists}: true`"
            yield SharedName(f"the {option} `{_value(specs[0], resource)}`", resource, hint)


def _same(specs: tuple[Source, Source], paths: list[SpecPath]) -> bool:
    return all(_value(specs[0], path) == _value(specs[1], path) for path in paths)


def _value(spec: Source, path: SpecPath) -> object:
    node = spec.find(path)
    return plain(node) if node else None
