"""What is stored about the people of some questions, read at one moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from audit.statements import HeldSelect
from consent import suppressions
from consent.question import Subject
from consent.stops import Stop
from consent.tables import FactsRow

_FACTS_OF = HeldSelect(FactsRow, "lead_id", "facts", by="lead_id")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Facts documents by lead, as text, and stops by the hash of an address."""

    facts: Mapping[str, str] = field(repr=False)
    stops: Mapping[bytes, Sequence[Stop]] = field(repr=False)

    def facts_of(self, subject: Subject) -> dict[str, str]:
        """The facts of each lead of one question; an id without any is nobody's, for a lead has a source."""
        return {lead_id: self.facts[lead_id] for lead_id in subject.lead_ids if lead_id in self.facts}

    def stops_of(self, subject: Subject) -> Sequence[Stop]:
        """The stops of the address by which a person was asked for."""
        if not self.stops:
            return ()
        return [stop for digest in subject.hashes for stop in self.stops.get(digest, ())]


def read(connection: Connection, subjects: Sequence[Subject]) -> Snapshot:
    """With one statement for all facts and one for all suppressions."""
    lead_ids = {lead_id for subject in subjects for lead_id in subject.lead_ids}
    stops: dict[bytes, list[Stop]] = defaultdict(list)
    hashes = [digest for subject in subjects for digest in subject.hashes]
    for found in suppressions.matching_core(connection, hashes):
        stops[found.hash].append(found.stop())
    return Snapshot(dict(_FACTS_OF.rows(connection, list(lead_ids))), stops)
