"""Proposes a store document from a sorted census. Pure.

1. Tables of people, of their contact points and of tokens sent to them are deleted.
2. What must point at a deleted row goes with it; what may point at one goes too where it records a dealing
   with the person (an activity, a message), else it stays and is redacted.
3. What hangs on those by a link table, or by a pair of type and id columns, is redacted.
4. Copies of contact details (invoices) and companies are redacted by their own identities.
5. The system's own users are kept, and said to be.
6. Columns that look personal in any other table are `undecided`: a person has to say.
"""

import re
from collections.abc import Mapping
from typing import Any

from governance.stores.census import Family, Link, TableFacts, bare_name
from governance.stores.conventions import with_conventions
from governance.stores.entries import PERSONAL, draw_entry, draw_shared
from governance.stores.guessing import Meaning, Sure
from governance.stores.mapping import StoreKind
from governance.stores.pairs import model_row, pair_columns, type_named
from governance.stores.sorting import Role, Sorted, sort_tables

ABOUT = {Role.PERSON, Role.COPY, Role.COMPANY, Role.PLAIN}
DELETED = {Role.PERSON, Role.POINTS, Role.TOKEN}
DEALING = re.compile(
    r"activit|interaction|event|message|mail|call|note|comment|submission|log$|logs$|histor|visit|click|open"
    r"|member|recipient|attendee|participant|consent|score|enrich|points?$|phones?$|address(es)?$|token",
    re.IGNORECASE,
)
VOCABULARY = re.compile(
    r"(^|_)(tags?|teams?|groups?|labels?|categor\w+|stages?|pipelines?|roles?|permissions?)$"
)
KEPT_STAFF = "accounts of this system's own users; nobody here is a lead"
ABOUT_STAFF = "about what this system's own users did; nobody here is a lead"


def propose(
    census: Mapping[str, TableFacts], *, store: str, url: str, kind: StoreKind = StoreKind.SQL
) -> dict[str, Any]:
    """A document of `store` that a person can complete; it is not active."""
    drawn = _Draft(sort_tables(with_conventions(census)))
    drawn.draw()
    return {
        "store": store,
        "kind": kind.value,
        "url": url,
        "active": False,
        "purposes": ["direct_marketing"],
        "recipient": {"name": store, "role": "processor"},
        "tables": drawn.in_order(),
        "undecided": drawn.undecided(),
    }


class _Draft:
    """The document while it is being drawn; lives for one call."""

    def __init__(self, tables: dict[str, Sorted]) -> None:
        self.known = tables
        self.tables: dict[str, dict[str, Any]] = {}

    def draw(self) -> None:
        """The rules of this module, in their order."""
        for name, table in self.known.items():
            if table.role in DELETED:
                self.tables[name] = draw_entry(
                    table, "delete" if table.role is not Role.POINTS else "cascade"
                )
        self._follow_deleted()
        for name, table in self.known.items():
            if table.role in {Role.COPY, Role.COMPANY} and name not in self.tables:
                self.tables[name] = draw_entry(table, "redact")
        self._follow_links()
        self._follow_pairs()
        self._follow_redacted()
        self._keep_staff()
        self._leave_unreached()

    def in_order(self) -> dict[str, dict[str, Any]]:
        """People first, then what goes with them, then what is redacted, then what stays."""
        rank = {"delete": 0, "cascade": 1, "redact": 2, "keep": 3}
        fields = ("identity", "belongs_to", "columns", "erase", "because", "sure")
        names = sorted(self.tables, key=lambda name: (rank[self.tables[name]["erase"]], name))
        return {
            name: {one: self.tables[name][one] for one in fields if one in self.tables[name]}
            for name in names
        }

    def undecided(self) -> list[str]:
        """Rule 6: one line a table, so that it takes one edit."""
        lines: list[str] = []
        for name, table in sorted(self.known.items()):
            left = [] if table.role is Role.COMPANY else [*table.meaning(*PERSONAL), *table.naming]
            if name not in self.tables and left:
                lines.append(f"{name}: {', '.join(left)}")
            elif name in self.tables and table.role is Role.POINTS and not self._parents(name):
                lines.append(f"{name}: whom its rows belong to")
        return lines

    def _follow_deleted(self) -> None:
        """Rule 2, until nothing more points at a deleted row."""
        waiting = list(self.tables)
        while waiting:
            target = waiting.pop(0)
            for name, link in self._pointing_at(target):
                if self._add_child(name, link):
                    waiting.append(name)

    def _add_child(self, name: str, link: Link) -> bool:
        """Takes in a table that points at a deleted one; whether its own rows go too, and that is new."""
        if not self._concerns(name, link):
            return False
        table, drawn = self.known[name], self.tables.get(name, {})
        goes = not link.nullable or (bool(DEALING.search(bare_name(name))) and table.role is Role.PLAIN)
        is_new = not drawn or (goes and drawn["erase"] == "redact")
        if is_new:
            self.tables[name] = draw_entry(table, "cascade" if goes else "redact")
            self.tables[name]["belongs_to"] = drawn.get("belongs_to", {})
        self.tables[name].setdefault("belongs_to", {})[link.column] = f"{link.table}.{link.target}"
        return is_new and goes

    def _concerns(self, name: str, link: Link) -> bool:
        """Whether a table has to do something when a row that it points at goes.

        A person does not belong to another, and a reference that may be empty, on a row that says nothing of
        anybody, is emptied without being told to.
        """
        if name in self.tables:
            return self.known[name].role not in {Role.PERSON, Role.TOKEN}
        return not link.nullable or self._has_text(self.known[name])

    def _follow_links(self) -> None:
        """Rule 3: from a deleted link row to the record on its other side."""
        for name in [name for name, drawn in self.tables.items() if drawn["erase"] == "cascade"]:
            if not self._is_link(self.known[name]):
                continue
            for link in self.known[name].facts.links:
                if self._is_record(link.table):
                    self._share(link.table)
                    self._belong(link.table, {link.target: f"{name}.{link.column}"})

    def _is_record(self, name: str) -> bool:
        """Something that people take part in, and that speaks of them; not a tag, a team or a user."""
        table = self.known.get(name)
        if table is None or self._goes(name) or table.role is Role.STAFF:
            return False
        return self._has_text(table) and not VOCABULARY.search(bare_name(name))

    def _share(self, name: str) -> None:
        """Takes in a record of several people, out of which only the person's own words are taken."""
        if name not in self.tables:
            self.tables[name] = draw_shared(self.known[name])

    def _follow_pairs(self) -> None:
        """Rule 3: `entity_type` and `entity_id`, which point anywhere; what goes, goes with people only."""
        for name, table in self.known.items():
            for column in pair_columns(table.facts):
                roles = (
                    {Role.PERSON} if self._goes(name) else {Role.PERSON, Role.COPY, Role.COMPANY, Role.PLAIN}
                )
                targets = self._targets_of_pair(table.facts, column, roles)
                if targets and self._has_text(table):
                    self._belong(name, {column: targets})

    def _targets_of_pair(self, facts: TableFacts, column: str, roles: set[Role]) -> list[Any]:
        """The mapped tables whose keys such a column can hold: any, for ids that are unique everywhere."""
        targets: list[Any] = []
        for name, drawn in sorted(self.tables.items()):
            passing = drawn["erase"] in {"cascade", "keep"} or DEALING.search(bare_name(name))
            if name != facts.name and not passing and self.known[name].role in roles:
                targets += self._target_of_pair(facts, column, name)
        return targets

    def _target_of_pair(self, facts: TableFacts, column: str, name: str) -> list[Any]:
        """One table as a target, if its key can be what such a column holds."""
        keys = [one for one in self.known[name].facts.columns.values() if one.is_key]
        if len(keys) != 1:
            return []
        target = f"{name}.{keys[0].name}"
        if keys[0].family is Family.UUID and facts.columns[column].family in {Family.UUID, Family.TEXT}:
            return [target]
        condition = type_named(facts, column, name) or self._content_type(facts, column, name)
        return [] if condition is None else [{"to": target, "when": condition}]

    def _content_type(self, facts: TableFacts, column: str, table: str) -> dict[str, Any] | None:
        """The condition under which a pair such as Django's points at `table`: the row that is called so."""
        stem = re.sub(r"_?id$", "", column)
        for link in facts.links:
            if link.column in {"content_type_id", f"{stem}_type_id"} and link.table in self.known:
                key = model_row(self.known[link.table].facts, table)
                return None if key is None else {link.column: key}
        return None

    def _follow_redacted(self) -> None:
        """What belongs to a redacted record and holds copies or remarks of its own is redacted with it.

        Of a record that several people share, what is redacted is the person's words only: another
        participant's details must stay.
        """
        waiting = [name for name, drawn in self.tables.items() if drawn["erase"] == "redact"]
        while waiting:
            target = waiting.pop(0)
            for name, link in self._pointing_at(target):
                if not self._goes_along(name, target):
                    continue
                if name not in self.tables:
                    waiting.append(name)
                    if self.known[target].role is not Role.COPY:
                        self._share(name)
                self._belong(name, {link.column: f"{link.table}.{link.target}"})

    def _goes_along(self, name: str, target: str) -> bool:
        """Whether a table is redacted with the redacted record that it points at."""
        table, parent = self.known[name], self.known[target].role
        if self._goes(name) or parent is Role.COMPANY or not self._has_text(table):
            return False
        own_person = any(self.known[link.table].role is Role.PERSON for link in table.facts.links)
        if table.role is Role.COPY or own_person:
            return parent is Role.COPY and not own_person
        return bool(DEALING.search(bare_name(name))) or bool(table.naming)

    def _keep_staff(self) -> None:
        """Rule 5."""
        staff = {name for name, table in self.known.items() if table.role is Role.STAFF}
        for name in sorted(staff - set(self.tables)):
            self.tables[name] = {"erase": "keep", "because": KEPT_STAFF, "sure": Sure.MEDIUM.value}
        for name, table in self.known.items():
            about = any(
                link.table in staff and re.match(r"user|profile|recipient|owner", link.column)
                for link in table.facts.links
            )
            if name not in self.tables and about and table.meaning(*PERSONAL):
                self.tables[name] = {"erase": "keep", "because": ABOUT_STAFF, "sure": Sure.LOW.value}

    def _leave_unreached(self) -> None:
        """A company's row that no person leads to says nothing of one: a switchboard's number is nobody's."""
        for name, drawn in list(self.tables.items()):
            leads = drawn.get("identity") or drawn.get("belongs_to")
            if drawn["erase"] == "redact" and not leads and self.known[name].role is Role.COMPANY:
                del self.tables[name]

    def _belong(self, name: str, belongs: Mapping[str, Any]) -> None:
        """Adds to what a table belongs to; one that is new is redacted."""
        if name not in self.tables:
            self.tables[name] = draw_entry(self.known[name], "redact")
        held = self.tables[name].setdefault("belongs_to", {})
        for column, target in belongs.items():
            before = _as_list(held.get(column, []))
            joined = before + [one for one in _as_list(target) if one not in before]
            held[column] = joined if len(joined) > 1 else joined[0]

    def _goes(self, name: str) -> bool:
        return self.tables.get(name, {}).get("erase") in {"delete", "cascade"}

    def _parents(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.tables[name].get("belongs_to", {})
        return found

    def _pointing_at(self, target: str) -> list[tuple[str, Link]]:
        return [
            (name, link)
            for name, table in self.known.items()
            for link in table.facts.links
            if link.table == target and name != target and table.role is not Role.STAFF
        ]

    def _has_text(self, table: Sorted) -> bool:
        return bool(table.meaning(*PERSONAL, Meaning.PROSE, Meaning.JSON))

    def _is_link(self, table: Sorted) -> bool:
        """A table of two references, and nothing to read."""
        required = [link for link in table.facts.links if not link.nullable]
        return len(required) > 1 and not self._has_text(table)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
