"""The data map: from the stores' descriptions, the service itself among them."""

from governance.registers.data_map import in_words
from tests.governance.registers.stores import a_map


def test_every_system_stands_on_the_map() -> None:
    """The service first; of each what kind it is, what it holds and for what."""
    found = {system.name: system for system in a_map()}

    assert list(found) == ["leadwarden", "archive", "crm", "desk", "mailer"]
    assert found["crm"].kind == "database"
    assert found["crm"].categories == ("behavioural", "contact_details", "financial", "free_text")
    assert found["crm"].purposes == ("direct_marketing",)
    assert [name for name, system in found.items() if system.outside] == ["mailer"]


def test_the_map_can_be_read_out() -> None:
    """What is not described is said to be so."""
    words = {sentence.split()[0]: sentence for sentence in in_words(a_map())}

    assert words["desk"] == (
        "desk (database) holds contact details, free text, for direct marketing. "
        "They are received by Example Desk Ltd, processor, DE."
    )
    assert "US, outside the EEA" in words["mailer"]
    assert words["archive"] == (
        "archive (by hand) holds kinds of data that are not described, for no purpose that is described."
    )
