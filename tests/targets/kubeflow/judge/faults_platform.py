"""Faults in the second document of a package: what Kubernetes does for each executor."""

from __future__ import annotations

from tests.targets.ir.judge.seed import Absent, Faults, Seeded, place

faults = Faults()

faults.renames(
    "platform",
    {
        "/platforms": "platform",
        "/platforms.kubernetes": "k8s",
        "kubernetes.deploymentSpec": "deployment",
        "deploymentSpec.executors": "executor",
        "executors.*.secretAsEnv": "secretsAsEnv",
        "secretAsEnv.[].secretName": "name",
        "secretAsEnv.[].keyToEnv": "keys",
        "keyToEnv.[].secretKey": "key",
        "keyToEnv.[].envVar": "env",
        "keyToEnv.[].configMapKey": "key",
        "executors.*.pvcMount": "pvc",
        "pvcMount.[].mountPath": "path",
        "executors.*.nodeSelector": "nodeLabels",
        "nodeSelector.labels": "label",
        "executors.*.tolerations": "toleration",
        "tolerations.[].operator": "op",
        "executors.*.podMetadata": "metadata",
        "podMetadata.labels": "label",
        "executors.*.activeDeadlineSeconds": "timeout",
        "executors.*.imagePullPolicy": "pullPolicy",
        "executors.*.imagePullSecret": "imagePullSecrets",
        "executors.*.emptyDirMounts": "emptyDirs",
        "emptyDirMounts.[].sizeLimit": "size",
        "executors.*.fieldPathAsEnv": "downward",
        "executors.*.secretAsVolume": "secretVolume",
        "genericEphemeralVolume.[].size": "storage",
    },
)
faults.retypes(
    "platform",
    [
        ("secretAsEnv", {"secretName": "tracking"}),
        ("secretAsEnv.[].optional", "no"),
        ("keyToEnv", {"token": "TOKEN"}),
        ("nodeSelector.labels", ["gpu"]),
        ("nodeSelector.labels.*", 5),
        ("tolerations", "all"),
        ("podMetadata.annotations.*", False),
        ("activeDeadlineSeconds", "two hours"),
        ("activeDeadlineSeconds", "-5"),
        ("activeDeadlineSeconds", "0"),
        ("imagePullPolicy", "Sometimes"),
        ("tolerations.[].operator", "Like"),
        ("tolerations.[].operator", "Exists"),
        ("tolerations.[].effect", "NoRun"),
        ("genericEphemeralVolume.[].accessModes", ["ReadWriteAlways"]),
        ("genericEphemeralVolume.[].accessModes", "ReadWriteOnce"),
        ("genericEphemeralVolume.[].size", "20 gigs"),
        ("emptyDirMounts.[].sizeLimit", "-10Gi"),
        ("pvcMount.[].mountPath", "cache"),
        ("pvcMount.[].mountPath", 3),
        ("fieldPathAsEnv.[].fieldPath", "metadata.nome"),
        ("keyToEnv.[].envVar", "1TOKEN"),
        ("nodeSelector.labels.*", "Standard NC6s"),
        ("podMetadata.labels.*", "schedule adherence!"),
        ("secretAsEnv.[].secretName", "Tracking_Secret"),
        ("deploymentSpec.executors", []),
    ],
)
faults.deletes(
    "platform",
    *("secretAsEnv.[].keyToEnv", "keyToEnv.[].secretKey", "keyToEnv.[].envVar", "pvcMount.[].mountPath"),
    *("genericEphemeralVolume.[].size", "genericEphemeralVolume.[].volumeName", "emptyDirMounts.[].mountPath"),
    *("fieldPathAsEnv.[].fieldPath", "secretAsVolume.[].mountPath", "kubernetes.deploymentSpec"),
)


@faults("dangle", 434)
def executor_that_the_pipeline_does_not_have(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "deploymentSpec.executors.*")
    holder[key + "x"] = holder.pop(key)


@faults("dangle", 434)
def claim_that_no_manifest_makes(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "pvcMount.[].constant")
    holder[key] += "x"
    holder["pvcNameParameter"]["runtimeValue"]["constant"] += "x"


@faults("dangle", 434)
def secret_that_the_readme_does_not_name(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "secretAsEnv.[].secretName")
    holder[key] += "x"
    holder["secretNameParameter"]["runtimeValue"]["constant"] += "x"


@faults("dangle", 434, 433)
def secret_of_two_names(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "secretAsEnv.[].secretNameParameter.runtimeValue.constant")
    holder[key] += "x"


@faults("dangle", 434)
def secret_named_by_an_unknown_input(b: Seeded) -> None:
    holder, _ = place([b.one("platform")], "secretAsEnv.[].secretNameParameter")
    holder["secretNameParameter"] = {"componentInputParameter": "nobody"}


@faults("dangle", 434)
def config_map_that_no_manifest_makes(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "configMapAsEnv.[].configMapName")
    holder[key] += "x"
    holder["configMapNameParameter"]["runtimeValue"]["constant"] += "x"


@faults("dangle", 434)
def key_that_the_config_map_does_not_have(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "configMapKey")
    holder[key] += "x"


@faults("dangle", 436)
def two_volumes_at_one_place(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "genericEphemeralVolume.[].mountPath")
    holder[key] = place([b.one("platform")], "emptyDirMounts.[].mountPath")[0]["mountPath"]


@faults("dangle", 436)
def one_variable_from_two_places(b: Seeded) -> None:
    executor = place([b.one("platform")], "executors.*.configMapAsEnv")[0]
    executor["fieldPathAsEnv"][0]["name"] = executor["configMapAsEnv"][0]["keyToEnv"][0]["envVar"]


@faults("semantics", 433)
def a_claim_named_in_two_ways(b: Seeded) -> None:
    place([b.one("platform")], "pvcMount.[]")[0][0]["componentInputParameter"] = "nobody"


@faults("semantics", 433)
def two_platforms(b: Seeded) -> None:
    platforms = b.one("platform")["platforms"]
    platforms["vertex"] = platforms["kubernetes"]


@faults("semantics", 436)
def two_platform_documents(b: Seeded) -> None:
    for value in b.files.values():
        if isinstance(value, list) and len(value) == 2 and "platforms" in value[1]:
            value.append(value[1])
            return
    raise Absent


@faults("semantics", 433)
def password_in_an_annotation(b: Seeded) -> None:
    holder, key = place([b.one("platform")], "podMetadata.annotations.*")
    holder[key] = "AKIA" + "IOSFODNN7ABCDEFG"


@faults("semantics", 437)
def pipeline_that_no_cluster_stores(b: Seeded) -> None:
    b.containers()[0].setdefault("args", []).append("x" * 2**20)
