"""The rows of the key store: a database of its own, with its own backups."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from audit.tables import NAMES


class KeyBase(DeclarativeBase):
    """Tables of the key store."""

    metadata = MetaData(naming_convention=NAMES)
