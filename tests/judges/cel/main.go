// cel evaluates conditions of a pipeline as KFP's driver does: cel-go over the message ExecutorInput.
//
// Its argument is a file with the FileDescriptorSet of KFP's pipeline spec. {"condition": ..., "inputs": {...}} a line
// comes in, where inputs are those of ExecutorInput in JSON; {"value": ...} or {"error": ...} a line goes out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const longest = 1 << 24

type question struct {
	Condition string          `json:"condition"`
	Inputs    json.RawMessage `json:"inputs"`
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: cel DESCRIPTORS < QUESTIONS")
	}
	env, message := environment(os.Args[1])
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longest)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		answer := map[string]any{}
		if value, err := evaluated(env, message, lines.Bytes()); err != nil {
			answer["error"] = err.Error()
		} else {
			answer["value"] = value
		}
		if err := answers.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

// The driver declares the fields of the message and one function more.
func environment(path string) (*cel.Env, protoreflect.MessageDescriptor) {
	content, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(content, set); err != nil {
		log.Fatal(err)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		log.Fatal(err)
	}
	found, err := files.FindDescriptorByName("ml_pipelines.ExecutorInput")
	if err != nil {
		log.Fatal(err)
	}
	message := found.(protoreflect.MessageDescriptor)
	parseJSON := cel.Function("parseJson", cel.Overload(
		"parse_json", []*cel.Type{cel.StringType}, cel.DynType, cel.UnaryBinding(parsed),
	))
	env, err := cel.NewEnv(cel.TypeDescs(files), cel.DeclareContextProto(message), parseJSON)
	if err != nil {
		log.Fatal(err)
	}
	return env, message
}

func evaluated(env *cel.Env, message protoreflect.MessageDescriptor, line []byte) (any, error) {
	asked := question{Inputs: json.RawMessage("{}")}
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	tree, issues := env.Compile(asked.Condition)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(tree)
	if err != nil {
		return nil, err
	}
	input := dynamicpb.NewMessage(message)
	if err := protojson.Unmarshal(fmt.Appendf(nil, `{"inputs": %s}`, asked.Inputs), input); err != nil {
		return nil, err
	}
	variables, err := cel.ContextProtoVars(input)
	if err != nil {
		return nil, err
	}
	result, _, err := program.Eval(variables)
	if err != nil {
		return nil, err
	}
	value, boolean := result.Value().(bool)
	if !boolean {
		return nil, fmt.Errorf("return type is not bool, got %v", result.Value())
	}
	return value, nil
}

func parsed(text ref.Val) ref.Val {
	var value any
	if err := json.Unmarshal([]byte(text.Value().(string)), &value); err != nil {
		return types.NewErr("failed to unmarshal JSON: %s", err.Error())
	}
	return types.DefaultTypeAdapter.NativeToValue(value)
}
