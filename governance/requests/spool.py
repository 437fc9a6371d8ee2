"""The pieces of a package, each sealed under the request's key, between the export and the download."""

from collections.abc import Iterator

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from governance.requests import case_file
from governance.requests.tables import PackageChunkRow
from governance.vault.sealing import DataKey


def clear(session: Session, request_id: str, store: str) -> None:
    """Forgets what an earlier try exported of a store."""
    here = (PackageChunkRow.request_id == request_id, PackageChunkRow.store == store)
    session.execute(delete(PackageChunkRow).where(*here))


def add(session: Session, key: DataKey, store: str, number: int, chunk: bytes) -> None:
    """Keeps one piece: whole lines of JSON. The request is the owner of `key`."""
    request_id = key.owner
    sealed = case_file.seal_chunk(key, request_id, store, number, chunk)
    session.add(PackageChunkRow(request_id=request_id, store=store, number=number, sealed=sealed))


ABOUT = ".article-15"
"""Stands beside the stores for what Article 15(1) asks to be told; no store's key begins with a dot."""


def stores_in(session: Session, request_id: str) -> list[str]:
    """The stores that have pieces, by name."""
    query = select(PackageChunkRow.store).where(PackageChunkRow.request_id == request_id).distinct()
    return sorted(store for store in session.scalars(query) if store != ABOUT)


def read(session: Session, key: DataKey, store: str) -> Iterator[bytes]:
    """The pieces of one store in order, opened one at a time."""
    request_id = key.owner
    numbers = session.scalars(
        select(PackageChunkRow.number)
        .where(PackageChunkRow.request_id == request_id, PackageChunkRow.store == store)
        .order_by(PackageChunkRow.number)
    ).all()
    for number in numbers:
        sealed = session.scalar(
            select(PackageChunkRow.sealed).where(
                PackageChunkRow.request_id == request_id,
                PackageChunkRow.store == store,
                PackageChunkRow.number == number,
            )
        )
        if sealed is not None:
            yield case_file.open_chunk(key, request_id, store, number, sealed)
