"""All tables of a Kubeflow bundle in one: objects of Kubernetes, Katib and Trainer, and a package's second document."""

from __future__ import annotations

from mlopsgen.targets.ir.judge.shape import Table
from mlopsgen.targets.kubeflow.judge.beside import PLATFORM
from mlopsgen.targets.kubeflow.judge.core import CORE
from mlopsgen.targets.kubeflow.judge.scalars import SCALARS
from mlopsgen.targets.kubeflow.judge.searching import KATIB, TRAINER

_SOURCES = ("value", "valueFrom")
_VOLUMES = tuple(key for key in CORE["Volume"] if key != "name!")
ONE_OF = {
    "EnvVar": ((_SOURCES, False),),
    "EnvSource": ((("secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef", "fileKeyRef"), True),),
    "Volume": ((_VOLUMES, True),),
    "Peer": ((("ipBlock", "podSelector"), False), (("ipBlock", "namespaceSelector"), False)),
    "TrialTemplate": ((("trialSpec", "configMap"), True),),
    "PvcMount": ((("constant", "taskOutputParameter", "componentInputParameter"), False),),
}

TABLE = Table({**CORE, **KATIB, **TRAINER, **PLATFORM}, ONE_OF, SCALARS)
