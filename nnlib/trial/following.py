"""Follow a value back through a notebook: which statements have to run so that it is there.

An object is known by a name and the statement that bound it. A statement that is needed brings
along what it reads, as that was when it ran; what the functions it defines will read, as that is
when they are called; and every statement in between that may change an object it gets hold of.
"""

import bisect
from collections import defaultdict

from nnlib.trial import effects
from nnlib.trial.statements import DEFINITION, Statement, bound_by, surely_bound_by


class Follower:
    """The statements of one notebook, and how they hang together."""

    def __init__(self, statements: list[Statement]):
        self.statements = statements
        nodes = [statement.node for statement in statements]
        self.names = effects.Names(filter(None, nodes))
        self.effects = [
            effects.of_statement(node, self.names) if node else effects.Effects() for node in nodes
        ]
        self._sure = [surely_bound_by([node]) if node else frozenset() for node in nodes]
        self.binders: dict[str, list[int]] = defaultdict(list)
        for i, (node, effect) in enumerate(zip(nodes, self.effects, strict=True)):
            for name in (bound_by(node) | effect.binds) if node else ():
                self.binders[name].append(i)
        self._changed_by: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._objects: dict[tuple[str, int], frozenset] = {}
        self._index_changes()

    def _index_changes(self) -> None:
        for i, effect in enumerate(self.effects):
            changed = set()
            for name in effect.behind(effect.changes):
                changed |= self.objects(name, i)
            if effect.backward:
                changed |= {(f"grad:{name}", -1) for name in self._computed_from(effect, i)}
            for thing in changed:
                self._changed_by[thing].append(i)

    def _computed_from(self, effect: effects.Effects, i: int) -> set[str]:
        """The names that took part in computing what gradients are sent back from."""
        found, todo = set(), [(name, i) for name in effect.behind(effect.backward)]
        while todo:
            name, at = todo.pop()
            if name in found:
                continue
            found.add(name)
            for binder in self.bound(name, at):
                todo += [(used, binder) for used in self.effects[binder].now]
        return found

    def bound(self, name: str, at: int) -> list[int]:
        """The statements before `at` that a name's value may come from, the latest first."""
        binders = self.binders.get(name, ())
        found = []
        for k in range(bisect.bisect_left(binders, at) - 1, -1, -1):
            found.append(binders[k])
            if name in self._sure[binders[k]]:
                break
        return found

    def objects(self, name: str, at: int) -> frozenset[tuple[str, int]]:
        """All objects that a name may give access to at that place: (a name, where it was bound)."""
        binders = self.bound(name, at)
        key = (name, binders[0] if binders else -1)
        if key not in self._objects:
            found, todo = set(), [(name, at)]
            while todo:
                name, at = todo.pop()
                binders = self.bound(name, at)
                for binder in binders or [-1]:
                    if (name, binder) in found:
                        continue
                    found.add((name, binder))
                    held = self.effects[binder].holds.get(name, ()) if binder >= 0 else ()
                    todo += [(other, binder) for other in held]
            self._objects[key] = frozenset(found)
        return self._objects[key]

    def needed(self, reads: set[str], later: set[str], at: int) -> dict[int, set[str]]:
        """The statements before `at` that have to run for what is read there.

        reads: the names. later: those that functions defined there read. Gives the number of each
        statement, with those of its names that are needed.
        """
        found: dict[int, set[str]] = defaultdict(set)
        todo, seen = [(name, at, at) for name in reads | later], set()
        while todo:  # a name, read at a place; its object may be used until another
            name, place, until = wanted = todo.pop()
            if wanted in seen:
                continue
            seen.add(wanted)
            binders, changers = self.bound(name, place), self.changers(name, place, until)
            for binder in binders:
                found[binder].add(name)
            for changer in changers:
                found[changer].add("")
            for i in {*binders, *changers}:
                effect, kept = self.effects[i], self._kept(i)
                todo += [(used, i, until if used in kept else i) for used in effect.now]
                todo += [(used, then, then) for used in effect.later for then in (place, until)]
                todo += [(f"grad:{used}", i, i) for used in effect.steps]
        return found

    def _kept(self, i: int) -> set[str]:
        """The names that a statement reads whose objects are used after it, too."""
        effect = self.effects[i]
        kept = set().union(*effect.holds.values(), *effect.puts.values())
        if isinstance(self.statements[i].node, DEFINITION):  # its bases, its decorators
            return kept | effect.now
        return kept | (effect.now & self.names.classes.keys())

    def changers(self, name: str, at: int, until: int) -> set[int]:
        """The statements before `until` that may change an object which a name gives access to."""
        kind, _, of = name.partition(":")
        things = set(self.objects(of if kind == "grad" else name, at))
        if kind == "grad":
            things = {(f"grad:{other}", -1) for other, _ in things}
        changers: set[int] = set()
        while things:
            new = {i for thing in things for i in self._changed_by[thing] if i < until} - changers
            changers |= new
            # What was put into it may be changed afterwards, too.
            held = {(other, i) for i in new for to in self.effects[i].puts.values() for other in to}
            things = set().union(*(self.objects(*each) for each in held))
        return changers
