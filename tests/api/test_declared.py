"""What decorators say about a view stays beside the view."""

import functools

from api.auth import needs, public
from api.declared import Declared, declared
from api.idempotency import idempotent
from api.paging import filtered, paged
from api.shapes import accepts, denies_when_unavailable, returns
from tests.api.doors import Note, Written


def test_each_view_has_its_own() -> None:
    """A scope of one view is no scope of another."""

    def first() -> None:
        """One."""

    def second() -> None:
        """Another."""

    public(first)

    assert declared(first).public
    assert declared(second) == Declared()


def test_every_layer_writes_to_the_same() -> None:
    """Whatever the order of the decorators, the outermost knows all."""

    @needs("leads:write", "leads:read")
    @idempotent
    @paged
    @filtered(from_="Since when.")
    @denies_when_unavailable
    @accepts(Note, also=("application/yaml",))
    @returns(Written, 201)
    @returns(Note, 200)
    def view() -> None:
        """Nothing."""

    found = declared(view)

    assert (found.scopes, found.idempotent, found.decides) == (("leads:write", "leads:read"), True, True)
    assert (found.body, found.media_types) == (Note, ("application/json", "application/yaml"))
    assert found.answers == {201: Written, 200: Note}
    assert sorted(found.query) == ["cursor", "from", "limit"]


def test_who_may_call_is_said_by_one_of_two_words() -> None:
    """`@needs()` says any key, which is not the same as nothing."""
    spoken = [public(lambda: None), needs()(lambda: None), needs("leads:read")(lambda: None), lambda: None]

    assert [declared(view).authorised for view in spoken] == [True, True, True, False]


def test_a_wrapper_of_its_own_hands_it_on() -> None:
    """By `functools.wraps`."""

    def view() -> None:
        """Nothing."""

    public(view)
    wrapped = functools.wraps(view)(lambda: None)
    denies_when_unavailable(wrapped)

    assert declared(view).decides
