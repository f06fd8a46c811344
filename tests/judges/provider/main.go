// A provider of Terraform that knows another one's schema, and no cloud.
//
// It reads schema.json beside itself. What a configuration says is judged by the schema; a plan says of every computed
// attribute that it is known later, an apply makes a value up, and reading finds what the state has.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	schemas, err := read(filepath.Join(filepath.Dir(program), "schema.json"))
	if err != nil {
		log.Fatal(err)
	}
	provider := Provider{schemas: schemas, resources: spoken(schemas.Resources), data: spoken(schemas.Data)}
	if err := tf6server.Serve(schemas.Source, func() tfprotov6.ProviderServer { return provider }); err != nil {
		log.Fatal(err)
	}
}

// Provider answers what a plan and an apply ask; the rest of the protocol, nobody asks it.
type Provider struct {
	tfprotov6.ProviderServer
	schemas         Schemas
	resources, data map[string]*tfprotov6.Schema
}

func (p Provider) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	answer := &tfprotov6.GetMetadataResponse{}
	for name := range p.resources {
		answer.Resources = append(answer.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range p.data {
		answer.DataSources = append(answer.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return answer, nil
}

func (p Provider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	provider := p.schemas.Provider.spoken()
	return &tfprotov6.GetProviderSchemaResponse{Provider: provider, ResourceSchemas: p.resources, DataSourceSchemas: p.data}, nil
}

func (p Provider) ValidateProviderConfig(_ context.Context, asked *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: asked.Config}, nil
}

func (p Provider) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (p Provider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

// ValidateResourceConfig says what the schema alone cannot: an attribute that is only read was given a value.
func (p Provider) ValidateResourceConfig(_ context.Context, asked *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	answer := &tfprotov6.ValidateResourceConfigResponse{}
	given, err := asked.Config.Unmarshal(p.resources[asked.TypeName].ValueType())
	if err != nil {
		return nil, err
	}
	each(p.schemas.Resources[asked.TypeName].Block, given, tftypes.NewAttributePath(), func(one Attribute, at *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if !one.Required && !one.Optional && !value.IsNull() {
			answer.Diagnostics = append(answer.Diagnostics, &tfprotov6.Diagnostic{
				Severity: tfprotov6.DiagnosticSeverityError, Summary: "Read-only attribute", Attribute: at,
				Detail: fmt.Sprintf("%s is decided by the service: no value can be given.", at),
			})
		}
		return value
	})
	return answer, nil
}

func (p Provider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (p Provider) UpgradeResourceState(_ context.Context, asked *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	kind := p.resources[asked.TypeName].ValueType()
	kept, err := asked.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(kind, kept)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &state}, err
}

func (p Provider) ReadResource(_ context.Context, asked *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: asked.CurrentState}, nil
}

func (p Provider) PlanResourceChange(_ context.Context, asked *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	kind := p.resources[asked.TypeName].ValueType()
	before, err := asked.PriorState.Unmarshal(kind)
	if err != nil || !before.IsNull() {
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: asked.ProposedNewState}, err
	}
	state, err := changed(kind, p.schemas.Resources[asked.TypeName].Block, asked.ProposedNewState, later)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: state}, err
}

func (p Provider) ApplyResourceChange(_ context.Context, asked *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	kind := p.resources[asked.TypeName].ValueType()
	state, err := changed(kind, p.schemas.Resources[asked.TypeName].Block, asked.PlannedState, made)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}

func (p Provider) ReadDataSource(_ context.Context, asked *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	kind, block := p.data[asked.TypeName].ValueType(), p.schemas.Data[asked.TypeName].Block
	state, err := changed(kind, block, asked.Config, later)
	if err == nil {
		state, err = changed(kind, block, state, made)
	}
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

// Change is what becomes of one attribute.
type Change func(one Attribute, at *tftypes.AttributePath, value tftypes.Value) tftypes.Value

// later leaves open what the service decides.
func later(one Attribute, _ *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
	if one.Computed && value.IsNull() {
		return tftypes.NewValue(one.Type.of, tftypes.UnknownValue)
	}
	return value
}

// made makes up what was left open.
func made(one Attribute, at *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
	kind := one.Type.of
	switch {
	case value.IsFullyKnown():
		return value
	case kind.Is(tftypes.String):
		return tftypes.NewValue(kind, "made-up")
	case kind.Is(tftypes.Number):
		return tftypes.NewValue(kind, 7)
	case kind.Is(tftypes.Bool):
		return tftypes.NewValue(kind, true)
	}
	return tftypes.NewValue(kind, nil)
}

func changed(kind tftypes.Type, block Block, given *tfprotov6.DynamicValue, change Change) (*tfprotov6.DynamicValue, error) {
	value, err := given.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(kind, each(block, value, tftypes.NewAttributePath(), change))
	return &state, err
}

// each is the value after a change of every attribute, those in nested blocks too.
func each(block Block, value tftypes.Value, at *tftypes.AttributePath, change Change) tftypes.Value {
	fields := map[string]tftypes.Value{}
	if value.IsNull() || !value.IsKnown() || value.As(&fields) != nil {
		return value
	}
	for name, one := range block.Attributes {
		fields[name] = change(one, at.WithAttributeName(name), fields[name])
	}
	for name, one := range block.Blocks {
		inner, place := fields[name], at.WithAttributeName(name)
		var listed []tftypes.Value
		switch {
		case inner.IsNull() || !inner.IsKnown():
		case one.Mode == "single":
			fields[name] = each(one.Block, inner, place, change)
		case inner.As(&listed) == nil:
			for i := range listed {
				listed[i] = each(one.Block, listed[i], place.WithElementKeyInt(i), change)
			}
			fields[name] = tftypes.NewValue(inner.Type(), listed)
		}
	}
	return tftypes.NewValue(value.Type(), fields)
}
