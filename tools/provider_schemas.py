"""The schemas of Terraform's providers, once into the judges' cache: resources, their arguments, types, nested blocks.

No package has a schema as such. Bindings of the Cloud Development Kit are made from it, though, and say for each
attribute its name, its type and whether it is computed, optional or required: what is read here, as text, is the
JavaScript of their wheels. Older bindings say less: what may be left out there counts as computed, too.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

from tools.judges import programs

Type: TypeAlias = Any
"""`"string"`, `["list", "string"]`, `["object", {…}]`, as `terraform providers schema -json` writes types."""
Block: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wheel:
    """The bindings of a provider, and which provider that is."""

    provider: str
    version: str
    package: str
    digest: str


WHEELS = (
    Wheel(
        "google",
        "6.50.0",
        "cdktf-cdktf-provider-google==16.12.1",
        "88d021c89e1cf2abf2c935716d6548d26fe3da4bed30713d4fa36df1ef137436",
    ),
    Wheel(
        "google",
        "8.7.0",
        "cdktn-provider-google==21.1.0",
        "157dead5025d5db5abe48e40cc49f0b6a4d8088fd0498eb17ad5a36bca811b2a",
    ),
    Wheel(
        "google-beta",
        "6.50.0",
        "cdktf-cdktf-provider-google-beta==16.12.1",
        "6f75be2b8686994fd3074c42f0771df20c928695d88061c265f2cacf74aa5fb1",
    ),
    Wheel(
        "google-beta",
        "8.7.0",
        "cdktn-provider-google-beta==21.1.0",
        "335670a6abb9f779ee113bc07c9402e12431aa877444039080d224599a436e84",
    ),
    Wheel(
        "time",
        "0.13.1",
        "cdktf-cdktf-provider-time==11.0.1",
        "a927bcdf16736d281a0f5640474f8b46cef43c5ff37ee7eca8b79652b5aca134",
    ),
    Wheel(
        "time",
        "0.14.2",
        "cdktn-provider-time==14.0.2",
        "c0616bd5c25e089f9cccc590525b9b03a4b63baa6e9c28b4f064feccb732a890",
    ),
)


def folder() -> Path:
    """Where the schemas are, or will be: `<provider>-<version>.json`."""
    return programs() / f"schemas-{sha256(Path(__file__).read_bytes()).hexdigest()[:16]}"


def main() -> int:
    """Writes those that are not there yet."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    missing = [wheel for wheel in WHEELS if not _file(place, wheel).is_file()]
    for wheel in missing:
        begun = monotonic()
        with tempfile.TemporaryDirectory(dir=place) as work:
            archive = _downloaded(wheel, Path(work))
            if archive is None:
                print(f"✗ {wheel.package}: not downloaded", file=sys.stderr)
                return 1
            new = Path(work) / "schema.json"
            new.write_text(json.dumps(schemas(wheel, archive), separators=(",", ":"), sort_keys=True))
            shutil.move(new, _file(place, wheel))
        print(f"✓ {wheel.provider} {wheel.version}: schema read in {monotonic() - begun:.0f} s", flush=True)
    return 0


def _file(place: Path, wheel: Wheel) -> Path:
    return place / f"{wheel.provider}-{wheel.version}.json"


def _downloaded(wheel: Wheel, into: Path) -> Path | None:
    requirements = into / "requirements.txt"
    requirements.write_text(f"{wheel.package} --hash=sha256:{wheel.digest}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "--dest", str(into), "-r", str(requirements)], check=False)
    return next(into.glob("*.whl"), None)


def schemas(wheel: Wheel, archive: Path) -> dict[str, Any]:
    """All that a provider has."""
    content: dict[str, Any] = {"resource_schemas": {}, "data_source_schemas": {}}
    kinds = {"TerraformResource": "resource_schemas", "TerraformDataSource": "data_source_schemas"}
    for text in _modules(archive):
        module = Module(text)
        for name, base in module.bases.items():
            if base == "TerraformProvider":
                content["provider"] = {"version": 0, "block": module.settings(name)}
            elif base in kinds:
                content[kinds[base]][module.kind_of(name)] = {"version": 0, "block": module.block(name)}
    return {"source": f"registry.opentofu.org/hashicorp/{wheel.provider}", **content}


def _modules(archive: Path) -> Iterator[str]:
    """The JavaScript of each resource, one text however many files: the wheel holds a package for Node."""
    with zipfile.ZipFile(archive) as wheel:
        package = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
        content = io.BytesIO(wheel.read(package))
    texts: dict[str, list[str]] = {}
    with tarfile.open(fileobj=content, mode="r:gz") as files:
        for member in files:
            match = re.fullmatch(r"package/lib/([^/]+)/.*\.js", member.name)
            file = files.extractfile(member) if match else None
            if match and file:
                texts.setdefault(match[1], []).append(file.read().decode())
    return map("\n".join, texts.values())


_CLASS = re.compile(r"^class (\w+) extends \w+\.(\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_SPELLED = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(
    r'(\w+): \{\s+value: [^\n]*\n\s+isBlock: (true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)"'
)
_FLAGS = re.compile(r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)")
_NESTED = re.compile(r'_\w+ = new (?:\w+\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\)')
_PLAIN = re.compile(
    r"get (\w+)\(\) \{\s+return (\w+\.Fn\.tolist\()?this\.(get\w+Attribute|interpolationForAttribute)\('(\w+)'\)"
)
_RESET = re.compile(r"^    reset(\w+)\(\)", re.MULTILINE)
_KIND = re.compile(r'\btfResourceType = "(\w+)"')
"""Older bindings say it behind the class."""
_ITEM = re.compile(r"return new (?:\w+\.)?(\w+)\(")
_TYPES: Mapping[str, Type] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
    "getAnyMapAttribute": ["map", "string"],
    "interpolationForAttribute": "dynamic",
}
_MAPS: Mapping[str, Type] = {
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "AnyMap": ["map", "string"],
    "StringMapList": ["list", ["map", "string"]],
    "NumberMapList": ["list", ["map", "number"]],
    "BooleanMapList": ["list", ["map", "bool"]],
    "AnyMapList": ["list", ["map", "string"]],
}
_SETTINGS = {"string": "string", "boolean": "bool", "number": "number", "stringList": ["list", "string"]}


@dataclass(frozen=True)
class Module:
    """The classes of one resource: its own, and one for each nested block."""

    text: str

    @cached_property
    def _classes(self) -> Mapping[str, tuple[str, str]]:
        return {match[1]: (match[2], match[3]) for match in _CLASS.finditer(self.text)}

    @cached_property
    def _spelled(self) -> Mapping[str, str]:
        return {match[1]: match[2] for match in _SPELLED.finditer(self.text)}

    @property
    def bases(self) -> Mapping[str, str]:
        """Every class, and what it extends."""
        return {name: base for name, (base, _) in self._classes.items()}

    def kind_of(self, name: str) -> str:
        """What Terraform calls the resource."""
        match = _KIND.search(self._classes[name][1]) or re.search(
            rf'^{name}\.tfResourceType = "(\w+)"', self.text, re.MULTILINE
        )
        assert match, f"{name} is no resource"
        return match[1]

    def settings(self, name: str) -> Block:
        """What a provider is told; all of it may be left out."""
        entries = _ENTRY.finditer(self._classes[name][1])
        types = {entry[1]: _SETTINGS.get(entry[4], ["map", "string"]) for entry in entries if entry[2] == "false"}
        types.pop("alias", None)
        return {"attributes": {key: {"type": kind, "optional": True} for key, kind in types.items()}}

    def block(self, name: str, above: tuple[str, ...] = ()) -> Block:
        """The attributes and nested blocks of a class."""
        body = self._classes[name][1]
        entries = {m[1]: (m[2] == "true", m[3]) for m in _ENTRY.finditer(self._spelling(name))}
        flags = {m[1]: (m[2] == "true", m[3] == "true", m[4] == "true") for m in _FLAGS.finditer(body)}
        attributes: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        resets = set(_RESET.findall(body))
        for getter, to_list, reader, key in _PLAIN.findall(body):
            kind = _TYPES.get(reader, "dynamic")
            if kind == "dynamic" and above:
                kind = "string"
            is_set = bool(to_list) or entries.get(key, (False, ""))[1] == "set"
            kind = ["set", kind[1]] if is_set and isinstance(kind, list) else kind
            free = getter[0].upper() + getter[1:] in resets
            attributes[key] = _attribute(kind, *flags.get(key, (free, free, not free)))
        for type_, key, is_set in _NESTED.findall(body):
            flag = flags.get(key, (False, True, False))
            is_block, shape = entries.get(key, (False, ""))
            if type_ in _MAPS:
                attributes[key] = _attribute(_MAPS[type_], *flag)
            elif is_block:
                blocks[key] = self._nested(type_, shape, flag[2], (*above, name))
            else:
                attributes[key] = _attribute(self._objects(type_, shape, is_set == "true", (*above, name)), *flag)
        return {"attributes": attributes, "block_types": blocks}

    def _spelling(self, name: str) -> str:
        """Where a class says which of its keys are blocks."""
        struct = name.removesuffix("OutputReference")
        return self._spelled.get(struct[0].lower() + struct[1:], "") or self._classes[name][1]

    def _item(self, name: str) -> tuple[str, bool]:
        """The class of an element, and whether there is only one."""
        base, body = self._classes[name]
        match = _ITEM.search(body) if base in ("ComplexList", "ComplexMap") else None
        return (match[1], False) if match else (name, True)

    def _nested(self, name: str, shape: str, required: bool, above: tuple[str, ...]) -> Block:
        item, single = self._item(name)
        mode = {"struct": "single", "set": "set", "map": "map"}.get(shape, "list")
        # A block that holds itself ends here.
        inner: Block = {"attributes": {}, "block_types": {}} if item in above else self.block(item, above)
        counted = mode in ("list", "set")
        least = {"min_items": 1} if required and counted else {}
        most = {"max_items": 1} if single and counted else {}
        return {"nesting_mode": mode, "block": inner, **least, **most}

    def _objects(self, name: str, shape: str, is_set: bool, above: tuple[str, ...]) -> Type:
        item, single = self._item(name)
        inner: Block = {} if item in above else self.block(item, above)
        fields = ["object", {key: one["type"] for key, one in inner.get("attributes", {}).items()}]
        if single and shape == "struct":
            return fields
        listed = "map" if self._classes[name][0] == "ComplexMap" else "set" if is_set or shape == "set" else "list"
        return [listed, fields]


def _attribute(kind: Type, computed: bool, optional: bool, required: bool) -> dict[str, Any]:
    flags = {"required": required, "optional": optional, "computed": computed or not (optional or required)}
    return {
        "type": kind,
        **{name: True for name, flag in flags.items() if flag and not (name == "computed" and required)},
    }


if __name__ == "__main__":
    sys.exit(main())
