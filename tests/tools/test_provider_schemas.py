"""Schemas of providers are read out of the bindings that are made from them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

from tools.provider_schemas import Wheel, schemas

RESOURCE = """
function shelfBookToHclTerraform(struct) {
    const attrs = {
        title: {
            value: cdktn.stringToHclTerraform(struct.title),
            isBlock: false,
            type: "simple",
            storageClassType: "string",
        },
    };
}
class ShelfBookOutputReference extends cdktn.ComplexObject {
    // title - computed: false, optional: false, required: true
    _title;
    get title() {
        return this.getStringAttribute('title');
    }
}
class ShelfBookList extends cdktn.ComplexList {
    get(index) {
        return new ShelfBookOutputReference(this.terraformResource, this.terraformAttribute, index, this.wrapsSet);
    }
}
class Shelf extends cdktn.TerraformResource {
    static tfResourceType = "google_shelf";
    // created - computed: true, optional: false, required: false
    get created() {
        return this.getStringAttribute('created');
    }
    // labels - computed: false, optional: true, required: false
    _labels;
    get labels() {
        return this.getStringMapAttribute('labels');
    }
    resetLabels() {
        this._labels = undefined;
    }
    // rooms - computed: false, optional: true, required: false
    get rooms() {
        return cdktn.Fn.tolist(this.getListAttribute('rooms'));
    }
    // book - computed: false, optional: true, required: false
    _book = new ShelfBookList(this, "book", false);
    synthesizeHclAttributes() {
        const attrs = {
            book: {
                value: cdktn.listMapperHcl(shelfBookToHclTerraform, true)(this._book.internalValue),
                isBlock: true,
                type: "list",
                storageClassType: "ShelfBookList",
            },
        };
    }
}
"""
OLD = """
class Shelf extends cdktf.TerraformResource {
    get width() {
        return this.getNumberAttribute('width');
    }
    get depth() {
        return this.getNumberAttribute('depth');
    }
    resetDepth() {
        this._depth = undefined;
    }
}
Shelf.tfResourceType = "google_shelf";
"""


def wheel(folder: Path, **modules: str) -> Path:
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as files:
        for name, text in modules.items():
            member = tarfile.TarInfo(f"package/lib/{name}/index.js")
            member.size = len(text.encode())
            files.addfile(member, io.BytesIO(text.encode()))
    path = folder / "bindings.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bindings/_jsii/provider.jsii.tgz", package.getvalue())
    return path


GOOGLE = Wheel("google", "8.7.0", "bindings==1", "")


def test_a_resource_has_its_attributes_and_nested_blocks(tmp_path: Path) -> None:
    found = schemas(GOOGLE, wheel(tmp_path, shelf=RESOURCE))
    assert found["source"] == "registry.opentofu.org/hashicorp/google"
    assert found["resource_schemas"]["google_shelf"]["block"] == {
        "attributes": {
            "created": {"type": "string", "computed": True},
            "labels": {"type": ["map", "string"], "optional": True},
            "rooms": {"type": ["set", "string"], "optional": True},
        },
        "block_types": {
            "book": {
                "nesting_mode": "list",
                "block": {"attributes": {"title": {"type": "string", "required": True}}, "block_types": {}},
            }
        },
    }


def test_of_older_bindings_what_may_be_left_out_counts_as_computed(tmp_path: Path) -> None:
    (block,) = (one["block"] for one in schemas(GOOGLE, wheel(tmp_path, shelf=OLD))["resource_schemas"].values())
    assert block["attributes"] == {
        "width": {"type": "number", "required": True},
        "depth": {"type": "number", "optional": True, "computed": True},
    }
