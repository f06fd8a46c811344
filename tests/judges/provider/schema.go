package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Schemas are those of one provider, as `terraform providers schema -json` has them.
type Schemas struct {
	Source    string            `json:"source"`
	Provider  Schema            `json:"provider"`
	Resources map[string]Schema `json:"resource_schemas"`
	Data      map[string]Schema `json:"data_source_schemas"`
}

type Schema struct {
	Block Block `json:"block"`
}

type Block struct {
	Attributes map[string]Attribute `json:"attributes"`
	Blocks     map[string]Nested    `json:"block_types"`
}

type Attribute struct {
	Type     Type `json:"type"`
	Required bool `json:"required"`
	Optional bool `json:"optional"`
	Computed bool `json:"computed"`
}

type Nested struct {
	Mode  string `json:"nesting_mode"`
	Least int64  `json:"min_items"`
	Most  int64  `json:"max_items"`
	Block Block  `json:"block"`
}

// Type is a type of the configuration language: "string", ["list", "string"], ["object", {…}].
type Type struct{ of tftypes.Type }

var plain = map[string]tftypes.Type{
	"string": tftypes.String, "number": tftypes.Number, "bool": tftypes.Bool, "dynamic": tftypes.DynamicPseudoType,
}

var modes = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"list": tfprotov6.SchemaNestedBlockNestingModeList, "set": tfprotov6.SchemaNestedBlockNestingModeSet,
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle, "map": tfprotov6.SchemaNestedBlockNestingModeMap,
}

func (t *Type) UnmarshalJSON(text []byte) error {
	var name string
	if json.Unmarshal(text, &name) == nil {
		t.of = plain[name]
	} else {
		var pair [2]json.RawMessage
		if err := json.Unmarshal(text, &pair); err != nil {
			return err
		}
		if err := json.Unmarshal(pair[0], &name); err != nil {
			return err
		}
		if err := t.collection(name, pair[1]); err != nil {
			return err
		}
	}
	if t.of == nil {
		return fmt.Errorf("no type is called %s", text)
	}
	return nil
}

func (t *Type) collection(name string, text []byte) error {
	if name == "object" {
		var fields map[string]Type
		if err := json.Unmarshal(text, &fields); err != nil {
			return err
		}
		types := map[string]tftypes.Type{}
		for key, field := range fields {
			types[key] = field.of
		}
		t.of = tftypes.Object{AttributeTypes: types}
		return nil
	}
	var element Type
	if err := json.Unmarshal(text, &element); err != nil {
		return err
	}
	switch name {
	case "list":
		t.of = tftypes.List{ElementType: element.of}
	case "set":
		t.of = tftypes.Set{ElementType: element.of}
	case "map":
		t.of = tftypes.Map{ElementType: element.of}
	}
	return nil
}

func read(path string) (Schemas, error) {
	var found Schemas
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	return found, err
}

// spoken is a block in the words of the protocol.
func (b Block) spoken() *tfprotov6.SchemaBlock {
	block := &tfprotov6.SchemaBlock{}
	for _, name := range slices.Sorted(maps.Keys(b.Attributes)) {
		one := b.Attributes[name]
		block.Attributes = append(block.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: one.Type.of, Required: one.Required, Optional: one.Optional, Computed: one.Computed,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(b.Blocks)) {
		one := b.Blocks[name]
		block.BlockTypes = append(block.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Nesting: modes[one.Mode], MinItems: one.Least, MaxItems: one.Most, Block: one.Block.spoken(),
		})
	}
	return block
}

func (s Schema) spoken() *tfprotov6.Schema { return &tfprotov6.Schema{Block: s.Block.spoken()} }

func spoken(all map[string]Schema) map[string]*tfprotov6.Schema {
	found := map[string]*tfprotov6.Schema{}
	for name, one := range all {
		found[name] = one.spoken()
	}
	return found
}
