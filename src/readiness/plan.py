"""What must be gathered for a selection of checks, and nothing else."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

from readiness.check import Check
from readiness.resource import Kind, closure, source_of


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


def plan(checks: Sequence[Check]) -> Plan:
    """The plan for these checks."""
    return Plan(tuple(closure(kind for check in checks for kind in check.kinds)))
