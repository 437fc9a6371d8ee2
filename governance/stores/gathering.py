"""Finds a person in a SQL store: from identities to rows, from rows to who they stand for, to a fixed point.

1. Look the identities up in every table that has identity columns.
2. Climb from each hit to the row that stands for the person.
3. Read what is known of each such row: its identities, those of the rows below it, its names.
4. Judge by evidence (`matching`) whose rows these are. What became known is looked up in turn, from 1.
5. Descend from the person's rows to everything that belongs to them.

Nothing is read here: what a search wants to read it yields, and is sent the rows (`lockstep`).
"""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence

from governance.stores.comparison import identifies, same
from governance.stores.erasing import by_table
from governance.stores.lockstep import ByIdentity, ByKey, ByValues, Reading
from governance.stores.mapping import Parent, TableErase
from governance.stores.matching import Doubt, Profile, Question, Verdict, judge
from governance.stores.protocol import Candidate, Found, Identity, PersonTerms, RowRef
from governance.stores.queries import CHUNK
from governance.stores.records import Record, full_names, identities_of, key_part, meets, terms_of, typed
from governance.stores.topology import Topology

ROUNDS = 12
"""Rounds after which following identities ends: by then a chain has left the person it began with."""
Step = tuple[str, Parent, RowRef, RowRef]
"""One following of an edge: into which table, along which edge, for which root, from which row."""
CLIMBS = 8
"""Parents above parents; more is a cycle in the data."""


class Gathering:
    """One search.

    Attributes:
        records: Every row that was read.
        reread: The tables whose rows of `again` were looked for by their keys as well.
    """

    def __init__(self, topology: Topology, question: Question, again: Sequence[RowRef] = ()) -> None:
        """Prepares a search.

        Args:
            topology: the mapping, laid on the live schema.
            question: what is known of the person.
            again: rows found earlier: where their tables are asked anyway, these are read along.
        """
        self.topology = topology
        self.question = question
        self.again = by_table(again)
        self.columns = topology.whole if again else topology.columns
        self.records: dict[RowRef, Record] = {}
        self.reread: set[str] = set()
        self._below: dict[RowRef, set[RowRef]] = {}
        self._profiles: dict[RowRef, Profile] = {}
        self._shallow: set[RowRef] = set()
        self._done: set[Step] = set()

    def run(self) -> Reading[Found]:
        """Everything of the person."""
        verdict = yield from self._follow()
        persons = sorted(verdict.accepted)
        rows = yield from self._descend({row: {row} for row in persons}, self.topology.order)
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

    def _follow(self) -> Reading[Verdict]:
        """Steps 1 to 4, until nothing new is known; a table is asked when those before it are through."""
        yield from self._take(self.question.same)
        asked: dict[tuple[str, ...], list[Identity]] = {tables: [] for tables in self.topology.asked}
        verdict = judge(self.question, self._profiles)
        for _ in range(ROUNDS):
            tables, pending = _next_round(asked, verdict.known)
            thin = self._shallow & verdict.accepted
            if not pending and not thin:
                break
            if thin:
                yield from self._deepen(thin)
            else:
                asked[tables].extend(pending)
                hits = yield from self._hits(tables, pending)
                yield from self._meet(hits)
            verdict = judge(self.question, self._profiles)
        return verdict

    def _meet(self, hits: Sequence[Record]) -> Reading[None]:
        """Steps 2 and 3; who has marks of their own and none of those known need not be known better."""
        roots = (yield from self._climb(hits)) - set(self._profiles)
        itself = {record.ref for record in hits}
        certain = [identity for identity in self.question.identities if identifies(identity)]
        for root in sorted(roots & itself):
            profile = self._profile_of(root, [root])
            if profile.is_marked and not any(profile.holds(identity) for identity in certain):
                self._profiles[root] = profile
                self._shallow.add(root)
        yield from self._deepen(roots - self._shallow)

    def _take(self, refs: Iterable[RowRef]) -> Reading[None]:
        """Rows that a human called the person's, if they still exist."""
        for table, wanted in by_table(ref for ref in refs if ref.table in self.topology.shapes).items():
            found = yield ByKey(table, self.columns[table], tuple(wanted))
            yield from self._deepen({record.ref for record in self._keep(found)})

    def _keep(self, records: Iterable[Record]) -> list[Record]:
        kept = list(records)
        self.records.update((record.ref, record) for record in kept)
        return kept

    def _hits(self, tables: Iterable[str], identities: Sequence[Identity]) -> Reading[list[Record]]:
        """Step 1."""
        hits: list[Record] = []
        store = self.topology.store
        for name in tables:
            shape = self.topology.shapes[name]
            again = () if name in self.reread else self.again.get(name, ())[:CHUNK]
            found = yield ByIdentity(name, self.columns[name], tuple(identities), tuple(again))
            if again and len(again) == len(self.again[name]):
                self.reread.add(name)
            for record in self._keep(found):
                held = identities_of(record, shape.mapping.identity, store)
                if any(same(identity, own) for own in held for identity in identities):
                    hits.append(record)
        return hits

    def _climb(self, hits: Iterable[Record]) -> Reading[set[RowRef]]:
        """Step 2: up to a row with an identity of its own, or without a parent."""
        shapes = self.topology.shapes
        roots: set[RowRef] = set()
        level = list(hits)
        climbing = [record for record in level if shapes[record.ref.table].mapping.climbs]
        for _ in range(CLIMBS):
            staying = {record.ref for record in level} - {record.ref for record in climbing}
            roots |= staying
            level = yield from self._parents(climbing, roots)
            climbing = [record for record in level if not shapes[record.ref.table].mapping.identity]
        return roots | {record.ref for record in level}

    def _parents(self, records: Iterable[Record], roots: set[RowRef]) -> Reading[list[Record]]:
        """The rows directly above `records`; those that have none are added to `roots`."""
        above: dict[RowRef, Record] = {}
        for record in records:
            parents: list[Record] = []
            for edge in self.topology.shapes[record.ref.table].mapping.parents:
                found = yield from self._parent(record, edge)
                parents += [parent for parent in found if parent.ref != record.ref]
            if not parents:
                roots.add(record.ref)
            above.update((parent.ref, parent) for parent in parents)
        return list(above.values())

    def _parent(self, record: Record, edge: Parent) -> Reading[list[Record]]:
        shape = self.topology.shapes.get(edge.table)
        value = record.values.get(edge.column)
        if shape is None or shape.mapping.keeps or value is None or not meets(edge.when, record.values):
            return []
        read = self.records.get(RowRef(edge.table, (key_part(value),)))
        if read is not None and [column.name for column in shape.key] == [edge.parent_column]:
            return [read]
        found = yield ByValues(edge.table, self.columns[edge.table], ((edge.parent_column, ()),), ((value,),))
        return self._keep(found)

    def _deepen(self, roots: Iterable[RowRef]) -> Reading[None]:
        """Step 3: with the identities below; reads only the tables on the way to an identity."""
        new = {root: {root} for root in sorted(roots)}
        descended = yield from self._descend(new, self.topology.identity_order)
        for root, rows in descended.items():
            self._below[root] = rows
            self._profiles[root] = self._profile_of(root, rows)
        self._shallow -= set(new)

    def _profile_of(self, root: RowRef, rows: Iterable[RowRef]) -> Profile:
        mapping, store = self.topology.shapes[root.table].mapping, self.topology.store
        own = identities_of(self.records[root], mapping.identity, store)
        telling: dict[Identity, None] = {}
        for row in sorted(rows, key=lambda row: (row != root, row)):
            columns = self.topology.shapes[row.table].mapping.identity
            of_person = [column for column in columns if not column.of_row]
            telling.update(dict.fromkeys(identities_of(self.records[row], of_person, store)))
        names = full_names(self.records[root], mapping)
        return Profile(tuple(dict.fromkeys([*own, *telling])), names, frozenset(own).difference(telling))

    def _descend(
        self, owned: Mapping[RowRef, set[RowRef]], order: Sequence[str]
    ) -> Reading[dict[RowRef, set[RowRef]]]:
        """Step 5: the rows below each root, table by table, so that each table is asked once a pass."""
        rows = {root: set(below) | self._below.get(root, set()) for root, below in owned.items()}
        grown = bool(rows)
        while grown:
            grown = False
            for name in order:
                grown = (yield from self._children(name, rows)) or grown
        return rows

    def _children(self, name: str, rows: Mapping[RowRef, set[RowRef]]) -> Reading[bool]:
        """Adds the rows of one table that belong to rows not yet followed; whether there were any new."""
        shape = self.topology.shapes[name]
        owners = {edge: self._owners(name, edge, rows) for edge in shape.mapping.parents}
        wanted = {edge: values for edge, values in owners.items() if values}
        before = sum(map(len, rows.values()))
        if wanted:
            found = yield ByValues(
                name,
                self.columns[name],
                tuple((edge.column, edge.when) for edge in wanted),
                tuple(
                    tuple(typed(shape.table.c[edge.column], value) for value in values)
                    for edge, values in wanted.items()
                ),
            )
            self._hand_out(self._keep(found), owners, rows)
        return sum(map(len, rows.values())) > before

    def _owners(self, name: str, edge: Parent, rows: Mapping[RowRef, set[RowRef]]) -> dict[str, set[RowRef]]:
        """The roots behind each value that leads to table `name` along one edge, and was not followed yet."""
        erase = self.topology.shapes[name].mapping.erase
        owners: dict[str, set[RowRef]] = {}
        for root, below in rows.items():
            for row in below:
                step = (name, edge, root, row)
                if row.table != edge.table or step in self._done or not self._goes_on(root, row, erase):
                    continue
                self._done.add(step)
                value = self.records[row].values.get(edge.parent_column)
                if value is not None:
                    owners.setdefault(str(key_part(value)), set()).add(root)
        return owners

    def _hand_out(
        self,
        records: Iterable[Record],
        owners: Mapping[Parent, Mapping[str, set[RowRef]]],
        rows: Mapping[RowRef, set[RowRef]],
    ) -> None:
        """Gives each row that was read to the roots that it belongs to."""
        for record in records:
            for edge, values in owners.items():
                value = record.values.get(edge.column)
                if value is not None and meets(edge.when, record.values):
                    for root in values.get(str(key_part(value)), ()):
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


def _next_round(
    asked: Mapping[tuple[str, ...], Sequence[Identity]], known: Iterable[Identity]
) -> tuple[tuple[str, ...], list[Identity]]:
    """The tables to ask next, and for what; nothing when all were asked for all that is known."""
    wanted = list(known)
    for tables, done in asked.items():
        pending = [identity for identity in wanted if not any(same(identity, other) for other in done)]
        if pending:
            return tables, pending
    return (), []
