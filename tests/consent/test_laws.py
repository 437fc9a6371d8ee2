"""What a jurisdiction takes from above, and what it says itself."""

from consent.laws import CHANNELS, USES
from consent.rows import Law, Regime
from consent.rulebook import starting_rulebook


def law(code: str) -> Law:
    """A law of the starting rulebook."""
    found = starting_rulebook().law(code)
    assert found is not None
    return found


def test_a_state_has_the_federal_rows_in_its_own_scope() -> None:
    """Texas names hours and no row: the federal rows, by Texan hours."""
    federal, texas = (law(code).cells["phone_live", "consumer"][0][-1] for code in ("US", "US-TX"))

    assert federal.rule == texas.rule
    assert federal.hours[0].rule.id == "US-TCPA-HOURS"
    assert texas.hours[0].rule.id == "US-TX-302-HOURS"


def test_a_named_cell_is_taken_over_as_a_whole() -> None:
    """Belgium's e-mail to companies is its own; its post is the union's."""
    belgium = law("BE")

    assert [row.rule.id for row in belgium.cells["email", "corporate_subscriber"][0]] == [
        *("BE-RD-2003-1-2", "BE-CEL-XII-13"),
    ]
    assert belgium.cells["post", "consumer"] == law("EU").cells["post", "consumer"]


def test_an_unknown_kind_is_judged_by_every_kind_of_individual() -> None:
    """Once where the cells are the same."""
    germany = law("DE")

    assert len(germany.cells["email", None]) == 1
    assert len(germany.cells["phone_live", None]) == 2


def test_a_union_lends_its_law_to_members_without_a_table() -> None:
    """With clocks of their own."""
    hungary = law("HU")

    assert hungary.cells == law("EU").cells
    assert (hungary.gdpr, hungary.zones) == (True, ("Europe/Budapest",))


def test_the_fallback_asks_for_consent_everywhere() -> None:
    """On every channel and for every use of data."""
    rows = [
        cell[0] for key, cells in law("ZA").cells.items() for cell in cells if key[0] in (*CHANNELS, *USES)
    ]

    assert {row.regime for row in rows} == {Regime.OPT_IN}


def test_only_the_union_and_the_united_kingdom_ask_for_assessments() -> None:
    """Every opt-out row there, but for addresses that are nobody's and calls under a running contract."""
    for code, one in starting_rulebook().laws.items():
        rows = [row for cells in one.cells.values() for cell in cells for row in cell]
        for row in (row for row in rows if row.regime is Regime.OPT_OUT):
            excepted = {condition.fact for condition in row.when} & {"address_type", "contract_active"}
            assert row.needs_lia == one.gdpr or (one.gdpr and excepted), (code, row.rule.id)
