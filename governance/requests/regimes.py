"""Whose law applies to a request, from where the person is: pure."""

from collections.abc import Iterable

from governance.requests.vocabulary import Regime

COUNTRY_REGIMES = {"GB": Regime.UK_GDPR, "US": Regime.US_STATE, "CA": Regime.CASL, "BR": Regime.LGPD}
CALIFORNIA = frozenset({"US-CA", "CA"})


def regime_of(country: str | None, region: str | None) -> Regime:
    """The regime of a lead in `country` (ISO 3166-1) and `region` (ISO 3166-2, the country's part optional).

    The strictest, GDPR, holds where nothing is known: also for a controller in the Union the place of the
    person does not matter (GDPR art. 3(1)).
    """
    if country == "US" and region in CALIFORNIA:
        return Regime.CCPA
    return COUNTRY_REGIMES.get(country or "", Regime.GDPR)


def regime_of_places(places: Iterable[tuple[str | None, str | None]]) -> Regime:
    """The one regime that all places share; GDPR when they differ, or there are none."""
    regimes = {regime_of(country, region) for country, region in places}
    return regimes.pop() if len(regimes) == 1 else Regime.GDPR
