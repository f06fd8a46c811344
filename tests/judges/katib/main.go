// katib reads Experiments as Katib's admission webhook does: defaults first, then the validator, with no cluster.
//
// One JSON document a line comes in; {"findings": [...]} a line goes out.
package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"log"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	experiments "github.com/kubeflow/katib/pkg/apis/controller/experiments/v1beta1"
	"github.com/kubeflow/katib/pkg/controller.v1beta1/consts"
	"github.com/kubeflow/katib/pkg/controller.v1beta1/experiment/manifest"
	"github.com/kubeflow/katib/pkg/webhook/v1beta1/experiment/validator"
)

// What an installation offers: the validator asks it for algorithms and metrics collectors.
//
//go:embed katib-config.yaml
var config string

const longest = 1 << 24

func main() {
	judge := installed()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longest)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := answers.Encode(map[string][]string{"findings": findings(judge, lines.Bytes())}); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

func installed() validator.Validator {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, experiments.AddToScheme} {
		if err := add(scheme); err != nil {
			log.Fatal(err)
		}
	}
	settings := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: consts.KatibConfigMapName, Namespace: consts.DefaultKatibNamespace},
		Data:       map[string]string{consts.LabelKatibConfigTag: config},
	}
	return validator.New(manifest.New(fake.NewClientBuilder().WithScheme(scheme).WithObjects(settings).Build()))
}

func findings(judge validator.Validator, document []byte) []string {
	experiment := &experiments.Experiment{}
	if err := yaml.UnmarshalStrict(document, experiment); err != nil {
		return []string{err.Error()}
	}
	experiment.SetDefault()
	said := []string{}
	for _, finding := range judge.ValidateExperiment(experiment, nil) {
		said = append(said, finding.Error())
	}
	return said
}
