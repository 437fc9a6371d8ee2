"""Finds a person in a SQL store: from identities to rows, from rows to who they stand for, to a fixed point.

1. Look the identities up in every table that has identity columns.
2. Climb from each hit to the row that stands for the person.
3. Read what is known of each such row: its identities, those of the rows below it, its names.
4. Judge by evidence (`matching`) whose rows these are. What became known is looked up in turn, from 1.
5. Descend from the person's rows to everything that belongs to them.
"""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence

from sqlalchemy import Connection

from governance.stores.comparison import same
from governance.stores.mapping import Parent, TableErase
from governance.stores.matching import Doubt, Profile, Question, Verdict, judge
from governance.stores.protocol import Candidate, Found, Identity, PersonTerms, RowRef
from governance.stores.queries import by_identity, by_key, by_values
from governance.stores.records import Record, full_names, identities_of, key_part, meets, terms_of, typed
from governance.stores.topology import Topology

ROUNDS = 12
"""Rounds after which following identities ends: by then a chain has left the person it began with."""
Step = tuple[str, Parent, RowRef, RowRef]
"""One following of an edge: into which table, along which edge, for which root, from which row."""
CLIMBS = 8
"""Parents above parents; more is a cycle in the data."""


def gather(connection: Connection, topology: Topology, question: Question) -> Found:
    """Everything of the person, through one connection and so in one snapshot where that has them."""
    return _Gathering(connection, topology, question).run()


class _Gathering:
    """The state of one search; lives for one call."""

    def __init__(self, connection: Connection, topology: Topology, question: Question) -> None:
        self.connection = connection
        self.topology = topology
        self.question = question
        self.records: dict[RowRef, Record] = {}
        self.below: dict[RowRef, set[RowRef]] = {}
        self.profiles: dict[RowRef, Profile] = {}

    def run(self) -> Found:
        verdict = self._follow()
        persons = sorted(verdict.accepted)
        rows = self._descend({row: {row} for row in persons}, self.topology.order)
        mine = sorted({row for found in rows.values() for row in found})
        asked = self.question.identities
        return Found(
            rows=tuple(mine),
            persons=tuple(persons),
            learnt=tuple(i for i in verdict.known if not any(same(i, known) for known in asked)),
            shared=verdict.shared,
            candidates=tuple(self._candidate(doubt) for doubt in verdict.doubts),
            terms=self._terms(mine, verdict.accepted),
        )

    def _follow(self) -> Verdict:
        """Steps 1 to 4, until nothing new is known."""
        self._take(self.question.same)
        looked_up: list[Identity] = []
        verdict = judge(self.question, self.profiles)
        for _ in range(ROUNDS):
            pending = [i for i in verdict.known if not any(same(i, done) for done in looked_up)]
            if not pending:
                break
            looked_up.extend(pending)
            self._profile(self._climb(self._hits(pending)))
            verdict = judge(self.question, self.profiles)
        return verdict

    def _take(self, refs: Iterable[RowRef]) -> None:
        """Rows that a human called the person's, if they still exist."""
        known = [ref for ref in refs if ref.table in self.topology.shapes]
        for table in {ref.table for ref in known}:
            shape = self.topology.shapes[table]
            wanted = [ref for ref in known if ref.table == table]
            self._keep(by_key(self.connection, shape, self.topology.columns[table], wanted))
        self._profile({ref for ref in known if ref in self.records})

    def _keep(self, records: Iterable[Record]) -> list[Record]:
        kept = list(records)
        self.records.update((record.ref, record) for record in kept)
        return kept

    def _hits(self, identities: Sequence[Identity]) -> list[Record]:
        """Step 1."""
        hits: list[Record] = []
        store = self.topology.store
        for name in self.topology.identifying:
            shape = self.topology.shapes[name]
            columns = self.topology.columns[name]
            for record in self._keep(by_identity(self.connection, shape, columns, identities, store)):
                held = identities_of(record, shape.mapping.identity, store)
                if any(same(identity, own) for own in held for identity in identities):
                    hits.append(record)
        return hits

    def _climb(self, hits: Iterable[Record]) -> set[RowRef]:
        """Step 2: to the parents' parents; a row whose parent is missing stands for itself."""
        roots: set[RowRef] = set()
        level = list(hits)
        for _ in range(CLIMBS):
            climbing = [record for record in level if self.topology.shapes[record.ref.table].mapping.climbs]
            roots.update(record.ref for record in level if record not in climbing)
            level = self._parents(climbing, roots)
            if not level:
                break
        return roots | {record.ref for record in level}

    def _parents(self, records: Iterable[Record], roots: set[RowRef]) -> list[Record]:
        """The rows directly above `records`; those that have none are added to `roots`."""
        above: dict[RowRef, Record] = {}
        for record in records:
            parents = [
                parent
                for edge in self.topology.shapes[record.ref.table].mapping.parents
                for parent in self._parent(record, edge)
                if parent.ref != record.ref
            ]
            if not parents:
                roots.add(record.ref)
            above.update((parent.ref, parent) for parent in parents)
        return list(above.values())

    def _parent(self, record: Record, edge: Parent) -> list[Record]:
        shape = self.topology.shapes.get(edge.table)
        value = record.values.get(edge.column)
        if shape is None or shape.mapping.keeps or value is None or not meets(edge.when, record.values):
            return []
        wanted = [(edge.parent_column, (), [value])]
        return self._keep(by_values(self.connection, shape, self.topology.columns[edge.table], wanted))

    def _profile(self, roots: Iterable[RowRef]) -> None:
        """Step 3, for the roots that are new; reads only the tables on the way to an identity."""
        new = {root: {root} for root in sorted(set(roots) - set(self.profiles))}
        for root, rows in self._descend(new, self.topology.identity_order).items():
            self.below[root] = rows
            self.profiles[root] = self._profile_of(root, rows)

    def _profile_of(self, root: RowRef, rows: Iterable[RowRef]) -> Profile:
        found: dict[Identity, None] = {}
        for row in sorted(rows, key=lambda row: (row != root, row)):
            columns = self.topology.shapes[row.table].mapping.identity
            own = columns if row == root else [column for column in columns if not column.of_row]
            found.update(dict.fromkeys(identities_of(self.records[row], own, self.topology.store)))
        names = full_names(self.records[root], self.topology.shapes[root.table].mapping)
        return Profile(tuple(found), names)

    def _descend(
        self, owned: Mapping[RowRef, set[RowRef]], order: Sequence[str]
    ) -> dict[RowRef, set[RowRef]]:
        """Step 5: the rows below each root, table by table, so that each table is asked once a pass."""
        rows = {root: set(below) | self.below.get(root, set()) for root, below in owned.items()}
        done: set[Step] = set()
        grown = bool(rows)
        while grown:
            grown = False
            for name in order:
                grown = self._children(name, rows, done) or grown
        return rows

    def _children(self, name: str, rows: Mapping[RowRef, set[RowRef]], done: set[Step]) -> bool:
        """Adds the rows of one table that belong to rows not yet followed; whether there were any new."""
        shape = self.topology.shapes[name]
        owners = {edge: self._owners(name, edge, rows, done) for edge in shape.mapping.parents}
        wanted = [
            (edge.column, edge.when, [typed(shape.table.c[edge.column], value) for value in values])
            for edge, values in owners.items()
            if values
        ]
        before = sum(map(len, rows.values()))
        if wanted:
            found = by_values(self.connection, shape, self.topology.columns[name], wanted)
            self._hand_out(self._keep(found), owners, rows)
        return sum(map(len, rows.values())) > before

    def _owners(
        self, name: str, edge: Parent, rows: Mapping[RowRef, set[RowRef]], done: set[Step]
    ) -> dict[str | int, set[RowRef]]:
        """The roots behind each value that leads to table `name` along one edge, and was not followed yet."""
        erase = self.topology.shapes[name].mapping.erase
        owners: dict[str | int, set[RowRef]] = {}
        for root, below in rows.items():
            for row in below:
                step = (name, edge, root, row)
                if row.table != edge.table or step in done or not self._goes_on(root, row, erase):
                    continue
                done.add(step)
                value = self.records[row].values.get(edge.parent_column)
                if value is not None:
                    owners.setdefault(key_part(value), set()).add(root)
        return owners

    def _hand_out(
        self,
        records: Iterable[Record],
        owners: Mapping[Parent, Mapping[str | int, set[RowRef]]],
        rows: Mapping[RowRef, set[RowRef]],
    ) -> None:
        """Gives each row that was read to the roots that it belongs to."""
        for record in records:
            for edge, values in owners.items():
                value = record.values.get(edge.column)
                if value is not None and meets(edge.when, record.values):
                    for root in values.get(key_part(value), ()):
                        rows[root].add(record.ref)

    def _goes_on(self, root: RowRef, row: RowRef, child: TableErase) -> bool:
        """Whether what hangs on `row` is the person's: of a record that stays, only what is redacted with it.

        A task that names the person is redacted, but its other participants stay on it.
        """
        stays = self.topology.shapes[row.table].mapping.erase is TableErase.REDACT
        return row == root or not stays or child in {TableErase.REDACT, TableErase.KEEP}

    def _terms(self, rows: Iterable[RowRef], persons: Container[RowRef]) -> PersonTerms:
        """What names the person; a record of somebody's own that only belongs to them may name others."""
        terms = PersonTerms()
        for row in rows:
            mapping = self.topology.shapes[row.table].mapping
            if row in persons or not mapping.identity or mapping.climbs:
                terms = terms.merged(terms_of(self.records[row], mapping, self.topology.store))
        return terms

    def _candidate(self, doubt: Doubt) -> Candidate:
        mapping = self.topology.shapes[doubt.row.table].mapping
        values = self.records[doubt.row].values
        shown = {c: str(values[c]) for c in mapping.contact_columns() if values.get(c) not in {None, ""}}
        named = "\x1f".join([self.topology.store, doubt.row.table, *map(str, doubt.row.key)])
        return Candidate(
            id=hashlib.sha256(named.encode()).hexdigest()[:32],
            row=doubt.row,
            reason=doubt.reason,
            via=doubt.via.kind,
            shown=shown,
        )
