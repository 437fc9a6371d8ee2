"""Every table of the two databases, in one place: what migrations compare with and tests create."""

from types import ModuleType

from sqlalchemy import MetaData

import api.tables
import audit.tables
import consent.tables
import governance.account_tables
import governance.messages.tables
import governance.requests.tables
import governance.stores.tables
import governance.tables
import governance.vault.tables

MAIN: tuple[MetaData, ...] = (
    audit.tables.Base.metadata,
    consent.tables.Base.metadata,
    governance.tables.Base.metadata,
    api.tables.Base.metadata,
)
KEYS: tuple[MetaData, ...] = (governance.vault.tables.KeyBase.metadata,)

FURTHER_ROWS: tuple[ModuleType, ...] = (
    governance.account_tables,
    governance.messages.tables,
    governance.requests.tables,
    governance.stores.tables,
)
"""Modules whose rows stand on a Base above: importing them is what adds their tables."""
