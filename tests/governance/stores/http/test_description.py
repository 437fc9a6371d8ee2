"""The values of an `http` section, and what they are where nothing is said."""

from governance.stores.http.description import Auth, AuthKind, Call, HttpDescription, TableCalls


def test_what_is_not_said_is_cautious() -> None:
    """No credentials, no status that means nothing is there, no waiting, no suppression."""
    described = HttpDescription("https://x.example", ("x.example",))
    assert described.auth == Auth(AuthKind.NONE)
    assert (described.settle, described.suppress, described.troubles) == (0, (), None)
    assert (Call("GET", "/").gone, Call("GET", "/").ok, Call("GET", "/").in_url) == ((), (), None)
    assert TableCalls(("id",)).read is None
