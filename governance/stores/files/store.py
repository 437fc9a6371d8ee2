"""A lead store of files: finds, exports and erases in CSV and Parquet, in a folder or a bucket."""

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from governance.stores.amending import counted
from governance.stores.correcting import correctable, corrected, markable, restricted, unmarked, unplaced
from governance.stores.erasing import Change, Doomed, by_table, changes, terms_of_rows
from governance.stores.errors import StoreCode, StoreError
from governance.stores.exporting import as_json, categories_of
from governance.stores.files.bucket import Bucket
from governance.stores.files.folder import Folder
from governance.stores.files.formats import GONE, Decision, Values, fingerprint
from governance.stores.files.places import Place, matching, read_address
from governance.stores.files.rewriting import Decider, rewrite
from governance.stores.files.scanning import run_searches
from governance.stores.files.shapes import lay_files, open_rows
from governance.stores.gathering import Gathering
from governance.stores.latecomers import Look, look_again
from governance.stores.lockstep import Reading
from governance.stores.mapping import StoreDocument
from governance.stores.matching import Question
from governance.stores.protocol import (
    Correction,
    ExportedRow,
    Found,
    Identity,
    PersonTerms,
    Planned,
    PlannedAction,
    Propagated,
    RowRef,
    Sought,
)
from governance.stores.reading_back import read_back, refuse_foreign, refuse_gaps
from governance.stores.records import Record
from governance.stores.schema import Shape
from governance.stores.together import Together
from governance.stores.topology import lay_out


def open_place(url: str) -> Place:
    """The folder or bucket at an address.

    Raises:
        StoreError: it is no address, or the folder is not there.
    """
    address = read_address(url)
    return Bucket(address) if address.scheme == "s3" else Folder(address.path)


class FileStore(Together):
    """Finds, exports and erases in files; each question goes through a file once, however many people ask."""

    by_hand = False

    def __init__(self, document: StoreDocument, place: Place) -> None:
        """Looks at the headings.

        Raises:
            StoreError: a file or a mapped column is missing, or a file is not what it is said to be.
        """
        self.key = document.store
        self.place = place
        self.old_versions = document.old_versions
        schema, self.layouts = lay_files(place, document)
        refuse_gaps(schema)
        self.topology = lay_out(document.store, schema)

    def find_each(self, sought: Sequence[Sought]) -> list[Found]:
        """Everything of each person."""
        searches = [Gathering(self.topology, Question.of(one)).run() for one in sought]
        return run_searches(self._rows, self.topology.shapes, self.key, searches)

    def plan(self, found: Found) -> tuple[Planned, ...]:
        """What `erase` would do, table by table; old versions that stay are said to stay."""
        lines = super().plan(found)
        if self.old_versions is None or self.old_versions.deleted:
            return lines
        old = {
            name: sum(map(self.place.old_versions, self._files_of(found.rows, name)))
            for name in found.counts()
        }
        why = self.old_versions.because
        return lines + tuple(
            Planned(f"{name} (old versions)", PlannedAction.KEEP, kept, why)
            for name, kept in old.items()
            if kept
        )

    def export(self, found: Found) -> Iterator[ExportedRow]:
        """The rows of `found` that still exist, one after the other."""
        for name, refs in by_table(found.rows).items():
            shape, wanted = self.topology.shapes[name], {ref.key for ref in refs}
            for file, columns, values in self._rows(shape):
                if (file, fingerprint(values)) in wanted:
                    exported = {column: as_json(value) for column, value in zip(columns, values, strict=True)}
                    yield ExportedRow(name, exported, categories_of(shape.mapping))

    def erase_each(self, doomed: Sequence[tuple[Found, PersonTerms]]) -> list[tuple[RowRef, ...]]:
        """Carries out everybody's plan, file by file: each is replaced whole, what identifies people last.

        A row that was changed since it was found has another name, and is late.
        """
        for found, _ in doomed:
            refuse_foreign(self.topology, found)
        looks = self._look_each([look_again(self.topology, found) for found, _ in doomed])
        going = [
            (found, found.terms.merged(more), look)
            for (found, more), look in zip(doomed, looks, strict=True)
            if not look.late
        ]
        self._erase([(found.rows, terms) for found, terms, _ in going])
        after = iter(
            self._look_each([look_again(self.topology, found, look.held) for found, _, look in going])
        )
        terms_of = iter([terms for _, terms, _ in going])
        return [look.late or self._undone(next(after), next(terms_of)) for look in looks]

    def _look_each(self, searches: Sequence[Reading[Look]]) -> list[Look]:
        return run_searches(self._rows, self.topology.shapes, self.key, searches)

    def _undone(self, look: Look, terms: PersonTerms) -> tuple[RowRef, ...]:
        """What was written while the person's rows went; what they became themselves is not.

        A file is locked against nobody: a line may come to one file while another one is written anew.
        """
        shapes = self.topology.shapes
        return tuple(
            row
            for row in look.late
            if shapes[row.table].mapping.deletes or changes(look.held[row], shapes[row.table], terms)
        )

    def _erase(self, doomed: Sequence[Doomed]) -> None:
        terms = terms_of_rows(doomed)
        redacted = [name for name in self.topology.order if name not in self.topology.erasing]
        for name in (*redacted, *self.topology.erasing):
            shape = self.topology.shapes[name]
            for file in self._touched(terms, name):
                rewrite(self.place, file, self.layouts[name], _decider(shape, file, terms))
        if self._forgets:
            for name in by_table(terms):
                for file in self._remembered(terms, name):
                    self.place.delete_old_versions(file)

    def rectify(self, found: Found, corrections: Sequence[Correction]) -> Propagated:
        """Writes corrections into the person's own rows, which are found anew then; see `Rectifying`."""
        refuse_foreign(self.topology, found)
        rows = correctable(self.topology, found)
        changed, remaining = self._amend(rows, partial(corrected, corrections=corrections))
        return Propagated(changed, remaining, unplaced(self.topology, found, corrections))

    def restrict(self, found: Found, *, on: bool) -> Propagated:
        """Sets or lifts the mark on the person's own rows; see `Restricting`."""
        refuse_foreign(self.topology, found)
        rows = markable(self.topology, found)
        changed, remaining = self._amend(rows, partial(restricted, on=on))
        return Propagated(changed, remaining, unmarked(self.topology, found))

    def _amend(self, rows: Sequence[RowRef], change: Change) -> tuple[dict[str, int], dict[str, int]]:
        """Rows changed, and rows that should have been and are not, a table; read back after it."""
        changed: dict[str, int] = {}
        left: dict[str, int] = {}
        for name, refs in by_table(rows).items():
            shape, wanted = self.topology.shapes[name], frozenset(refs)
            for file in self._touched(refs, name):
                decide = _amender(shape, file, wanted, change)
                tally = rewrite(self.place, file, self.layouts[name], decide)
                changed[name] = changed.get(name, 0) + tally.changed
            left[name] = sum(
                1
                for file, columns, values in self._rows(shape)
                if _amender(shape, file, wanted, change)(columns, values) is not None
            )
        return counted(changed), counted(left)

    def remaining_each(self, erased: Sequence[tuple[Found, Sequence[Identity]]]) -> list[dict[str, int]]:
        """Reads back, for each; old versions that should be gone are left, too."""
        for found, _ in erased:
            refuse_foreign(self.topology, found)
        searches = [read_back(self.topology, found, identities) for found, identities in erased]
        each = run_searches(self._rows, self.topology.shapes, self.key, searches)
        counted = [dict(one) for one in each]  # a line has no key that another may get
        if self._forgets:
            for (found, _), left in zip(erased, counted, strict=True):
                for name in found.counts():
                    old = sum(map(self.place.old_versions, self._remembered(found.rows, name)))
                    left.update({f"{name} (old versions)": old} if old else {})
        return counted

    @property
    def _forgets(self) -> bool:
        """Whether old versions go with what was in them."""
        return self.old_versions is not None and self.old_versions.deleted

    def close(self) -> None:
        """Lets the place go."""
        self.place.close()

    def _rows(self, shape: Shape) -> Iterator[tuple[str, tuple[str, ...], Values]]:
        """Every row of a table's files."""
        name = shape.mapping.name
        for file in matching(self.place, name):
            with self.place.open(file) as (stream, _):
                rows = open_rows(file, stream, self.layouts[name])
                columns = tuple(one.name for one in rows.columns)
                gaps = sorted(set(shape.mapping.named_columns()).difference(columns))
                if gaps:  # of an export that came since the store was opened: it must not look empty
                    raise StoreError(StoreCode.COLUMN_MISSING, f"{name}.{gaps[0]}")
                for values in rows.rows():
                    yield file, columns, values

    def _files_of(self, rows: Sequence[RowRef] | Mapping[RowRef, Any], table: str) -> list[str]:
        """The files in which rows of a table were found."""
        return sorted({str(row.key[0]) for row in rows if row.table == table})

    def _remembered(self, rows: Sequence[RowRef] | Mapping[RowRef, Any], table: str) -> list[str]:
        """Those of them whose old versions go: also those of a file that was rotated away since."""
        return [] if self.topology.shapes[table].mapping.keeps else self._files_of(rows, table)

    def _touched(self, rows: Sequence[RowRef] | Mapping[RowRef, Any], table: str) -> list[str]:
        """Those of them that are to be written: one that was rotated away since has nobody in it any more."""
        files = self._files_of(rows, table)
        if not files or self.topology.shapes[table].mapping.keeps:
            return []
        there = matching(self.place, table)
        return [file for file in files if file in there]


def _decider(shape: Shape, file: str, terms: Mapping[RowRef, PersonTerms]) -> Decider:
    """Decides for the rows of one file: gone where its table goes, else redacted as the mapping says."""
    name = shape.mapping.name

    def decide(columns: tuple[str, ...], values: Values) -> Decision:
        ref = RowRef(name, (file, fingerprint(values)))
        if ref not in terms:
            return None
        if shape.mapping.deletes:
            return GONE
        record = Record(ref, dict(zip(columns, values, strict=True)))
        return changes(record, shape, terms[ref]) or None

    return decide


def _amender(shape: Shape, file: str, rows: Container[RowRef], change: Change) -> Decider:
    """Decides for the rows of one file that are among `rows`."""

    def decide(columns: tuple[str, ...], values: Values) -> Decision:
        ref = RowRef(shape.mapping.name, (file, fingerprint(values)))
        if ref not in rows:
            return None
        return change(Record(ref, dict(zip(columns, values, strict=True))), shape) or None

    return decide
