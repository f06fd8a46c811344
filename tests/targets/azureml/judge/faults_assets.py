"""Faults in what a pipeline stands on: its environment, its data, its clusters, its image."""

from __future__ import annotations

from .seed import Absent, Doc, Faults, Seeded, drop, put, rename

faults = Faults()


def environment(b: Seeded) -> Doc:
    return b.all("environment")[0][1]


def data(b: Seeded) -> Doc:
    return b.all("data")[0][1]


def compute(b: Seeded) -> Doc:
    return b.all("amlCompute")[0][1]


@faults("rename", 430)
def typo_in_the_environment(b: Seeded) -> None:
    rename(environment(b), "description", "descripton")


@faults("rename", 430)
def image_by_its_old_name(b: Seeded) -> None:
    rename(environment(b), "image", "docker_image")


@faults("rename", 430)
def typo_in_the_data(b: Seeded) -> None:
    rename(data(b), "path", "paths")


@faults("rename", 430)
def typo_in_the_compute(b: Seeded) -> None:
    rename(compute(b), "max_instances", "max_nodes")


@faults("rename", 430)
def idle_time_by_its_short_name(b: Seeded) -> None:
    rename(compute(b), "idle_time_before_scale_down", "idle_time")


@faults("rename", 430)
def typo_in_the_network_of_a_cluster(b: Seeded) -> None:
    for _, found in b.all("amlCompute"):
        if "network_settings" in found:
            rename(found["network_settings"], "subnet", "subnets")
            return
    raise Absent


@faults("delete", 432)
def environment_without_a_name(b: Seeded) -> None:
    drop(environment(b), "name")


@faults("delete", 432)
def environment_of_nothing(b: Seeded) -> None:
    drop(environment(b), "image")


@faults("delete", 432)
def environment_that_gets_a_version_each_time(b: Seeded) -> None:
    drop(environment(b), "version")


@faults("delete", 432)
def data_without_a_path(b: Seeded) -> None:
    drop(data(b), "path")


@faults("delete", 432)
def data_without_a_name(b: Seeded) -> None:
    drop(data(b), "name")


@faults("delete", 432)
def data_without_a_version(b: Seeded) -> None:
    drop(data(b), "version")


@faults("delete", 432)
def data_without_a_type(b: Seeded) -> None:
    drop(data(b), "type")


@faults("delete", 432)
def compute_without_a_name(b: Seeded) -> None:
    drop(compute(b), "name")


@faults("delete", 432)
def compute_without_a_type(b: Seeded) -> None:
    drop(compute(b), "type")


@faults("delete", 432)
def compute_without_a_size(b: Seeded) -> None:
    drop(compute(b), "size")


@faults("delete", 432)
def compute_that_never_grows(b: Seeded) -> None:
    drop(compute(b), "max_instances")


@faults("retype", 431)
def name_of_the_environment_as_a_number(b: Seeded) -> None:
    put(environment(b), "name", 7)


@faults("retype", 431)
def image_as_a_map(b: Seeded) -> None:
    put(environment(b), "image", {"name": "acmeml.azurecr.io/x"})


@faults("retype", 431)
def path_of_the_data_as_a_list(b: Seeded) -> None:
    put(data(b), "path", [data(b)["path"]])


@faults("retype", 431)
def instances_as_words(b: Seeded) -> None:
    put(compute(b), "max_instances", "four")


@faults("retype", 431)
def ssh_as_a_word(b: Seeded) -> None:
    compute(b)["ssh_public_access_enabled"] = "never"


@faults("semantics", 433)
def unknown_type_of_data(b: Seeded) -> None:
    put(data(b), "type", "uri_folders")


@faults("semantics", 433)
def data_on_an_unknown_scheme(b: Seeded) -> None:
    put(data(b), "path", "s3://acme-ml/data/")


@faults("semantics", 433, 439)
def datastore_path_without_paths(b: Seeded) -> None:
    put(data(b), "path", "azureml://datastores/workspaceblobstore/schedule-adherence/data/")


@faults("semantics", 434, 444)
def local_data_that_is_not_there(b: Seeded) -> None:
    put(data(b), "path", "../data/activities.csv")


@faults("semantics", 433)
def unknown_size(b: Seeded) -> None:
    put(compute(b), "size", "Standard_DS3_v22")


@faults("semantics", 433)
def size_of_another_cloud(b: Seeded) -> None:
    put(compute(b), "size", "ml.m5.xlarge")


@faults("semantics", 433)
def size_without_standard(b: Seeded) -> None:
    put(compute(b), "size", "DS3_v2")


@faults("semantics", 433)
def unknown_tier(b: Seeded) -> None:
    compute(b)["tier"] = "spot"


@faults("semantics", 433)
def unknown_kind_of_compute(b: Seeded) -> None:
    put(compute(b), "type", "aml_compute")


@faults("semantics", 433)
def fewest_above_most(b: Seeded) -> None:
    compute(b).update({"min_instances": 5, "max_instances": 2})


@faults("semantics", 433)
def unknown_region(b: Seeded) -> None:
    compute(b)["location"] = "eu-west-1"


@faults("limits", 433, 437)
def fewer_than_no_instances(b: Seeded) -> None:
    compute(b)["min_instances"] = -1


@faults("limits", 433, 437)
def idle_for_no_time(b: Seeded) -> None:
    compute(b)["idle_time_before_scale_down"] = 10


@faults("limits", 433, 437)
def name_of_a_cluster_too_long(b: Seeded) -> None:
    _renamed(b, "c" * 33)


@faults("limits", 433)
def name_of_a_cluster_with_an_underscore(b: Seeded) -> None:
    _renamed(b, "cpu_cluster")


def _renamed(b: Seeded, new: str) -> None:
    old = compute(b)["name"]
    compute(b)["name"] = new
    settings = b.pipeline.get("settings", {})
    for holder, key in ((settings, "default_compute"), *((s, "compute") for s in b.jobs.values())):
        if holder.get(key) == f"azureml:{old}":
            holder[key] = f"azureml:{new}"


@faults("limits", 433)
def name_of_the_data_with_a_blank(b: Seeded) -> None:
    old = f"azureml:{data(b)['name']}:"
    data(b)["name"] = "schedule adherence"
    for found in b.pipeline.get("inputs", {}).values():
        if isinstance(found, dict) and str(found.get("path")).startswith(old):
            found["path"] = "azureml://datastores/workspaceblobstore/paths/x/"


@faults("limits", 433, 437)
def name_of_the_environment_too_long(b: Seeded) -> None:
    _environment_renamed(b, "e" * 256)


@faults("limits", 433)
def name_of_the_environment_with_a_slash(b: Seeded) -> None:
    _environment_renamed(b, "acme/schedule")


def _environment_renamed(b: Seeded, new: str) -> None:
    old = f"azureml:{environment(b)['name']}:"
    environment(b)["name"] = new
    for _, component in b.all("commandComponent"):
        if component.get("environment", "").startswith(old):
            component["environment"] = component["environment"].replace(old, f"azureml:{new}:")


@faults("semantics", 445)
def image_by_tag(b: Seeded) -> None:
    put(environment(b), "image", "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest")


@faults("semantics", 445)
def image_without_a_tag(b: Seeded) -> None:
    put(environment(b), "image", "acmeml.azurecr.io/schedule-adherence")


@faults("semantics", 433)
def image_with_a_short_digest(b: Seeded) -> None:
    put(environment(b), "image", "acmeml.azurecr.io/schedule-adherence@sha256:6d0f")


@faults("semantics", 433)
def both_an_image_and_a_build(b: Seeded) -> None:
    environment(b).update({"build": {"path": "image"}, "image": "acmeml.azurecr.io/x:1"})


@faults("semantics", 443)
def data_type_of_the_first_version(b: Seeded) -> None:
    put(data(b), "type", "tabular")


@faults("semantics", 443)
def dataset_of_the_first_version_as_input(b: Seeded) -> None:
    found = next(i for i in b.pipeline["inputs"].values() if isinstance(i, dict) and "path" in i)
    found["path"] = (
        "azureml:/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/datasets/d"
    )


@faults("semantics", 443)
def machine_that_was_retired(b: Seeded) -> None:
    put(compute(b), "size", "Standard_NC6")


@faults("semantics", 436)
def two_clusters_of_one_name(b: Seeded) -> None:
    found = b.all("amlCompute")
    if len(found) < 2:
        raise Absent
    found[1][1]["name"] = found[0][1]["name"]


@faults("semantics", 442, 433)
def ssh_open_to_the_internet(b: Seeded) -> None:
    compute(b)["ssh_public_access_enabled"] = True


@faults("dangle", 434)
def identity_of_a_cluster_that_nobody_makes(b: Seeded) -> None:
    for _, found in b.all("amlCompute"):
        for identity in found.get("identity", {}).get("user_assigned_identities", []):
            identity["resource_id"] += "-x"
            return
    raise Absent


@faults("dangle", 434)
def environment_that_no_step_runs_in(b: Seeded) -> None:
    schema = environment(b)["$schema"]
    image = environment(b).get("image", "x")
    b.files["spare.yml"] = {"$schema": schema, "name": "spare", "version": "1", "image": image}


@faults("dangle", 434)
def cluster_that_nothing_runs_on(b: Seeded) -> None:
    b.files["compute/spare.yml"] = {**compute(b), "name": "spare"}


@faults("dangle", 434)
def component_that_no_step_is(b: Seeded) -> None:
    b.files["components/spare.yml"] = {**b.all("commandComponent")[0][1], "name": "spare"}


@faults("dangle", 444, by="manifest")
def environment_is_missing(b: Seeded) -> None:
    drop(b.files, b.all("environment")[0][0])


@faults("dangle", 444, by="manifest")
def readme_is_missing(b: Seeded) -> None:
    drop(b.files, "README.md")


@faults("dangle", 444, by="manifest")
def pipeline_is_missing(b: Seeded) -> None:
    drop(b.files, b.all("pipelineJob")[0][0])


@faults("dangle", 444, 434, by="manifest")
def dockerfile_is_missing(b: Seeded) -> None:
    drop(b.files, "image/Dockerfile")


@faults("semantics", 445)
def base_image_by_tag(b: Seeded) -> None:
    name = next((n for n in b.files if n.endswith("Dockerfile")), None)
    if name is None:
        raise Absent
    b.files[name] = "FROM python:latest\n" + b.files[name].split("\n", 1)[1]


@faults("semantics", 442)
def image_that_runs_as_root(b: Seeded) -> None:
    name = next((n for n in b.files if n.endswith("Dockerfile")), None)
    if name is None:
        raise Absent
    b.files[name] = "\n".join(line for line in b.files[name].split("\n") if not line.startswith("USER"))
    b.files[name] += "USER root\n"


@faults("semantics", 438)
def environment_is_empty(b: Seeded) -> None:
    b.files[b.all("environment")[0][0]] = "\n"


@faults("semantics", 438)
def two_documents_in_one_file(b: Seeded) -> None:
    name, found = b.all("data")[0]
    b.files[name] = f"$schema: {found['$schema']}\nname: a\n---\nname: b\n"
