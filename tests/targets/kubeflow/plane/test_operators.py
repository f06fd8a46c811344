"""The cluster knows the kinds of operators and of Kubernetes that serving and monitoring are made of."""

from __future__ import annotations

from copy import deepcopy

import pytest
import yaml

from tests.judges.cluster import Cluster
from tests.judges.faults import GONE, Change, changed

pytestmark = pytest.mark.slow

GOOD = """
InferenceService:
  apiVersion: serving.kserve.io/v1beta1
  spec:
    predictor:
      canaryTrafficPercent: 10
      minReplicas: 1
      model: {modelFormat: {name: sklearn}, storageUri: "s3://acme/wine", resources: {requests: {cpu: "1"}}}
InferenceGraph:
  apiVersion: serving.kserve.io/v1alpha1
  spec: {nodes: {root: {routerType: Sequence, steps: [{serviceName: wine}]}}}
ScaledObject:
  apiVersion: keda.sh/v1alpha1
  spec:
    scaleTargetRef: {name: scorer}
    minReplicaCount: 0
    triggers: [{type: kafka, metadata: {bootstrapServers: "k:9092", consumerGroup: g, topic: in, lagThreshold: "50"}}]
ScaledJob:
  apiVersion: keda.sh/v1alpha1
  spec:
    jobTargetRef: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: x}]}}}
    triggers: [{type: kafka, metadata: {topic: in}}]
TriggerAuthentication:
  apiVersion: keda.sh/v1alpha1
  spec: {secretTargetRef: [{parameter: password, name: kafka, key: password}]}
PrometheusRule:
  apiVersion: monitoring.coreos.com/v1
  spec: {groups: [{name: g, rules: [{alert: A, expr: "psi > 0.2", for: 5m, labels: {severity: page}}]}]}
ServiceMonitor:
  apiVersion: monitoring.coreos.com/v1
  spec: {selector: {matchLabels: {app: a}}, endpoints: [{port: metrics, interval: 30s}]}
PodMonitor:
  apiVersion: monitoring.coreos.com/v1
  spec: {selector: {matchLabels: {app: a}}, podMetricsEndpoints: [{port: metrics, interval: 30s}]}
CronJob:
  apiVersion: batch/v1
  spec:
    schedule: "0 3 * * *"
    timeZone: Europe/Berlin
    jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: x}]}}}}
Deployment:
  apiVersion: apps/v1
  spec:
    replicas: 2
    selector: {matchLabels: {app: a}}
    template: {metadata: {labels: {app: a}}, spec: {containers: [{name: m, image: x}]}}
HorizontalPodAutoscaler:
  apiVersion: autoscaling/v2
  spec: {minReplicas: 1, maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}
"""
FAULTS: dict[str, list[tuple[Change, str]]] = {
    "InferenceService": [
        (("spec.predictor.minReplica", 1), "minReplica: field not declared"),
        (("spec.predictor.canaryTrafficPercent", "ten"), "canaryTrafficPercent"),
    ],
    "InferenceGraph": [(("spec.nodes.root.routerType", "Chain"), "routerType")],
    "ScaledObject": [
        (("spec.triggers.0.metadata.lagThreshold", 50), "lagThreshold"),
        (("spec.minReplicas", 0), "minReplicas: field not declared"),
    ],
    "ScaledJob": [(("spec.jobTargetRef", GONE), "jobTargetRef")],
    "TriggerAuthentication": [(("spec.secretTargetRef.0.key", GONE), "key")],
    "PrometheusRule": [(("spec.groups.0.rules.0.for", "5 minutes"), "for")],
    "ServiceMonitor": [(("spec.endpoints.0.interval", "often"), "interval")],
    "PodMonitor": [(("spec.podMetricsEndpoints.0.ports", "metrics"), "ports: field not declared")],
    "CronJob": [(("spec.schedule", "0 25 * * *"), "schedule"), (("spec.timeZone", "Europe/Berlim"), "timeZone")],
    "Deployment": [(("spec.template.metadata.labels", {"app": "b"}), "selector"), (("spec.replicas", "2"), "replicas")],
    "HorizontalPodAutoscaler": [(("spec.minReplicas", 5), "maxReplicas")],
}


@pytest.mark.parametrize("kind", FAULTS)
def test_the_server_takes_the_kind_and_refuses_each_fault(cluster: Cluster, kind: str) -> None:
    good = {"kind": kind, "metadata": {"name": "one", "namespace": "default"}, **yaml.safe_load(GOOD)[kind]}
    assert cluster.apply(good) is None
    said = {words: cluster.apply(changed(deepcopy(good), change)) for change, words in FAULTS[kind]}
    assert {words: why for words, why in said.items() if why is None or words not in why} == {}
