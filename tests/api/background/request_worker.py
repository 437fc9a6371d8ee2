"""A worker of its own process, to be killed: works on the home that it is given until nothing is due."""

import sys
from pathlib import Path

from api.background import request_steps
from api.settings import Settings, read_settings
from api.startup import open_service


def settings_of(home: Path) -> Settings:
    """The settings of a home whose CRM lies beside it."""
    return read_settings(
        {
            "LEADWARDEN_HOME": str(home),
            "LEADWARDEN_STORE_CRM": f"sqlite:///{home.parent / 'crm.db'}",
        }
    )


def main(home: Path) -> None:
    """Says when it begins, so that a killer can aim."""
    service = open_service(settings_of(home))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    request_steps.step(service, service.clock())
    service.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
