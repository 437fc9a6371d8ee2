"""Nobody, asked for in each way."""

from consent.vocabulary import IdentifierKind
from governance.stores.http.description import Call, Find
from governance.stores.http.nobody import nobody
from governance.stores.protocol import Identity

HERE = Call("GET", "/")


def test_nobody_has_an_identity_of_each_kind() -> None:
    """An external one is of the system that is asked; what belongs to a row is not asked for alone."""
    assert nobody(Find(HERE, IdentifierKind.EMAIL), "crm") == Identity(
        IdentifierKind.EMAIL, "nobody@leadwarden.invalid"
    )
    external = Find(HERE, IdentifierKind.EXTERNAL)
    assert nobody(external, "CRM") == Identity(IdentifierKind.EXTERNAL, "0", "crm")
    named = Find(HERE, IdentifierKind.EXTERNAL, system="HubSpot")
    assert nobody(named, "crm") == Identity(IdentifierKind.EXTERNAL, "0", "hubspot")
    assert nobody(Find(HERE, parent="contacts"), "crm") is None
