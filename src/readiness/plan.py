"""What must be gathered for a selection of checks, and nothing else."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

from readiness import enumerated
from readiness.check import Check
from readiness.kinds import Kind, closure, parents_of, reads_files, source_of


@dataclasses.dataclass(frozen=True)
class Plan:
    """The kinds that the checks need, each after what it rests on."""

    kinds: tuple[Kind, ...]

    @property
    def listed(self) -> tuple[Kind, ...]:
        """The kinds that AWS is asked for; the others are derived from them."""
        return tuple(kind for kind in self.kinds if source_of(kind) is not None)

    @property
    def operations(self) -> frozenset[str]:
        """Every operation that may be called, as `service:Operation`."""
        return frozenset().union(*(source.operations for kind in self.kinds if (source := source_of(kind))))

    @property
    def shared(self) -> frozenset[str]:
        """The operations that more than one kind needs: their answers are kept until all have had them."""
        sources = [source for kind in self.kinds if (source := source_of(kind))]
        uses = collections.Counter(operation for source in sources for operation in source.operations)
        return frozenset(operation for operation, count in uses.items() if count > 1)

    @property
    def judged(self) -> dict[str, frozenset[enumerated.Mark]]:
        """Operation -> the members of its answers by whose values, of an enumeration of AWS, checks judge."""
        found: dict[str, frozenset[enumerated.Mark]] = {}
        for kind in self.listed:
            marks, source = enumerated.marks(kind), source_of(kind)
            for operation in source.operations if source and marks else ():
                found[operation] = found.get(operation, frozenset()) | marks
        return found

    @property
    def urgency(self) -> dict[str, int]:
        """Operation -> how many calls, at most, must come one after another from it on, itself included."""
        below: dict[Kind, int] = {}
        found: dict[str, int] = {}
        for kind in reversed(self.kinds):
            source = source_of(kind)
            height = below.get(kind, 0)
            for operation in reversed(source.ordered if source else ()):
                height += 1
                found[operation] = max(found.get(operation, 0), height)
            for parent in parents_of(kind):
                below[parent] = max(below.get(parent, 0), height)
        return found


def plan(checks: Sequence[Check], *, artifacts: bool = False) -> Plan:
    """The plan for these checks; kinds that are read from the user's files are left out where they may not be."""
    kinds = closure(kind for check in checks for kind in check.kinds)
    return Plan(tuple(kind for kind in kinds if artifacts or not reads_files(kind)))
