"""Backward passes over the plain graph of fuzz_model: a `Plan` tells whether one may run, and runs it.

Invariant: nodes run from the latest to the earliest, and each only once its gradient is complete. Imported
by the fuzz tests and fuzz_programs.
"""

from __future__ import annotations

import heapq

from fuzz_model import Node, V, add, switched


class Plan:
    """The nodes that a backward pass runs, and whether it may."""

    def __init__(self, roots: list[V], targets: list | None) -> None:
        self.roots, self.targets = roots, targets
        seen: dict[int, object] = {}
        todo = [r.source for r in roots]
        while todo:
            each = todo.pop()
            if each is None or id(each) in seen:
                continue
            seen[id(each)] = each
            if type(each) is Node:
                todo += each.inputs
        self.leaves = [each for each in seen.values() if type(each) is V]
        nodes = sorted((each for each in seen.values() if type(each) is Node), key=lambda n: n.serial)
        leads = None if targets is None else {id(t) for t in targets}
        if leads is None:
            self.run = nodes
        else:
            self.run = []
            for each in nodes:
                if any(id(i) in leads for i in each.inputs if i is not None):
                    leads.add(id(each))
                    self.run.append(each)
        self.leads = leads

    def spent(self) -> bool | None:
        """Whether a saved value was used up before; None where a pass that failed may have done so."""
        states = {n.spent for n in self.run}
        return True if True in states else None if None in states else False

    def fail(self) -> None:
        """A pass that was broken off: what it ran is used up, what it did not run is as before."""
        for n in self.run:
            if n.spends and not n.spent:
                n.spent = None

    def overwritten(self) -> bool | None:
        """Whether a saved value was written since; None where the implementation may tell or do without."""
        found: bool | None = False
        for n in self.run:
            for store, version, sure in n.saves:
                if store.version != version:
                    if sure:
                        return True
                    found = None  # a 0-d value may have been saved as a number, which no write reaches
        return found

    def execute(self, cotangents: list[V], retain: bool, create: bool) -> dict[int, V]:
        """Gradients by id of source."""
        if not retain:
            for n in self.run:
                n.spent = True if n.spends else n.spent
        found: dict[int, V] = {}
        with switched(create):
            for root, g in zip(self.roots, cotangents, strict=True):
                _give(found, root.source, g)
            heap = [(-n.serial, i) for i, n in enumerate(self.run)]
            heapq.heapify(heap)
            while heap:
                n = self.run[heapq.heappop(heap)[1]]
                if id(n) not in found:
                    continue
                need = [i is not None and (self.leads is None or id(i) in self.leads) for i in n.inputs]
                for source, g in zip(n.inputs, n.pull(found[id(n)], need), strict=True):
                    if (
                        source is not None
                        and g is not None
                        and (self.leads is None or id(source) in self.leads)
                    ):
                        _give(found, source, g)
        return found


def _give(found: dict, source, g: V) -> None:
    have = found.get(id(source))
    found[id(source)] = g if have is None else add(have, g)
