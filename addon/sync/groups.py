"""Which guests look like groups: mailing lists and shared mailboxes instead of persons.

Livestorm makes one registrant of an address, with one join link that lets in one person at a time,
so whoever invites a group should know. The Calendar API does not tell groups from persons, except
while it is taking a large one apart. What is found here therefore only adds a warning, worded as
what it is: a guess, by names that groups are usually given.
"""

import re
import unicodedata
from collections.abc import Iterable

from addon.google.attendees import Attendee
from addon.sync.values import address

GROUP_WORDS = frozenset(
    word
    for line in (
        # English; the shared mailboxes are those of RFC 2142 that people write to.
        "all everybody everyone group groups list members staff team teams crew committee board",
        "dept department office info contact sales marketing support service help helpdesk hr",
        # French
        "tous toutes equipe equipes groupe groupes liste membres salaries collaborateurs bureau",
        "comite ventes commercial commerciaux assistance aide rh",
        # German
        "alle gruppe gruppen verteiler liste mitglieder mitarbeiter belegschaft abteilung buero",
        "kontakt vertrieb verkauf",
        # Spanish
        "todos todas equipo equipos grupo grupos lista miembros empleados departamento comite",
        "contacto ventas soporte ayuda",
    )
    for word in line.split()
)
"""Words that name several people at once, in the languages of the cards, without accents.

Short on purpose: a word that is as often a name or a person's own note (`personal`, `it`) is left
out, and a group with a name of its own is not found.
"""

_SEPARATORS = re.compile(r"[^a-z]+")


def group_addresses(attendees: Iterable[Attendee]) -> frozenset[str]:
    """Return the normalised addresses of the guests that look like groups.

    The organizer, the calendar's owner and rooms never do.
    """
    guests = (one for one in attendees if not (one.organizer or one.is_self or one.resource))
    return frozenset(
        known
        for one in guests
        if (known := address(one.email)) is not None and (one.expanding or _named_so(known))
    )


def _named_so(known: str) -> bool:
    """Whether a whole word of the part before the @ names several people.

    What follows a plus is a person's own note on their own mailbox (`ada+sales@`).
    """
    mailbox = known.partition("@")[0].partition("+")[0]
    plain = unicodedata.normalize("NFD", mailbox).encode("ascii", "ignore").decode()
    return not GROUP_WORDS.isdisjoint(_SEPARATORS.split(plain))
