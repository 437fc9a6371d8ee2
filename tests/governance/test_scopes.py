"""Who may grant what."""

from hypothesis import given
from hypothesis import strategies as st

from governance.scopes import EVERY_SCOPE, ROLE_SCOPES, Allowance, Caller, Grant, Role, lacking, may_bind

scopes = st.frozensets(st.sampled_from(sorted(EVERY_SCOPE)))
bounds = st.none() | st.frozensets(st.sampled_from(["a", "b", "c"]))


def test_the_roles_are_those_of_the_contract() -> None:
    """Auditors and administrators never see plaintext."""
    assert ROLE_SCOPES[Role.COMPLIANCE_OFFICER] == EVERY_SCOPE - {"keys:manage"}
    assert ROLE_SCOPES[Role.AUDITOR] == {"audit:read", "decisions:read", "consents:read", "requests:read"}
    assert ROLE_SCOPES[Role.ADMINISTRATOR] == {"keys:manage", "stores:manage"}
    assert all("leads:read" not in ROLE_SCOPES[role] for role in (Role.AUDITOR, Role.ADMINISTRATOR))


@given(scopes, scopes)
def test_nobody_grants_what_they_lack(wanted: frozenset[str], held: frozenset[str]) -> None:
    """What is lacking and what is held make up what is wanted, and have nothing in common."""
    found = lacking(wanted, Caller("x", "x", held))

    assert found | (wanted & held) == wanted
    assert not found & held


@given(bounds, bounds, bounds)
def test_bindings_only_ever_narrow(
    first: frozenset[str] | None, second: frozenset[str] | None, third: frozenset[str] | None
) -> None:
    """If a may make b, and b may make c, then a may make c."""

    def may(maker: frozenset[str] | None, made: frozenset[str] | None) -> bool:
        return may_bind(Grant(frozenset(), made, None), Caller("x", "x", frozenset(), maker, None))

    if may(first, second) and may(second, third):
        assert may(first, third)
    assert may(None, second)
    assert first is None or not may(first, None)


@given(st.none() | st.integers(0, 9), st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
def test_numbers_only_ever_narrow(first: int | None, second: int | None, third: int | None) -> None:
    """As bindings do; what a key leaves open is more than any number."""

    def may(maker: int | None, made: int | None) -> bool:
        holder = Caller("x", "x", frozenset(), allowance=Allowance(maker, None))
        return may_bind(Grant(frozenset(), allowance=Allowance(made, None)), holder)

    if may(first, second) and may(second, third):
        assert may(first, third)
    assert first is None or not may(first, None)
    assert Allowance(first, None).otherwise(Allowance(5, 7)) == Allowance(5 if first is None else first, 7)
