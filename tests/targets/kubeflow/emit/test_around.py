"""What a pipeline needs in its namespace, and no more: accounts, roles, policies, schedules, registries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .made import made, refused

TUNED: dict[str, Any] = {
    "training": {
        "run": "train.py",
        "tuning": {"metric": "accuracy", "strategy": "bayesian", "trials": 4, "search": {"depth": {"int": [2, 8]}}},
    }
}


def test_a_run_may_do_what_it_needs_and_no_more(tmp_path: Path) -> None:
    bundle = made(tmp_path)
    assert bundle.manifest_names == {"kustomization.yaml", "serviceaccounts.yaml", "rbac.yaml"}
    role, binding = bundle.manifests("rbac.yaml")
    assert [(r["resources"], r["verbs"]) for r in role["rules"]] == [
        (["workflowtaskresults"], ["create", "patch"]),
        (["pods"], ["get", "list", "watch"]),
        (["configmaps"], ["get"]),
    ]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "payers-run", "namespace": "ml"}]
    assert [one["metadata"]["name"] for one in bundle.manifests("serviceaccounts.yaml")] == ["payers-run"]


def test_a_search_may_make_experiments_and_its_trials_may_nothing(tmp_path: Path) -> None:
    bundle = made(tmp_path, TUNED, service_account_annotations={"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/ml"})
    rules = bundle.manifests("rbac.yaml")[0]["rules"]
    assert {"apiGroups": ["kubeflow.org"], "resources": ["experiments"], "verbs": ["create", "get", "delete"]} in rules
    runs, works = bundle.manifests("serviceaccounts.yaml")
    assert (works["metadata"]["name"], works["automountServiceAccountToken"]) == ("payers-worker", False)
    assert runs["metadata"]["annotations"] == works["metadata"]["annotations"]
    pod = bundle.json("manifests/training-experiment.json")["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]
    assert pod["spec"]["serviceAccountName"] == "payers-worker"
    (made_of,) = bundle.manifests("kustomization.yaml")[0]["configMapGenerator"]
    assert made_of["files"] == ["object.json=training-experiment.json"]
    assert bundle.told("training-search")["configMapAsVolume"][0]["configMapName"] == made_of["name"]
    other = made(tmp_path, {**TUNED, "description": "said otherwise", "owner": "somebody else"})
    assert other.manifests("kustomization.yaml")[0]["configMapGenerator"][0]["name"] != made_of["name"]


def test_an_account_that_exists_gets_no_roles(tmp_path: Path) -> None:
    bundle = made(tmp_path, TUNED, service_account="default-editor")
    assert bundle.manifest_names == {"kustomization.yaml", "training-experiment.json"}
    assert "ACCOUNT=default-editor" in bundle.readme


def test_groups_may_deploy_and_start(tmp_path: Path) -> None:
    spec = {"governance": {"access": {"deploy": ["managers"], "invoke": ["app:readers"]}}}
    deploy, binding, invoke, other = made(tmp_path, spec).manifests("access.yaml")
    assert binding["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "managers"}]
    assert other["subjects"][0]["name"] == "app:readers"
    assert {r["apiGroups"][0] for r in (*deploy["rules"], *invoke["rules"])} == {"pipelines.kubeflow.org"}
    assert [r["verbs"] for r in invoke["rules"] if r["resources"] == ["runs"]] == [["get", "list", "create"]]


def test_a_private_network_is_a_policy(tmp_path: Path) -> None:
    bundle = made(tmp_path, {"governance": {"network": {"private": True}}}, egress=["52.218.0.0/17"])
    (policy,) = bundle.manifests("networkpolicy.yaml")
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    ranges = [one["ipBlock"]["cidr"] for one in policy["spec"]["egress"][-1]["to"]]
    assert ranges == ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "52.218.0.0/17"]
    selected = policy["spec"]["podSelector"]["matchLabels"]
    for step in ("prepare", "training"):
        assert selected.items() <= bundle.told(step)["podMetadata"]["labels"].items()


def test_a_private_network_does_not_cut_katib_off_from_the_pod_of_its_algorithm(tmp_path: Path) -> None:
    tuning = {"metric": "f1", "strategy": "bayesian", "trials": 4, "search": {"depth": {"int": [2, 8]}}}
    private = {"governance": {"network": {"private": True}}, "training": {"run": "train.py", "tuning": tuning}}
    bundle = made(tmp_path, private, storage="gs://acme-ml")
    (policy,) = bundle.manifests("networkpolicy.yaml")
    selected = policy["spec"]["podSelector"]["matchLabels"].items()
    search = bundle.json("manifests/training-experiment.json")
    assert not selected <= search["metadata"]["labels"].items(), "Katib hands these on to the pod of its algorithm"
    trial = search["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["metadata"]["labels"]
    assert selected <= trial.items()
    assert any("Cloud Storage has none" in one.message for one in bundle.found)


PRIVATE: dict[str, Any] = {"governance": {"network": {"private": True}}}


def reached(bundle: Any) -> list[tuple[str, int | None]]:
    """Every range that the policy lets pods reach, and its first port."""
    (policy,) = bundle.manifests("networkpolicy.yaml")
    rules = policy["spec"]["egress"]
    blocks = [(to["ipBlock"]["cidr"], rule) for rule in rules for to in rule["to"] if "ipBlock" in to]
    return [(cidr, rule["ports"][0]["port"] if "ports" in rule else None) for cidr, rule in blocks]


def test_a_private_network_still_reaches_the_clusters_api_where_that_is_public(tmp_path: Path) -> None:
    """Argo's and KFP's own parts of a pod write there what became of it; AKS and GKE have it at a public address."""
    bundle = made(tmp_path, PRIVATE, cloud="azure", api_server=["20.50.2.9/32"])
    assert ("20.50.2.9/32", 443) in reached(bundle)
    assert not any("API server" in one.message for one in bundle.found)
    for cloud, said in (("azure", True), ("gcp", True), (None, True), ("aws", False)):
        found = made(tmp_path, PRIVATE, cloud=cloud).found
        assert any("API server" in one.message for one in found) is said


def test_a_private_network_reaches_its_nodes_name_service_and_who_says_who_a_pod_is(tmp_path: Path) -> None:
    assert ("169.254.20.10/32", 53) in reached(made(tmp_path, PRIVATE))
    assert ("169.254.170.23/32", 80) in reached(made(tmp_path, PRIVATE, cloud="aws"))
    on_google = reached(made(tmp_path, PRIVATE, cloud="gcp", storage="gs://acme-ml"))
    assert {("169.254.169.254/32", 80), ("169.254.169.252/32", 988)} <= {*on_google}


def test_a_private_network_on_openshift_finds_names_too(tmp_path: Path) -> None:
    """docs.openshift.com, networking, DNS operator: its pods are in `openshift-dns` and answer at 5353, not 53."""
    (policy,) = made(tmp_path, PRIVATE).manifests("networkpolicy.yaml")
    space = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-dns"}}}
    (rule,) = [one for one in policy["spec"]["egress"] if space in one["to"]]
    assert [(one["protocol"], one["port"]) for one in rule["ports"]] == [("UDP", 5353), ("TCP", 5353)]


def test_tags_are_labels_and_what_is_no_label_is_an_annotation(tmp_path: Path) -> None:
    bundle = made(tmp_path, {"tags": {"domain": "construction", "said": "two words"}, "owner": "Team A"})
    (account,) = bundle.manifests("serviceaccounts.yaml")
    assert account["metadata"]["labels"]["domain"] == "construction"
    assert "said" not in account["metadata"]["labels"]
    search = made(tmp_path, {**TUNED, "tags": {"said": "two words"}}).json("manifests/training-experiment.json")
    assert search["metadata"]["annotations"]["said"] == "two words"
    assert refused(tmp_path, {"tags": {"two words": "x"}}) == [("MG305", "tags.two words")]
    assert refused(tmp_path, {"tags": {"app.kubernetes.io/part-of": "x"}}) == [
        ("MG305", "tags.app.kubernetes.io/part-of")
    ]


def test_runs_are_cleaned_up_when_their_time_has_come(tmp_path: Path) -> None:
    assert made(tmp_path, {"governance": {"retention": "30d"}}).settings == {"resourceTtlOnCompletion": 2592000}
    assert made(tmp_path).settings == {}


def test_images_are_pulled_with_the_secrets_named(tmp_path: Path) -> None:
    bundle = made(tmp_path, TUNED, pull_secrets=["ghcr"])
    for step in ("prepare", "training-search", "training"):
        assert [one["secretName"] for one in bundle.told(step)["imagePullSecret"]] == ["ghcr"]
    pod = bundle.json("manifests/training-experiment.json")["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]
    assert pod["spec"]["imagePullSecrets"] == [{"name": "ghcr"}]
    assert "`ghcr`" in bundle.readme


def weekly(zone: str, line: str = "30 2 * * fri-sun") -> dict[str, Any]:
    return {"triggers": {"weekly": {"start": "training", "schedule": line, "timezone": zone}}}


def test_a_schedule_is_a_recurring_run(tmp_path: Path) -> None:
    run = made(tmp_path, weekly("UTC")).json("recurring-runs/weekly.json")
    assert run["trigger"]["cron_schedule"]["cron"] == "0 30 2 * * 0,5,6"
    assert (run["service_account"], run["namespace"], run["mode"]) == ("payers-run", "ml", "ENABLE")
    assert made(tmp_path, weekly("Etc/UTC")).files
    assert made(tmp_path, weekly("Europe/Paris"), timezone="Europe/Paris").files


def test_a_schedule_in_another_zone_would_run_at_another_time(tmp_path: Path) -> None:
    assert refused(tmp_path, weekly("Europe/Paris")) == [("MG311", "triggers.weekly.timezone")]
    assert refused(tmp_path, weekly("UTC"), timezone="Europe/Paris") == [("MG311", "triggers.weekly.timezone")]


def test_the_registry_is_the_one_that_is_named(tmp_path: Path) -> None:
    registry = {"registry": {"model": "payers", "approval": "manual", "card": {"limits": "costs 5$"}}}
    words = made(tmp_path, registry, registry="model-registry", registry_secret={"name": "mr"}).container("registry")
    assert words["args"][1] == (
        "--registry=model-registry:http://model-registry-service.kubeflow.svc.cluster.local:8080"
        "?files=s3://acme-ml/payers/registry"
    )
    assert "--approval=manual" in words["args"]
    assert '--card={"limits": "costs 5$"}' in words["args"]
    told = made(tmp_path, registry, registry="model-registry", registry_secret={"name": "mr"}).told("registry")
    assert told["secretAsEnv"][-1]["keyToEnv"] == [{"secretKey": "token", "envVar": "MLOPSGEN_REGISTRY_TOKEN"}]
    bundle = made(
        tmp_path, registry, registry="mlflow", registry_url="https://mlflow.example", registry_secret={"name": "mr"}
    )
    assert bundle.container("registry")["args"][1] == "--registry=mlflow:https://mlflow.example"
    assert bundle.told("registry")["secretAsEnv"][-1]["keyToEnv"][0]["envVar"] == "MLFLOW_TRACKING_TOKEN"
    assert b"mlflow-skinny" in bundle.files["image/requirements.txt"]
    assert refused(tmp_path, registry, registry="mlflow") == [("MG301", "targets.kubeflow.registry")]
    elsewhere = {**registry, "tracking": {"backend": {"mlflow": "https://mlflow.example"}}}
    assert (
        "--registry=mlflow:https://mlflow.example"
        in made(tmp_path, elsewhere, registry="mlflow").container("registry")["args"]
    )
    assert refused(tmp_path, registry, registry_url="https://x.example") == [("MG309", "targets.kubeflow.registry_url")]


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"governance": {"encryption": {"key": "alias/ml"}}}, ("MG301", "governance.encryption.key")),
        ({"governance": {"lineage": True}}, ("MG302", "governance.lineage")),
        (
            {
                "data": {"source": "s3://acme-lake/rows/", "label": "paid"},
                "triggers": {"fresh": {"start": "training", "new_data": "data.source"}},
            },
            ("MG301", "triggers.fresh.new_data"),
        ),
    ],
)
def test_what_a_cluster_does_not_do_is_refused(tmp_path: Path, spec: dict[str, Any], found: tuple[str, str]) -> None:
    assert refused(tmp_path, spec) == [found]


def test_a_version_names_the_data_that_its_run_read(tmp_path: Path) -> None:
    spec = {
        "parameters": {"day": {"type": "string", "default": "2026-01-01"}},
        "data": {"source": "s3://acme-ml/rows/${parameters.day}/", "label": "paid", "split": "none"},
        "registry": {},
    }
    words = made(tmp_path, spec).container("registry")["args"]
    assert "--version-of-data=source: s3://acme-ml/rows/{{$.inputs.parameters['day']}}/" in words


def test_a_report_is_no_file_for_those_who_show_html(tmp_path: Path) -> None:
    """Kubeflow's and Vertex AI's pages read one file of a system.HTML, and a port is a folder."""
    step = {"run": "clean.py", "inputs": {"rows": "data.source"}, "outputs": {"page": "report"}}
    made_of = made(tmp_path, {"steps": {"clean": step}}).pipeline["components"]["comp-clean"]
    page = made_of["outputDefinitions"]["artifacts"]["page"]
    assert page["artifactType"]["schemaTitle"] == "system.Artifact"


def test_images_have_to_lie_somewhere(tmp_path: Path) -> None:
    assert refused(tmp_path, images=None) == [("MG301", "targets.kubeflow")]
    given = made(tmp_path, {"code": {"image": "ghcr.io/acme/payers:1.4.2"}}, images=None)
    assert given.container("training")["image"] == "ghcr.io/acme/payers:1.4.2"


def test_secrets_are_keys_of_secrets(tmp_path: Path) -> None:
    spec = {"training": {"run": "train.py", "secrets": {"TOKEN": "hub/token", "USER": "hub/user", "PASSWORD": "db"}}}
    asked = {one["secretName"]: one["keyToEnv"] for one in made(tmp_path, spec).told("training")["secretAsEnv"]}
    assert [key["envVar"] for key in asked["hub"]] == ["TOKEN", "USER"]
    assert asked["db"] == [{"secretKey": "PASSWORD", "envVar": "PASSWORD"}]
    other = {"training": {"run": "train.py", "secrets": {"TOKEN": "aws-secretsmanager://eu-west-1/x"}}}
    assert refused(tmp_path, other)[0][0] == "MG312"


def test_native_keys_reach_both_documents(tmp_path: Path) -> None:
    steps = {"training": {"taskInfo": {"name": "Train"}, "imagePullPolicy": "Always"}}
    bundle = made(tmp_path, steps=steps)
    assert bundle.pipeline["root"]["dag"]["tasks"]["training"]["taskInfo"] == {"name": "Train"}
    assert bundle.told("training")["imagePullPolicy"] == "Always"
    assert bundle.told("training")["podMetadata"]["labels"]
    assert "pipeline.yaml at training" in bundle.readme


def test_a_tag_that_is_no_label_is_on_everything_all_the_same(tmp_path: Path) -> None:
    bundle = made(tmp_path, {"tags": {"note": "free text!"}, "owner": "team a", "governance": PRIVATE["governance"]})
    asked = {"note": "free text!", "mlopsgen.dev/owner": "team a"}
    assert asked.items() <= bundle.told("training")["podMetadata"]["annotations"].items()
    for name in ("serviceaccounts.yaml", "rbac.yaml", "networkpolicy.yaml"):
        for item in bundle.manifests(name):
            assert asked.items() <= item["metadata"]["annotations"].items()


def test_a_tag_that_argo_would_fill_in_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, {"tags": {"note": "a {{b}}"}}) == [("MG308", "tags.note")]
    assert refused(tmp_path, {"owner": "a {{b}}"}) == [("MG308", "owner")]


def test_a_private_network_needs_what_tells_a_pod_its_role(tmp_path: Path) -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/x"}
    said = made(tmp_path, PRIVATE, cloud="aws", service_account_annotations=role).found
    assert any("S3 and STS" in one.message for one in said)
    assert not any("STS" in one.message for one in made(tmp_path, PRIVATE, cloud="aws").found)
