"""How tables hang together: what is read first, what is deleted first."""

from hypothesis import given
from hypothesis import strategies as st

from governance.stores.topology import is_loose, sort_by_dependency
from tests.governance.stores.factories import crm, mapped

NAMES = "abcdef"


@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))))
def test_every_name_comes_once_and_after_its_needs(needs: dict[str, set[str]]) -> None:
    """Where needs make no circle; where they do, every name still comes."""
    order = sort_by_dependency(needs)
    assert len(order) == len(set(order))
    assert set(needs) <= set(order)
    acyclic = {name: {need for need in wanted if need < name} for name, wanted in needs.items()}
    straight = sort_by_dependency(acyclic)
    assert all(straight.index(need) < straight.index(name) for name in acyclic for need in acyclic[name])


def test_parents_are_read_before_children_and_deleted_after_them(sqlite_url: str) -> None:
    """What identifies the person goes last."""
    store = crm(sqlite_url)
    order, erasing = store.topology.order, store.topology.erasing
    assert order.index("contacts") < order.index("activities") < order.index("comments")
    assert erasing.index("comments") < erasing.index("activities") < erasing.index("contacts")
    assert erasing[-1] == "contacts"
    assert store.topology.identity_order == ("contact_points",)
    assert store.topology.asked == (("contacts",), ("contact_points",), ("orders",))
    store.close()


def test_which_references_are_emptied(sqlite_url: str) -> None:
    """Those from unmapped tables and from other people's rows; not those of rows that go, or are redacted."""
    store = crm(sqlite_url)
    loose = {(one.table, one.column) for one in store.topology.loose}
    assert loose == {("tickets", "requester_id"), ("contacts", "reports_to")}
    mappings = mapped().tables
    assert all(is_loose(one, mappings) for one in store.topology.loose)
    store.close()
