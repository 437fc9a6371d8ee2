"""A worker of its own process whose store never answers: it holds what it claimed until it is killed."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from api.background import request_steps
from api.settings import Settings, read_settings
from api.startup import open_service
from audit.ids import random_id
from governance.requests.leases import Worker
from governance.stores.protocol import Found, Identity, PersonTerms, RowRef
from tests.governance.requests.desk import MemoryStore, opener


class HangingStore(MemoryStore):
    """It was asked, and says nothing."""

    def find(
        self,
        identities: Sequence[Identity],  # noqa: ARG002 - as in the protocol
        *,
        known: PersonTerms = PersonTerms(),  # noqa: ARG002, B008
        same: Sequence[RowRef] = (),  # noqa: ARG002
        others: Sequence[RowRef] = (),  # noqa: ARG002
    ) -> Found:
        """Says that it hangs, so that a killer can aim."""
        sys.stdout.write("hanging\n")
        sys.stdout.flush()
        threading.Event().wait()
        return Found()


def settings_of(home: Path, url: str) -> Settings:
    """The settings of a home whose main database is a server."""
    return read_settings({"LEADWARDEN_HOME": str(home), "LEADWARDEN_DATABASE_URL": url})


def main(home: Path, url: str) -> None:
    """Claims what is due, and never comes to its end."""
    service, worker = open_service(settings_of(home, url)), Worker(random_id())
    with request_steps.renewing(service, worker):
        request_steps.run_batch(service, worker, opener(HangingStore("crm")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
