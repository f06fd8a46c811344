"""What is left of a spec without its mistakes, and which findings about that are true of the whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace

from mlopsgen.diagnostics import Diagnostic, On, Span, SpecPath
from mlopsgen.records import dataclass
from mlopsgen.source import Node, Source

_OF_ONE_PLACE = frozenset(
    ["MG103", "MG104", "MG106", "MG110", "MG112", "MG113", "MG115", "MG118", "MG119", "MG128", "MG129", "MG303"]
)
"""Codes of findings that are about one place alone, whatever stands elsewhere."""
_DECLARED = ("data", "steps", "training", "evaluation", "parameters", "variables")
"""Sections that others refer to."""


@dataclass(slots=True)
class Remains:
    """A spec out of which mistakes are taken, one round after the other."""

    source: Source
    gone: list[SpecPath] = field(default_factory=list)
    """Paths that were taken out, as they were written."""

    def without(self, findings: Iterable[Diagnostic]) -> bool:
        """Takes out what findings are about, or mends its key; False when there is nothing to take."""
        before, wrong = len(self.gone), list(findings)
        spans = {d.span for d in wrong if d.span}
        renamed = {d.fix.span: d.fix.text for d in wrong if d.fix and d.fix.span and d.fix.on is On.KEY}
        self.source = replace(self.source, root=self._pruned(self.source.root, spans, renamed, ()))
        return len(self.gone) > before

    def _pruned(self, node: Node, spans: Collection[Span], renamed: Mapping[Span, str], path: SpecPath) -> Node:
        if isinstance(node.value, list):
            kept = [item for item in node.value if item.span not in spans]
            self.gone.extend([path] * (len(kept) < len(node.value)))
            return node.with_value([self._pruned(item, spans, renamed, (*path, n)) for n, item in enumerate(kept)])
        if not isinstance(node.value, dict):
            return node
        entries: dict[str, Node] = {}
        for key, child in node.value.items():
            new = renamed.get(child.key) if child.key else None
            if new is not None and new not in node.value:
                self.gone.append((*path, key))
                entries[new] = self._pruned(replace(child, key=None), spans, renamed, (*path, new))
            elif child.key in spans or child.span in spans:
                self.gone.append((*path, key))
            else:
                entries[key] = self._pruned(child, spans, renamed, (*path, key))
        return node.with_value(entries)

    def true(self, findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """Those findings about what is left that taking out the others cannot have brought about."""
        for finding in findings:
            missing = finding.code == "MG105" and not any(_near(path, finding.spec_path) for path in self.gone)
            lost = finding.code == "MG202" and self._lost(finding)
            if finding.code in _OF_ONE_PLACE or missing or lost:
                yield finding

    def _lost(self, finding: Diagnostic) -> bool:
        """Whether a reference leads nowhere though nothing was taken out that it could have meant."""
        words = set(re.findall(r"[a-z0-9_-]+", finding.message))
        declared = [path for path in self.gone if path[:1] and path[0] in _DECLARED]
        return not any(len(path) == 1 or words & set(map(str, path[1:])) for path in declared)


def _near(gone: SpecPath, missing: SpecPath) -> bool:
    """Whether something may be missing only since its neighbour, or a part of it, was taken out."""
    return gone[:-1] == missing[:-1] or gone[: len(missing)] == missing
