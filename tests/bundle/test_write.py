"""Writing a bundle: whole, unchanged when nothing changed, refused over what is not ours."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from mlopsgen.bundle import Bundle, blocked, check_integrity, look, manifest_of, read_manifest, swap, write
from mlopsgen.diagnostics import SpecError

FILES = {"pipeline.json": b"{}\n", "image/Dockerfile": b"FROM x\n", "image/app/a/train.py": b"\x00\xff\r\n"}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def bundle(**more: bytes) -> Bundle:
    return Bundle("local", {**FILES, **more}, "staging", "sha256:spec")


def codes(bundle: Bundle, out: Path, *, force: bool = False) -> list[str]:
    with pytest.raises(SpecError) as caught:
        write(bundle, out, force=force)
    assert all(d.hint for d in caught.value.findings if d.code != "MG409")
    return [d.code for d in caught.value.findings]


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_is_written_is_what_was_compiled(tmp_path: Path) -> None:
    out = tmp_path / "build" / "local"
    assert write(bundle(), out).changed
    assert content(out) == {**FILES, "manifest.json": manifest_of(bundle()).text()}
    assert names_in(out.parent) == ["local"]
    assert check_integrity(out) == ()


def test_the_manifest_says_what_it_belongs_to(tmp_path: Path) -> None:
    write(bundle(), tmp_path / "b")
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    assert list(manifest) == ["format", "mlopsgen", "target", "environment", "spec", "digest", "files"]
    assert (manifest["format"], manifest["target"], manifest["environment"], manifest["spec"]) == (
        1,
        "local",
        "staging",
        "sha256:spec",
    )
    assert manifest["files"]["pipeline.json"] == {
        "sha256": "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
        "size": 3,
    }
    assert read_manifest(tmp_path / "b") == manifest_of(bundle())


def test_the_digest_is_of_the_files_alone() -> None:
    shuffled = Bundle("other", dict(reversed(FILES.items())))
    assert manifest_of(shuffled).digest == manifest_of(bundle()).digest
    assert manifest_of(bundle(x=b"")).digest != manifest_of(bundle()).digest
    swapped = Bundle("local", {"a": b"1", "b": b"2"}), Bundle("local", {"a": b"2", "b": b"1"})
    assert manifest_of(swapped[0]).digest != manifest_of(swapped[1]).digest


def test_the_same_again_is_not_written(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    before = out.stat().st_ino
    assert not write(bundle(), out).changed
    assert out.stat().st_ino == before


def test_a_new_bundle_takes_the_place_of_the_old(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(old=b"x"), out)
    assert write(bundle(new=b"y"), out).changed
    assert set(content(out)) == {*FILES, "new", "manifest.json"}
    assert names_in(tmp_path) == ["b"]


def test_without_an_exchange_two_renames_do_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "_exchange", lambda a, b: False)
    test_a_new_bundle_takes_the_place_of_the_old(tmp_path)


def test_unknown_files_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "b"
    out.mkdir()
    (out / "mine.txt").write_text("x")
    assert codes(bundle(), out) == ["MG406"]
    assert content(out) == {"mine.txt": b"x"}
    write(bundle(), out, force=True)
    (out / "image" / "mine.txt").write_text("x")
    assert codes(bundle(x=b""), out) == ["MG406"]
    assert write(bundle(x=b""), out, force=True).changed
    assert check_integrity(out) == ()


def test_edits_by_hand_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    (out / "pipeline.json").write_text("[]")
    (out / "mine").symlink_to("/etc/passwd")
    assert codes(bundle(), out) == ["MG406", "MG407"]
    assert write(bundle(), out, force=True).changed
    (out / "pipeline.json").unlink()
    (out / "pipeline.json").symlink_to(tmp_path / "twin")
    (tmp_path / "twin").write_bytes(FILES["pipeline.json"])
    assert codes(bundle(), out) == ["MG407"]
    write(bundle(), out, force=True)
    (out / "manifest.json").write_text("{}")
    assert codes(bundle(), out) == ["MG407"]


def test_a_removed_file_is_put_back(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    (out / "pipeline.json").unlink()
    assert [d.code for d in check_integrity(out)] == ["MG444"]
    assert write(bundle(), out).changed
    assert check_integrity(out) == ()


def test_what_looking_leaves_behind_is_no_edit(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    (out / "image" / "__pycache__").mkdir()
    (out / "image" / "__pycache__" / "x.pyc").write_bytes(b"")
    (out / ".DS_Store").write_bytes(b"")
    assert not write(bundle(), out).changed
    assert check_integrity(out) == ()


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps({**manifest, "format": 2, "files": "of another shape"}))
    assert codes(bundle(), out) == ["MG408"]
    with pytest.raises(SpecError) as caught:
        read_manifest(out)
    assert [d.code for d in caught.value.findings] == ["MG408"]
    assert write(bundle(), out, force=True).changed


def test_integrity_names_every_difference(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    (out / "pipeline.json").write_text("[]")
    (out / "image/Dockerfile").unlink()
    (out / "more").write_text("")
    findings = check_integrity(out)
    assert [d.code for d in findings] == ["MG444"] * 3
    assert [d.message.split("`")[1] for d in findings] == ["image/Dockerfile", "pipeline.json", "more"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": true}', '{"format": 1}', "\xff", '{"format": 1, "files": []}']
)
def test_a_damaged_manifest_is_a_finding(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(SpecError) as caught:
        read_manifest(tmp_path)
    assert [d.code for d in caught.value.findings] == ["MG444"]


def test_a_manifest_whose_list_was_changed_is_damaged(tmp_path: Path) -> None:
    write(bundle(), tmp_path / "b")
    path = tmp_path / "b" / "manifest.json"
    path.write_text(path.read_text().replace('"size": 3', '"size": 3').replace("ca3d163b", "ca3d163c"))
    with pytest.raises(SpecError):
        read_manifest(tmp_path / "b")


def test_no_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        check_integrity(tmp_path)
    assert "no bundle" in caught.value.findings[0].message


def test_a_file_in_the_place_of_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    assert codes(bundle(), tmp_path / "b", force=True) == ["MG406"]
    assert (tmp_path / "b").read_text() == "mine"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    assert write(bundle(), tmp_path / "b").changed


@pytest.mark.parametrize("home", [".git", "cwd", "HOME"])
def test_force_spares_where_somebody_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    out = tmp_path / "b"
    (out / home).mkdir(parents=True)
    (out / "mine").write_text("x")
    if home == "cwd":
        monkeypatch.chdir(out / home)
    if home == "HOME":
        monkeypatch.setenv("HOME", str(out / home))
    assert codes(bundle(), out, force=True) == ["MG406"]
    assert (out / "mine").read_text() == "x"


def test_a_link_is_followed_to_its_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "b").symlink_to("real")
    write(bundle(), tmp_path / "b")
    write(bundle(x=b"1"), tmp_path / "b")
    assert (tmp_path / "b").is_symlink()
    assert (tmp_path / "real" / "x").read_bytes() == b"1"


@pytest.mark.parametrize("path", ["../x", "manifest.json", "MANIFEST.json", "a/con", "image"])
def test_unsafe_paths_never_reach_the_disk(tmp_path: Path, path: str) -> None:
    assert set(codes(bundle(**{path: b""}), tmp_path / "b")) == {"MG409"}
    assert names_in(tmp_path) == []


def test_the_umask_is_the_users(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(bundle(), tmp_path / "b")
    finally:
        os.umask(before)
    assert (tmp_path / "b" / "pipeline.json").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "b" / "image").stat().st_mode & 0o777 == 0o750


def test_leftovers_of_a_killed_writer_are_cleaned_even_when_nothing_changed(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    (tmp_path / ".b.mlopsgen-new").mkdir()
    (tmp_path / ".b.mlopsgen-old").mkdir()
    (tmp_path / ".b.mlopsgen-lock").touch()
    (tmp_path / ".b.mlopsgen-other").touch()
    (tmp_path / ".c.mlopsgen-new").mkdir()
    assert not write(bundle(), out).changed
    assert names_in(tmp_path) == [".b.mlopsgen-other", ".c.mlopsgen-new", "b"]


def test_a_swap_that_stopped_between_its_renames_is_undone(tmp_path: Path) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    out.rename(tmp_path / ".b.mlopsgen-old")
    (tmp_path / ".b.mlopsgen-new").mkdir()
    assert not write(bundle(), out).changed
    assert names_in(tmp_path) == ["b"]
    assert check_integrity(out) == ()


def test_a_second_rename_that_fails_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "b"
    write(bundle(), out)
    monkeypatch.setattr(swap, "_exchange", lambda a, b: False)
    real = os.rename

    def once(a: Path, b: Path) -> None:
        if str(a).endswith("-new"):
            raise OSError(errno.EBUSY, "busy", str(a))
        real(a, b)

    monkeypatch.setattr(os, "rename", once)
    assert codes(bundle(x=b""), out) == ["MG410"]
    assert content(out).keys() == {*FILES, "manifest.json"}
    assert names_in(tmp_path) == ["b"]


def test_a_file_system_without_exchange_falls_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    write(bundle(), tmp_path / "b")

    class Libc:
        @staticmethod
        def renameat2(*_: object) -> int:
            ctypes.set_errno(errno.EINVAL)
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *a, **k: Libc())
    assert write(bundle(x=b""), tmp_path / "b").changed
    assert check_integrity(tmp_path / "b") == ()
    monkeypatch.setattr(ctypes, "CDLL", lambda *a, **k: object())
    assert write(bundle(y=b""), tmp_path / "b").changed
    shutil.rmtree(tmp_path / "b")


def test_what_stands_in_the_way_is_known_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "local"
    assert blocked(look(bundle(), out)) == ()
    assert not out.exists()
    write(bundle(), out)
    (out / "pipeline.json").write_text("mine")
    assert [d.code for d in blocked(look(bundle(), out))] == ["MG407"]
    assert blocked(look(bundle(), out), force=True) == ()
    assert (out / "pipeline.json").read_text() == "mine"
