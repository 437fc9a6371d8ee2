"""`leadwarden vault`: the keys, how long an erasure takes to be final, and what follows a restore."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import click

from api import lock, marking, reindexing, restoring, rotation
from api.commands_context import opened
from api.context import Service
from api.vault_status import described
from audit.counted import counted
from governance.scopes import COMMAND_LINE
from governance.vault import signing
from governance.vault.index import SETTLED_AFTER
from governance.vault.tables import IndexPurpose, Role, SigningPurpose

SUPPRESSION = IndexPurpose.SUPPRESSION.value
ROTATED = [which.value for which in (*Role, *SigningPurpose, IndexPurpose.SUPPRESSION)]


@click.group(name="vault")
def command() -> None:
    """Look after the keys."""


@command.command()
def status() -> None:
    """Print what the key store holds, and the erasure horizon."""
    with opened() as service:
        for line in described(service):
            click.echo(line)


@command.command()
@click.argument("which", type=click.Choice(ROTATED), default=Role.EPOCH.value)
def rotate(which: str) -> None:
    """Replace a key: the epoch's (default), root, log, receipts or suppression.

    epoch re-wraps the living data keys; from then on older backups of the key store are useless for the
    erased. root re-wraps the signing keys. Killed, either goes on when called again.

    log and receipts get a new signing key, used from the next start of the service; the old public key stays
    published.

    suppression puts a new key around every suppression; none is lost on the way. With SQLite the service must
    be stopped for it; otherwise it goes on, and this waits twice until all of it knows.
    """
    with opened() as service:
        if which in set(Role):
            moved = _rewrap(service, Role(which))
            kind = f"{moved} data keys" if which == Role.EPOCH else "the signing keys"
            click.echo(f"Re-wrapped {kind}; the old {which} key is destroyed{_how_final(service)}.")
        elif which == SUPPRESSION:
            with _alone(service):
                reindexing.renew_suppressions(service, COMMAND_LINE.id, _settling(service))
            click.echo("Every suppression is under the new key.")
        else:
            with _alone(service):
                kid = _new_signing_key(service, SigningPurpose(which))
            click.echo(f"The next start signs with key {kid}.")


@command.command()
@click.option("--purge-lost", is_flag=True, help="Also purge leads for whom there is no key at all.")
@click.option("--sweep", is_flag=True, help="Also delete old keys without an owner, however many they are.")
@click.option("--accept-older", is_flag=True, help="Let fields from before their last change open again.")
def reconcile(*, purge_lost: bool, sweep: bool, accept_older: bool) -> None:
    """After a restore: erase again whom it brought back, and say what was done.

    Fields from before their last change stay closed, and the service refuses traffic, until --accept-older
    says that this main database is the right one. Say it after a restore of yours, and only then: otherwise
    somebody has put them back.
    """
    with opened() as service, _alone(service):
        found = restoring.inspect(service)
        restoring.replay(service, found, COMMAND_LINE.id, purge_lost=purge_lost)
        older = marking.older(service)
        if accept_older and older:
            marking.accept(service, older, COMMAND_LINE.id)
        swept = restoring.sweep_orphans(service, service.clock(), asked=sweep)
        copied = restoring.copy_journal(service)
    click.echo(f"Erasures that the key store had forgotten, replayed: {len(found.forgotten)}")
    click.echo(f"Erased leads that were back, purged: {len(found.erased)}")
    click.echo(f"Leads without a key, {'purged' if purge_lost else 'kept'}: {len(found.lost)}")
    taken = "accepted" if accept_older else "kept closed"
    click.echo(f"With fields from before their last change, {taken}: {len(older)}")
    click.echo(f"Keys without an owner, deleted: {swept}")
    click.echo(f"Erasures copied outside: {copied}")


@command.command()
def reindex() -> None:
    """Put all look-ups under a new key and destroy the old one.

    From then on no older backup can be asked whether somebody was in it.

    With SQLite the service must be stopped; otherwise it goes on, and this waits until all of it knows.
    """
    with opened() as service, _alone(service):
        written = reindexing.reindex(service, COMMAND_LINE.id, _settling(service))
    click.echo(f"Wrote {written} identifiers under the new key; the old one is destroyed.")


def _rewrap(service: Service, role: Role) -> int:
    quiet = not sys.stderr.isatty()
    with click.progressbar(length=1, label="re-wrapping", file=sys.stderr, hidden=quiet) as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        return rotation.rotate(service, role, COMMAND_LINE.id, told)


def _how_final(service: Service) -> str:
    delay = service.keyring.root.destruction_delay
    if delay is None:
        return ", but for snapshots of its provider"
    return f", for good in {counted(delay.days, 'day')}" if delay else ""


def _new_signing_key(service: Service, purpose: SigningPurpose) -> str:
    now = service.clock()
    return service.keys.write(lambda keys: signing.rotate(keys, service.keyring, purpose, now))


def _settling(service: Service) -> Callable[[], None]:
    """Waits until every process has refreshed its keyring; where there is none other, not at all."""
    pause = 0.0 if service.settings.embedded else SETTLED_AFTER.total_seconds()
    return lambda: time.sleep(pause)


def _alone(service: Service) -> AbstractContextManager[None]:
    """With SQLite the service must be stopped meanwhile."""
    return lock.held(service.settings.home) if service.settings.embedded else nullcontext()
