"""What the errors say, and to whom waiting may help."""

from datetime import timedelta

from governance.stores.errors import StoreCode, StoreError, StoreNotUsableError


def test_some_failures_pass() -> None:
    """Those a retry is worth its time for."""
    passing = {code for code in StoreCode if StoreError(code).passes}
    assert passing == {
        StoreCode.UNREACHABLE,
        StoreCode.TIMED_OUT,
        StoreCode.LOCKED,
        StoreCode.RATE_LIMITED,
        StoreCode.SERVER_ERROR,
        StoreCode.ANSWER_INVALID,
        StoreCode.NOT_DONE_YET,
    }


def test_a_store_may_say_how_long_to_wait() -> None:
    """Else the step's own back-off decides."""
    assert StoreError(StoreCode.RATE_LIMITED, wait=timedelta(seconds=7)).wait == timedelta(seconds=7)
    assert StoreError(StoreCode.RATE_LIMITED).wait is None


def test_a_store_error_names_the_table() -> None:
    """And nothing else."""
    assert str(StoreError(StoreCode.TABLE_MISSING, "contacts")) == "table_missing: contacts"
    assert str(StoreError(StoreCode.LOCKED)) == "locked"


def test_what_stands_against_a_store_is_listed() -> None:
    """Under the field that asked for it."""
    assert StoreNotUsableError(("a", "b")).errors == {"active": ["a", "b"]}
