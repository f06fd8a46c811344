"""Clusters: those that exist and are named by the options, and those that are made for the machines chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from mlopsgen.diagnostics import On
from mlopsgen.plan.steps import AnyJob, Resources, Tune
from mlopsgen.records import dataclass
from mlopsgen.spec.units import seconds
from mlopsgen.spec.values import Ref
from mlopsgen.targets.azureml import machines, names
from mlopsgen.targets.azureml.context import WHERE, Context
from mlopsgen.targets.azureml.native import Compute
from mlopsgen.targets.azureml.options import AzureMLOptions
from mlopsgen.targets.azureml.sizes import is_size
from mlopsgen.targets.listed import check_listed, machine_names

DEDICATED, LOW_PRIORITY = "dedicated", "low_priority"


@dataclass(slots=True)
class Clusters:
    """The clusters that steps run on, each made once."""

    context: Context
    clusters: dict[tuple[str, str], Compute] = field(default_factory=dict)

    def of(self, job: AnyJob) -> str:
        """The cluster of a step, `azureml:<name>`."""
        cluster = self._existing(job.name)
        if cluster is not None:
            _note_resources(self.context, job, cluster)
        beside = job.name in {one.name for one in self.context.batches}
        return self._placed(job.name, job.resources, _machines(self.context, job), beside=beside)

    def small(self, step: str) -> str:
        """The cluster of a step that asks for nothing, such as the registration."""
        return self._placed(step, Resources(), 1)

    def _existing(self, step: str) -> str | None:
        clusters = self.context.options.compute
        return None if step in self.context.options.machines else clusters.get(step) or clusters.get("default")

    def _placed(self, step: str, resources: Resources, most: int, *, beside: bool = False) -> str:
        """`beside` marks what runs whenever it likes, and must not wait for the end of a training."""
        existing = self._existing(step)
        if existing is not None:
            return f"azureml:{existing}"
        size = self._size(step, resources)
        tier = LOW_PRIORITY if resources.spot else DEDICATED
        key = (size.lower(), tier)
        before = self.clusters.get(key)
        cluster = before or self.single(size, tier)
        count = max(cluster.max_instances, most) if not beside else most + (before.max_instances if before else 0)
        self.clusters[key] = replace(cluster, max_instances=count)
        return f"azureml:{cluster.name}"

    def _size(self, step: str, resources: Resources) -> str:
        sizes = self.context.options.machines
        own = self._named(step, sizes.get(step))
        if own is not None:
            return own
        default = self._named("default", sizes.get("default"))
        catalogue = machines.catalogue()
        machine = catalogue.known(default)
        if default is not None and not (machine and not catalogue.fits(machine, resources)):
            return default
        chosen = catalogue.choose(resources)
        if chosen is None:
            catalogue.report_none(self.context, step, resources)
        return chosen.name if chosen else machines.DEFAULT

    def _named(self, step: str, named: str | Ref | None) -> str | None:
        """A size by name; that of a run parameter is its default, since a cluster is made before a run."""
        if not isinstance(named, Ref):
            return named
        declared = self.context.parameters[named.name]
        message = f"a cluster has one size of machine, so `{named.name}` is fixed when it is made"
        hint = "name the machine here, or a cluster in `targets.azureml.compute`"
        if declared.default is None:
            self.context.error("MG301", message, (*WHERE, "machines", step), hint=hint)
            return machines.DEFAULT
        self.context.note(message, (*WHERE, "machines", step), hint=hint)
        return str(declared.default)

    def single(self, size: str, tier: str) -> Compute:
        """A cluster of one machine, as the options say that clusters are."""
        context, options = self.context, self.context.options
        name = context.home.cluster(_short(size, tier))
        return Compute(
            file=f"compute/{name}.yml",
            name=name,
            size=size,
            tier=tier,
            max_instances=1,
            idle_time_before_scale_down=seconds(options.idle_time),
            location=context.home.region,
            identity=context.home.identity_id(context.home.identity),
            network=_network(options),
            private=bool(options.subnet) or (options.managed_network and context.plan.governance.private_network),
            tags=context.tags,
        )


def _note_resources(context: Context, job: AnyJob, cluster: str) -> None:
    """A cluster that exists has the machines that it has."""
    keys = [key for key in ("cpu", "memory", "disk", "gpu", "spot") if getattr(job.resources, key)]
    if keys:
        choices = ", ".join(f"`{key}`" for key in keys)
        message = (
            f"`{job.name}` runs on the cluster `{cluster}`, which exists: {choices} of `resources` choose no machine"
        )
        hint = f"`targets.azureml.machines: {{{job.name}: <size>}}` makes a cluster for it"
        context.note(message, (*job.resources.origin, keys[0]), hint=hint, on=On.KEY)


def _network(options: AzureMLOptions) -> Mapping[str, str] | None:
    """The subnet that clusters join; a managed network they join without a word (how-to-managed-network)."""
    if options.subnet is None:
        return None
    return {**({"vnet_name": options.network} if options.network else {}), "subnet": options.subnet}


def _short(size: str, tier: str) -> str:
    """A size in at most eight letters: `Standard_D4ds_v4` is `d4dsv4`; long ones are told apart by a digest."""
    plain = "".join(c for c in size.removeprefix("Standard_").lower() if c.isalnum())
    end = "lp" if tier == LOW_PRIORITY else ""
    if len(plain) + len(end) > names.MACHINE:
        digest = hashlib.sha256(plain.encode()).hexdigest()[:3]
        plain = plain[: names.MACHINE - len(end) - len(digest)] + digest
    return plain + end


def instance_count(context: Context, job: AnyJob) -> int:
    """How many machines a step runs on; a run parameter is known by its default."""
    nodes = job.resources.nodes
    if isinstance(nodes, Ref):
        from mlopsgen.targets.azureml.context import fixed_number

        key = "resources.instance_count"
        return fixed_number(
            context, nodes, (*job.resources.origin, "nodes"), f"jobs.{names.identifier(job.name)}.{key}"
        )
    return nodes


def shared_memory(job: AnyJob) -> str | None:
    """Room for what loaders hand to accelerators: 16 GiB for each, of the 28 or more that its machine has."""
    gpu = job.resources.gpu
    return f"{16 * gpu.count}g" if gpu is not None else None


def _machines(context: Context, job: AnyJob) -> int:
    """How many machines a step may use at once."""
    nodes = job.resources.nodes if isinstance(job.resources.nodes, int) else instance_count(context, job)
    if not isinstance(job, Tune):
        return nodes
    parallel = job.parallel
    if isinstance(parallel, Ref):
        most = context.parameters[parallel.name].maximum or context.parameters[parallel.name].default
        parallel = int(most) if isinstance(most, int | float) else 1
    return nodes * parallel


def check_machines(context: Context) -> None:
    """Reports machines and clusters of steps that are not there, and names that are no machine's."""
    known = sorted({one.name for one in (*context.plan.steps, *context.plan.services)} | {"default"})
    for name in context.options.compute:
        if name not in known:
            context.unknown(name, (*WHERE, "compute", name), known)
    for name in context.options.machines:
        where = (*WHERE, "machines", name)
        if name not in known:
            context.unknown(name, where, known)
        if name in context.options.compute:
            message = f"`{name}` has a cluster that exists and a machine to make one of"
            context.error("MG307", message, where, hint="take one of the two away", on=On.KEY)
    for machine, place in machine_names(context.options.machines, context.plan.parameters, (*WHERE, "machines")):
        if not is_size(machine):
            sizes = [one.name for one in machines.catalogue().machines]
            check_listed(context, "machine of Azure", machine, place, sizes)


def in_order(clusters: Clusters) -> Iterator[Compute]:
    """The clusters that are made, by name."""
    yield from sorted(clusters.clusters.values(), key=lambda one: one.name)
