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
from collections.abc import Iterable, Mapping
from typing import Any

from governance.stores.census import Family, Link, TableFacts
from governance.stores.guessing import Meaning, Sure
from governance.stores.sorting import IDENTIFYING, Role, Sorted, kinds_by_type, sort_tables

ABOUT = {Role.PERSON, Role.COPY, Role.COMPANY, Role.PLAIN}
DELETED = {Role.PERSON, Role.POINTS, Role.TOKEN}
PERSONAL = (
    Meaning.EMAIL,
    Meaning.PHONE,
    Meaning.NAME,
    Meaning.ADDRESS,
    Meaning.HANDLE,
    Meaning.TRACE,
    Meaning.SPECIAL,
)
DETAILS = (Meaning.EMAIL, Meaning.PHONE, Meaning.NAME, Meaning.ADDRESS, Meaning.HANDLE)
CATEGORIES = {
    Meaning.TRACE: "technographic",
    Meaning.SPECIAL: "special",
    Meaning.PROSE: "free_text",
    Meaning.JSON: "free_text",
}
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


def propose(census: Mapping[str, TableFacts], *, store: str, url: str) -> dict[str, Any]:
    """A document of `store` that a person can complete; it is not active."""
    drawn = _Draft(sort_tables(census))
    drawn.draw()
    return {
        "store": store,
        "kind": "sql",
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
                self.tables[name] = self._identified(
                    table, "delete" if table.role is not Role.POINTS else "cascade"
                )
        self._follow_deleted()
        for name, table in self.known.items():
            if table.role in {Role.COPY, Role.COMPANY} and name not in self.tables:
                self.tables[name] = self._identified(table, "redact")
        self._follow_links()
        self._follow_pairs()
        self._follow_redacted()
        self._keep_staff()

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
            left = table.meaning(*PERSONAL)
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
        table, drawn = self.known[name], self.tables.get(name)
        if drawn is not None and table.role in {Role.PERSON, Role.TOKEN}:
            return False
        if drawn is None and link.nullable and not self._has_text(table):
            return False
        goes = not link.nullable or (bool(DEALING.search(name)) and table.role is Role.PLAIN)
        is_new = drawn is None or (goes and drawn["erase"] == "redact")
        if is_new:
            kept = {} if drawn is None else drawn.get("belongs_to", {})
            self.tables[name] = self._identified(table, "cascade" if goes else "redact")
            self.tables[name].setdefault("belongs_to", {}).update(kept)
        belongs = self.tables[name].setdefault("belongs_to", {})
        belongs[link.column] = f"{link.table}.{link.target}"
        return is_new and goes

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
        return self._has_text(table) and not VOCABULARY.search(name)

    def _share(self, name: str) -> None:
        """Takes in a record of several people, out of which only the person's own words are taken."""
        if name not in self.tables:
            self.tables[name] = self._identified(self.known[name], "redact")
            _only_words(self.tables[name])

    def _follow_pairs(self) -> None:
        """Rule 3: `entity_type` and `entity_id`, which point anywhere; what goes, goes with people only."""
        for name, table in self.known.items():
            for column in _pair_columns(table.facts):
                roles = (
                    {Role.PERSON} if self._goes(name) else {Role.PERSON, Role.COPY, Role.COMPANY, Role.PLAIN}
                )
                targets = self._targets_of_pair(table.facts, column, roles)
                if targets and self._has_text(table):
                    self._belong(name, {column: targets if len(targets) > 1 else targets[0]})

    def _targets_of_pair(self, facts: TableFacts, column: str, roles: set[Role]) -> list[Any]:
        """The mapped tables whose keys such a column can hold: any, for ids that are unique everywhere."""
        targets: list[Any] = []
        for name, drawn in sorted(self.tables.items()):
            key = [one for one in self.known[name].facts.columns.values() if one.is_key]
            passing = drawn["erase"] == "cascade" or DEALING.search(name) or drawn["erase"] == "keep"
            if len(key) != 1 or name == facts.name or passing or self.known[name].role not in roles:
                continue
            if key[0].family is Family.UUID and facts.columns[column].family in {Family.UUID, Family.TEXT}:
                targets.append(f"{name}.{key[0].name}")
                continue
            condition = _type_named(facts, column, name)
            if condition is not None:
                targets.append({"to": f"{name}.{key[0].name}", "when": condition})
        return targets

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
        return bool(DEALING.search(name))

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

    def _belong(self, name: str, belongs: Mapping[str, Any]) -> None:
        """Adds to what a table belongs to; one that is new is redacted."""
        if name not in self.tables:
            self.tables[name] = self._identified(self.known[name], "redact")
        held = self.tables[name].setdefault("belongs_to", {})
        for column, target in belongs.items():
            before = held.get(column)
            if before is None:
                held[column] = target
            else:
                held[column] = list(
                    _as_list(before) + [one for one in _as_list(target) if one not in _as_list(before)]
                )

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

    def _identified(self, table: Sorted, erase: str) -> dict[str, Any]:
        """A table's entry: identities, columns by category, what becomes of them, and how sure that is."""
        drawn: dict[str, Any] = {}
        identity = _identity(table, of_row=erase == "redact" or table.role is Role.PLAIN)
        if identity:
            drawn["identity"] = identity
        columns = _columns(table, redacts=erase == "redact", company=table.role is Role.COMPANY)
        if columns:
            drawn["columns"] = columns
        drawn["erase"] = erase
        drawn["sure"] = _surest(table)
        return drawn


def _identity(table: Sorted, *, of_row: bool) -> dict[str, Any]:
    points = kinds_by_type(table.facts)
    if points:
        return {
            value: [{"kind": meaning.value, "when": {kind: name}} for name, meaning in sorted(held.items())]
            for value, (kind, held) in points.items()
        }
    wanted = (Meaning.EMAIL,) if table.role is Role.COMPANY else IDENTIFYING
    return {
        column: {"kind": table.guesses[column].meaning.value, "stands_for": "row"}
        if of_row
        else table.guesses[column].meaning.value
        for column in table.meaning(*wanted)
    }


def _columns(table: Sorted, *, redacts: bool, company: bool) -> dict[str, Any]:
    """Every column that says something of a person; in a deleted row only what the export needs to know."""
    found: dict[str, Any] = {}
    points = kinds_by_type(table.facts)
    for name, guessed in table.guesses.items():
        meaning = guessed.meaning
        if name in points:
            found[name] = {"category": "contact_details"}
        elif meaning in DETAILS or meaning in CATEGORIES:
            category = CATEGORIES.get(meaning, "contact_details")
            found[name] = {"category": "firmographic" if company and meaning in DETAILS else category}
        if redacts and name in found:
            found[name]["erase"] = _becomes(table, name, company=company)
    return found


def _becomes(table: Sorted, name: str, *, company: bool) -> Any:
    """What a column of a redacted row holds afterwards."""
    column, meaning = table.facts.columns[name], table.guesses[name].meaning
    if meaning in {Meaning.PROSE, Meaning.JSON} or company:
        return "redact"
    if column.nullable:
        return None
    return {"set": ""} if column.family is Family.TEXT else "redact"


def _surest(table: Sorted) -> str:
    """As sure as the least sure of the columns by which people are found."""
    order = [Sure.LOW, Sure.MEDIUM, Sure.HIGH]
    found = [table.guesses[name].sure for name in table.meaning(*IDENTIFYING)]
    if not table.facts.rows:
        found.append(Sure.LOW)
    return min(found, key=order.index, default=Sure.MEDIUM).value


def _only_words(drawn: dict[str, Any]) -> None:
    """Takes only the person's own words out of each column, whatever it holds."""
    for column in drawn.get("columns", {}).values():
        column["erase"] = "redact"


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _pair_columns(facts: TableFacts) -> Iterable[str]:
    """The id columns of pairs such as `entity_type` and `entity_id`, or `content_type_id` and `object_id`."""
    linked = {link.column for link in facts.links}
    types = [name for name in facts.columns if re.search(r"type(_id)?$", name)]
    for name in facts.columns:
        stem = re.sub(r"_?id$", "", name)
        paired = f"{stem}_type" in facts.columns or (stem == "object" and "content_type_id" in facts.columns)
        named_alone = stem == "entity" and "entity" in facts.columns
        if name.endswith("id") and name not in linked and ((types and paired) or named_alone):
            yield name


def _type_named(facts: TableFacts, column: str, table: str) -> dict[str, str] | None:
    """The condition under which a pair points at `table`: a type called like it, singular or plural."""
    stem = re.sub(r"_?id$", "", column)
    kind = next((name for name in (f"{stem}_type", stem) if name in facts.columns), None)
    if kind is None:
        return None
    singular = table.casefold().removesuffix("s")
    for value in sorted(set(facts.values(kind))):
        if value.casefold().removesuffix("s") == singular:
            return {kind: value}
    return None
