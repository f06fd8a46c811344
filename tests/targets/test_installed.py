"""Targets are found where Python finds packages, and are the ones that the standard library finds."""

from __future__ import annotations

import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from mlopsgen.targets import installed

ANNOUNCED = """# what pip wrote
[console_scripts]
acme = acme_cloud.cli:main

[mlopsgen.targets]
acme = acme_cloud:Parts.target [fast]
# other = acme_cloud:other
second=acme_cloud : second

[other.group]
third = acme_cloud:third
"""


def package(folder: Path, version: str, text: str = ANNOUNCED, about: str = "dist-info") -> Path:
    made = folder / f"acme_cloud-{version}.{about}"
    made.mkdir(parents=True)
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme-cloud\nVersion: {version}\n")
    (made / "entry_points.txt").write_text(text)
    return folder


def only(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> dict[str, installed.Entry]:
    monkeypatch.setattr("sys.path", [str(folder) for folder in folders])
    return installed.entries()


def as_the_library_says() -> dict[str, str]:
    said = sorted(entry_points(group=installed.GROUP), key=lambda entry: (entry.name, entry.value))
    return {entry.name: entry.value for entry in said}


def test_here_they_are_the_same() -> None:
    assert {name: entry.value for name, entry in installed.entries().items()} == as_the_library_says()
    assert installed.entries()["local"].package() == ("mlopsgen", "0.1.0")


@pytest.mark.parametrize("about", ["dist-info", "egg-info"])
def test_what_a_package_announces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, about: str) -> None:
    found = only(monkeypatch, package(tmp_path, "1.2", about=about))
    assert list(found) == ["acme", "second"]
    assert found["acme"].module == found["second"].module == "acme_cloud"
    if about == "dist-info":
        assert found["acme"].package() == ("acme-cloud", "1.2")


def test_the_object_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "1.2")
    (tmp_path / "acme_cloud.py").write_text("class Parts:\n    target = 'a target'\nsecond = 2\n")
    found = only(monkeypatch, tmp_path)
    assert (found["acme"].load(), found["second"].load()) == ("a target", 2)


def test_the_package_that_python_imports_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = package(tmp_path / "first", "2.0", "[mlopsgen.targets]\nacme = new:target\n")
    found = only(monkeypatch, first, package(tmp_path / "second", "1.0"))
    assert {name: entry.value for name, entry in found.items()} == {"acme": "new:target"} == as_the_library_says()
    assert found["acme"].package() == ("acme-cloud", "2.0")


def test_an_archive_on_the_path_is_searched_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = package(tmp_path / "site", "1.2")
    archive = tmp_path / "site.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for file in sorted(folder.rglob("*")):
            made.write(file, file.relative_to(folder))
    found = only(monkeypatch, archive)
    assert list(found) == ["acme", "second"]
    assert found["acme"].package() == ("acme-cloud", "1.2")


def test_what_is_no_package_is_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty-1.0.dist-info").mkdir()
    (tmp_path / "note.txt").write_text("")
    assert only(monkeypatch, tmp_path, tmp_path / "nowhere", tmp_path / "note.txt") == {}
