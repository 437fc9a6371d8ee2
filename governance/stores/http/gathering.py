"""Finds a person behind an HTTP interface: from identities to rows, judged by evidence, to a fixed point.

1. Ask for each identity, in every table that can be asked for its kind.
2. Hold each row against what was asked; a row that does not show it is not believed.
3. Judge whose rows these are (`matching`). What became known is asked for in turn, from 1.
4. Ask for what belongs to the person's rows.
"""

import hashlib
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import same
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.asking import Asker
from governance.stores.http.description import Find, TableCalls
from governance.stores.http.nobody import nobody
from governance.stores.http.paths import as_rows, at, leaves
from governance.stores.http.templates import of_identity, of_row
from governance.stores.mapping import IdentityColumn, StoreDocument, TableMapping
from governance.stores.matching import Doubt, Profile, Question, Verdict, judge
from governance.stores.protocol import Candidate, Found, Identity, PersonTerms, RowRef
from governance.stores.records import Record, full_names, identities_of, key_part, terms_of

ROUNDS = 12
"""Rounds after which following identities ends: by then a chain has left the person it began with."""
SEVERAL = re.compile(r"[;,\s]+")


class Gathering:
    """One search.

    Attributes:
        records: every row that was read.
        gone: rows that were there once and are known not to be now.
        unsure: rows that the store gave for the person's, of which nobody can tell any more whose they are:
            the row above them is gone, and they name something of it that is not its key.
        answered: tables of which a search was answered, were it with no rows.
        denied: tables of which a search was answered with a status that says that nothing is there.
        shown: tables of which a row was read by its key in the same piece of work, so that the call for that
            is known to be right. What was read for anybody else, or at another time, proves nothing here.
    """

    def __init__(
        self, asker: Asker, document: StoreDocument, question: Question, shown: set[str] | None = None
    ) -> None:
        """Prepares a search; `shown` is what the piece of work that it is a part of has shown so far."""
        self.asker = asker
        self.document = document
        self.question = question
        self.calls: Mapping[str, TableCalls] = document.http.tables if document.http else {}
        self.records: dict[RowRef, Record] = {}
        self.gone: set[RowRef] = set()
        self.unsure: set[RowRef] = set()
        self.answered: set[str] = set()
        self.denied: set[str] = set()
        self.shown: set[str] = set() if shown is None else shown
        self._profiles: dict[RowRef, Profile] = {}

    def run(self) -> Found:
        """Everything of the person."""
        verdict = self._follow()
        persons = sorted(verdict.accepted)
        rows = sorted({*persons, *self._belonging(persons)})
        terms = PersonTerms()
        for row in persons:
            terms = terms.merged(self._terms(row))
        for name in sorted(self.denied):
            self._prove(name)
        asked = self.question.identities
        return Found(
            rows=tuple(rows),
            persons=tuple(persons),
            learnt=tuple(one for one in verdict.known if not any(same(one, other) for other in asked)),
            shared=verdict.shared,
            candidates=tuple(self._candidate(doubt) for doubt in verdict.doubts),
            terms=terms,
        )

    def look(self, rows: Iterable[RowRef]) -> None:
        """Reads rows as they are now, so that what hangs on them can be held against them."""
        for row in rows:
            record = self.read(row)
            if record is not None:
                self.records[row] = record

    def late(self, rows: Iterable[RowRef]) -> tuple[RowRef, ...]:
        """What hangs on rows now and is not among them; asked for by their keys, also where they are gone."""
        known = frozenset(rows)
        return tuple(sorted(set(self._belonging(known, known))))

    def read(self, row: RowRef) -> Record | None:
        """A row as it is now; None where it is gone.

        Raises:
            StoreError: `mapping_invalid`, its table can not be read any more; or as `Asker.ask`.
        """
        calls, mapping = self.calls.get(row.table), self.document.tables.get(row.table)
        if calls is None or calls.read is None or mapping is None or len(calls.key) != len(row.key):
            raise StoreError(StoreCode.MAPPING_INVALID, row.table)
        answer = self.asker.ask(calls.read.call, of_row(calls.key, row.key))
        rows = [] if answer is None else as_rows(at(answer.body, calls.read.row))
        if rows == []:
            self.gone.add(row)
            return None
        if rows is None or record_of(row.table, mapping, calls, rows[0]).ref != row:
            raise StoreError(StoreCode.ANSWER_INVALID, row.table)
        self.shown.add(row.table)
        return record_of(row.table, mapping, calls, rows[0])

    def is_gone(self, row: RowRef) -> bool:
        """Whether a row that could not be read is gone indeed: a wrong path and a wrong host say so as well.

        Raises:
            StoreError: `gone_unproven`, nothing of its table answers anything else.
        """
        if row.table in self.shown or self.knows(row.table):
            return True
        if row in self.records:  # a search has just given it
            return False
        self._prove(row.table)
        return True

    def require_shown(self) -> None:
        """Rows that could not be read are believed to be gone where the same call has shown another.

        Raises:
            StoreError: `gone_unproven`, it has shown none.
        """
        for name in sorted({row.table for row in self.gone} - self.shown):
            if not self.knows(name):
                raise StoreError(StoreCode.GONE_UNPROVEN, name)

    def knows(self, name: str) -> bool:
        """Whether the record is there that a description says is always there."""
        read = self.calls[name].read
        if read is None or not read.known:
            return False
        return self.read(RowRef(name, read.known)) is not None

    def _prove(self, name: str) -> None:
        """Something of a table has to answer otherwise than that nothing is there; else nobody is asked for.

        Raises:
            StoreError: `gone_unproven`.
        """
        if name in self.answered or self.knows(name):
            return
        for find in self.calls[name].find:
            one = nobody(find, self.document.store)
            if one is not None:
                list(self._rows(name, find, next(of_identity(one))))
            if name in self.answered:
                return
        raise StoreError(StoreCode.GONE_UNPROVEN, name)

    def _rows(
        self, name: str, find: Find, values: Mapping[str, Any], *, orphaned: bool = False
    ) -> Iterator[Mapping[str, Any]]:
        """The rows that a search gives, with a note of whether it was answered at all."""
        answered = yield from self.asker.rows(find, values, orphaned=orphaned)
        if answered:
            self.answered.add(name)
        elif not orphaned:
            self.denied.add(name)

    def _follow(self) -> Verdict:
        """Steps 1 to 3, until nothing new is known."""
        for row in self.question.same:
            record = self.read(row) if row.table in self.calls else None
            self._meet([] if record is None else [record])
            self.denied.update({row.table} if row in self.gone else ())
        asked: list[Identity] = []
        verdict = judge(self.question, self._profiles)
        for _ in range(ROUNDS):
            pending = [one for one in verdict.known if not any(same(one, other) for other in asked)]
            if not pending:
                break
            for identity in pending:
                self._meet(self._hits(identity))
            asked.extend(pending)
            verdict = judge(self.question, self._profiles)
        return verdict

    def _meet(self, records: Iterable[Record]) -> None:
        for record in records:
            mapping = self.document.tables[record.ref.table]
            self.records[record.ref] = record
            self._profiles[record.ref] = Profile(self._identities(record), full_names(record, mapping))

    def _hits(self, identity: Identity) -> Iterator[Record]:
        """Steps 1 and 2."""
        for name, calls in self.calls.items():
            mapping = self.document.tables[name]
            for find in calls.find:
                if not self._fits(find, identity):
                    continue
                rows = (row for values in of_identity(identity) for row in self._rows(name, find, values))
                for row in rows:
                    record = record_of(name, mapping, calls, row)
                    if any(same(identity, own) for own in self._identities(record)):
                        yield record
                    elif find.exact:
                        raise StoreError(StoreCode.ANSWER_INVALID, name)

    def _fits(self, find: Find, identity: Identity) -> bool:
        if find.by is not identity.kind:
            return False
        system = (find.system or self.document.store).casefold()
        return identity.kind is not IdentifierKind.EXTERNAL or identity.system == system

    def _belonging(self, rows: Iterable[RowRef], known: Container[RowRef] = ()) -> Iterator[RowRef]:
        """Step 4, generation after generation; not those that are `known` to be the person's already."""
        above = list(rows)
        seen = set(above)
        while above:
            below = [child for row in above for child in self._children(row, known) if child not in seen]
            seen.update(below)
            yield from below
            above = below

    def _children(self, row: RowRef, known: Container[RowRef]) -> Iterator[RowRef]:
        values = of_row(self.calls[row.table].key, row.key)
        for name, calls in self.calls.items():
            mapping = self.document.tables[name]
            for find in calls.find:
                if find.parent != row.table:
                    continue
                for found in self._rows(name, find, values, orphaned=row in self.gone):
                    record = record_of(name, mapping, calls, found)
                    if record.ref not in known and self._belongs(record, mapping, row, late=bool(known)):
                        self.records.setdefault(record.ref, record)
                        yield record.ref

    def _belongs(self, record: Record, mapping: TableMapping, parent: RowRef, *, late: bool) -> bool:
        """Whether a row that the store gave for `parent` says itself that it is that row's.

        Raises:
            StoreError: `answer_invalid`, it does not. Of one that came `late` it is `unsure` where what it
                should name of the row above is not known any more.
        """
        edges = [edge for edge in mapping.parents if edge.table == parent.table]
        above = self._above(parent)
        named = [(record.values.get(edge.column), above.get(edge.parent_column)) for edge in edges]
        if any(own is not None and theirs is not None and str(own) == str(theirs) for own, theirs in named):
            return True
        if not late or all(theirs is not None for _, theirs in named):
            raise StoreError(StoreCode.ANSWER_INVALID, mapping.name)
        self.unsure.add(record.ref)
        return False

    def _above(self, row: RowRef) -> Mapping[str, Any]:
        """What is known of a row: all of it, or of one that was not read its key."""
        read = self.records.get(row)
        return dict(zip(self.calls[row.table].key, row.key, strict=True)) if read is None else read.values

    def _identities(self, record: Record) -> tuple[Identity, ...]:
        mapping = self.document.tables[record.ref.table]
        found = (
            identity
            for variant in variants(record, mapping.identity)
            for identity in identities_of(variant, mapping.identity, self.document.store)
        )
        return tuple(dict.fromkeys(found))

    def _terms(self, row: RowRef) -> PersonTerms:
        mapping = self.document.tables[row.table]
        terms = PersonTerms()
        for variant in variants(self.records[row], mapping.identity):
            terms = terms.merged(terms_of(variant, mapping, self.document.store))
        return terms

    def _candidate(self, doubt: Doubt) -> Candidate:
        mapping = self.document.tables[doubt.row.table]
        values = self.records[doubt.row].values
        named = "\x1f".join([self.document.store, doubt.row.table, *map(str, doubt.row.key)])
        return Candidate(
            id=hashlib.sha256(named.encode()).hexdigest()[:32],
            row=doubt.row,
            reason=doubt.reason,
            via=doubt.via.kind,
            shown={c: str(values[c]) for c in mapping.contact_columns() if values.get(c)},
        )


def record_of(table: str, mapping: TableMapping, calls: TableCalls, row: Mapping[str, Any]) -> Record:
    """A row of an answer: its key, its leaves by their paths, and what the mapping names.

    Raises:
        StoreError: `answer_invalid`, it does not show its key.
    """
    key = [at(row, path) for path in calls.key]
    if any(part is None or isinstance(part, dict | list) for part in key):
        raise StoreError(StoreCode.ANSWER_INVALID, table)
    named = {column: at(row, column) for column in mapping.named_columns()}
    return Record(RowRef(table, tuple(key_part(part) for part in key)), dict(leaves(row)) | named)


def variants(record: Record, columns: Iterable[IdentityColumn]) -> list[Record]:
    """The record once for each of the values of its identity columns, where one holds several."""
    several = {one.column: _values(record.values.get(one.column), one.kind) for one in columns}
    most = max((len(values) for values in several.values()), default=1) or 1
    return [
        Record(
            record.ref,
            {**record.values}
            | {name: values[number] if number < len(values) else None for name, values in several.items()},
        )
        for number in range(most)
    ]


def _values(value: Any, kind: IdentifierKind) -> list[str]:
    """The texts of an identity column: of a list each, and of addresses in one text each as well."""
    items = value if isinstance(value, list) else [value]
    texts = [str(one) for one in items if isinstance(one, str | int) and one != ""]
    if kind is IdentifierKind.EMAIL:
        return [part for text in texts for part in SEVERAL.split(text) if part]
    return texts
