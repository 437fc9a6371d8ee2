"""Letters to the person, and to recipients of their data, in plain words. Pure.

The sentences are constants; what people wrote (an explanation, a reason) is put in as it is, and never read
as a template. Sources: GDPR art. 12(3) and (4), 19, 77, 79; California, 11 CCR 7021; the states' appeals.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from governance.requests.vocabulary import Exemption, Ground, Regime, RequestType, Status


@dataclass(frozen=True, slots=True)
class About:
    """What a letter may say of a request. `why` is an explanation or a reason that an officer wrote.

    `respond_by` is None where that day is past: nobody promises what can not be. `lifted` says that the
    restriction which was asked for has ended.
    """

    company: str
    request_id: str
    type: RequestType
    regime: Regime
    status: Status
    received_on: date
    respond_by: date | None
    ground: Ground | None = None
    why: str | None = field(default=None, repr=False)
    look_back_on: date | None = None
    exemptions: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's subject and text."""

    subject: str = field(repr=False)
    text: str = field(repr=False)


ASKED = {
    RequestType.ACCESS: "to see the data that we have on you",
    RequestType.PORTABILITY: "for a copy of your data to take elsewhere",
    RequestType.ERASURE: "to erase the data that we have on you",
    RequestType.RECTIFICATION: "to correct the data that we have on you",
    RequestType.RESTRICTION: "to stop using your data, and to keep them",
    RequestType.OBJECTION: "not to use your data for direct marketing and profiling",
    RequestType.OPT_OUT_SALE_SHARING: "not to sell or share your data",
    RequestType.LIMIT_SENSITIVE: "to limit the use of your sensitive data",
    RequestType.COMPLAINT: "to answer your complaint",
}

DONE = {
    RequestType.ACCESS: "The package with your data is ready. You get it by itself, not in this letter.",
    RequestType.PORTABILITY: "The copy of your data is ready. You get it by itself, not in this letter.",
    RequestType.ERASURE: "Your data are erased.",
    RequestType.RECTIFICATION: "Your data are corrected.",
    RequestType.RESTRICTION: "Your data are kept, and not used. We will tell you before that ends.",
    RequestType.OBJECTION: "Your data are not used for direct marketing or profiling any more.",
    RequestType.OPT_OUT_SALE_SHARING: "Your data are neither sold nor shared any more.",
    RequestType.LIMIT_SENSITIVE: "The use of your sensitive data is limited.",
    RequestType.COMPLAINT: "We have dealt with your complaint.",
}

GROUNDS = {
    Ground.IDENTITY_NOT_VERIFIED: "We could not make sure that it was you who asked.",
    Ground.MANIFESTLY_UNFOUNDED: "We find the request manifestly unfounded.",
    Ground.EXCESSIVE: "We find the request excessive, in particular because it was repeated.",
    Ground.LEGAL_CLAIMS: "We need the data to establish, exercise or defend legal claims.",
    Ground.LEGAL_OBLIGATION: "A law obliges us to keep the data.",
    Ground.OUTSIDE_JURISDICTION: "The law on which the request rests does not apply to it.",
    Ground.NO_MATCH: "We found nobody in our data who is described in the request.",
    Ground.SUSPECTED_FRAUD: "We have reason to think that somebody else asked in your name.",
    Ground.OTHER: "The reason stands below.",
}

KEPT = {
    Exemption.LEGAL_HOLD: "Some of your data are kept for legal claims, and used for nothing else.",
    Exemption.STORE_KEEPS: "Some of your data are kept because a law obliges us to keep them.",
}

REMEDIES = {
    Regime.GDPR: (
        "You may complain to a supervisory authority, in particular where you live or work, and you may go to"
        " court (GDPR, Articles 77 and 79)."
    ),
    Regime.UK_GDPR: "You may complain to the Information Commissioner's Office, and you may go to court.",
    Regime.CCPA: (
        "You may complain to the California Privacy Protection Agency, or to the Attorney General of"
        " California."
    ),
    Regime.US_STATE: (
        "You may appeal by answering this letter. If your appeal is denied, you may complain to the Attorney"
        " General of your state."
    ),
    Regime.CASL: "You may complain to the Office of the Privacy Commissioner of Canada.",
    Regime.LGPD: "You may complain to the Autoridade Nacional de Proteção de Dados.",
}


def acknowledgement(about: About) -> Written:
    """The request came in, and until when it is answered."""
    when = "as soon as we can" if about.respond_by is None else f"by {about.respond_by}"
    first = f"On {about.received_on} you asked us {ASKED[about.type]}. We will answer {when}."
    then = {
        Status.AWAITING_VERIFICATION: "Before that we have to make sure that it was you who asked.",
        Status.AWAITING_REVIEW: "What you asked for is in force since we received it.",
    }
    if about.type is RequestType.COMPLAINT:
        then = {}
    return _letter(about, "We have received your request", first, then.get(about.status))


def extension(about: About) -> Written:
    """More time is needed: until when, and why (GDPR art. 12(3))."""
    when = "as soon as we can" if about.respond_by is None else f"by {about.respond_by}"
    first = (
        f"On {about.received_on} you asked us {ASKED[about.type]}. We need more time, and will answer {when}."
    )
    return _letter(about, "We need more time for your request", first, about.why and f"Why: {about.why}")


def refusal(about: About) -> Written:
    """The answer is no: why, and what the person can do about it (GDPR art. 12(4))."""
    ground = GROUNDS[about.ground or Ground.OTHER]
    first = f"On {about.received_on} you asked us {ASKED[about.type]}. We do not do so. {ground}"
    return _letter(about, "Our answer to your request", first, about.why, REMEDIES[about.regime])


def completion(about: About) -> Written:
    """What was done, what is kept and why, who else was told (GDPR art. 19)."""
    first = f"On {about.received_on} you asked us {ASKED[about.type]}. {DONE[about.type]}"
    kept = " ".join(dict.fromkeys(KEPT[Exemption(each)] for each in about.exemptions))
    told = about.recipients and "These, who had received your data from us, were told:\n" + _lines(
        about.recipients
    )
    again = None
    if about.type is RequestType.ERASURE and about.look_back_on is not None:
        again = (
            f"On {about.look_back_on} we look once more whether a copy has come back. Until then what"
            " identifies you is kept sealed, for that alone."
        )
    remedy = REMEDIES[about.regime] if about.exemptions else None
    return _letter(about, "Your request is done", first, kept or None, told or None, again, remedy)


def to_recipient(about: About, identifiers: Sequence[str], instructions: str | None) -> Written:
    """What a recipient without an interface is asked to do, for whom, and to answer."""
    deed = {
        RequestType.ERASURE: "Please erase all data of this person that you have received from us",
        RequestType.RECTIFICATION: "Please ask us for the corrected data of this person, and correct yours",
        RequestType.RESTRICTION: "Please keep the data of this person, and do not use them until we write",
    }[about.type]
    subject = f"Request {about.request_id}: please act and answer"
    if about.lifted:
        subject = f"Request {about.request_id}: the restriction has ended"
        deed = (
            "You were asked to keep the data of this person and not to use them. That has ended, and you may"
            " use them as before. Please take the mark away"
        )
    first = f"{deed}, in every copy, and answer this mail with what you have done, by {about.respond_by}."
    who = "The person is known to you as:\n" + _lines(identifiers)
    return _letter(about, subject, first, who, instructions)


def _letter(about: About, subject: str, *paragraphs: str | None) -> Written:
    number = f"The number of the request is {about.request_id}."
    parts = ["Dear Sir or Madam,", *(part for part in paragraphs if part), number, about.company]
    return Written(subject, "\n\n".join(parts) + "\n")


def _lines(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
