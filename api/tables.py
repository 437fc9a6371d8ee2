"""The rows of `api`, in the main database."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from audit.tables import NAMES


class Base(DeclarativeBase):
    """Tables of `api`; no foreign key leaves the package."""

    metadata = MetaData(naming_convention=NAMES)
