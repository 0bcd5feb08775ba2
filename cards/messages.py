r"""The words of the cards: gettext catalogues, plurals, dates and times by locale.

Message ids are the English sentences, so English needs no catalogue. Every other
language is one folder under ``cards/locale``; its ``.po`` file is read once, at
the first use of that language, and kept in memory as gettext translations: there
is no compile step and nothing generated to keep in step with the source.

After a change of wording, from the top folder::

    pybabel extract -k message_id --omit-header --add-location=file --sort-by-file \
        --width=100 -o cards/locale/cards.pot cards
    pybabel update -D cards -i cards/locale/cards.pot -d cards/locale \
        --no-fuzzy-matching --ignore-obsolete --width=100

then translate what is new. A new language begins with ``pybabel init`` and its tag;
it is spoken as soon as its catalogue is there.
"""

import gettext
import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE_LANGUAGE = "en"
"""The language the message ids are written in, and the fallback for all others."""

CATALOGUES = Path(__file__).parent / "locale"
"""Where the catalogues are: ``<language>/LC_MESSAGES/cards.po``."""

LANGUAGES: tuple[str, ...] = (
    SOURCE_LANGUAGE,
    *sorted(path.parts[-3] for path in CATALOGUES.glob("*/LC_MESSAGES/cards.po")),
)
"""The languages the cards speak: the source language, then each one with a catalogue."""

# "fr", "fr-FR", "fr_CA", "pt-Latn-BR": subtags of RFC 5646, of which only
# language, script and region matter here. The bound keeps hostile input short.
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)

# Locale tags come from requests, so the cache is bounded: enough for every
# language-region pair in real use, and nothing grows without end.
_CACHED_LOCALES = 256


def language_for(locale_tag: str | None) -> str:
    """The language to speak to somebody whose locale is `locale_tag`.

    Args:
        locale_tag: A tag such as ``fr-FR`` or ``fr_CA`` (``commonEventObject.userLocale``),
            anything else, or nothing at all.

    Returns:
        One of `LANGUAGES`; ``"en"`` for a language without catalogue and for junk.
    """
    if not locale_tag or not _TAG.fullmatch(locale_tag):
        return SOURCE_LANGUAGE
    language = re.split("[-_]", locale_tag, maxsplit=1)[0].lower()
    return language if language in LANGUAGES else SOURCE_LANGUAGE


def message_id(text: str) -> str:
    """Mark `text` for extraction where it is only named, to be translated later."""
    return text


@dataclass(frozen=True)
class Translator:
    """Speaks one language, and writes dates as one locale does.

    Attributes:
        language: One of `LANGUAGES`.
        locale: Babel's locale for dates and times; may carry a region (``en-GB``).
    """

    language: str
    locale: Locale
    _catalogue: gettext.NullTranslations = field(repr=False, compare=False)

    def gettext(self, message: str, /, **values: object) -> str:
        """Translate `message` and fill its ``{name}`` places with `values`.

        The result is plain text: whoever puts it where Google reads markup escapes it.
        """
        text = self._catalogue.gettext(message)
        return text.format(**values) if values else text

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Translate the form of a message that fits `count`, which fills ``{count}``."""
        return self._catalogue.ngettext(one, many, count).format(count=count, **values)

    def time(self, instant: datetime, zone: str | None = None) -> str:
        """The time of day, as ``2:05 PM`` or ``14:05``."""
        return format_time(_in_zone(instant, zone), "short", locale=self.locale)

    def date(self, instant: datetime, zone: str | None = None) -> str:
        """The day with its weekday, as ``Sun, Nov 23, 2025`` or ``dim. 23 nov. 2025``."""
        return self._skeleton("yMMMEd", _in_zone(instant, zone))

    def moment(self, instant: datetime, zone: str | None = None) -> str:
        """A day and a time of this year or the next, as ``Nov 23 at 2:05 PM``."""
        return self._day_and_time("MMMd", _in_zone(instant, zone))

    def moment_with_year(self, instant: datetime, zone: str | None = None) -> str:
        """A day and a time of any year, as ``Nov 23, 2025 at 2:05 PM``."""
        return self._day_and_time("yMMMd", _in_zone(instant, zone))

    def _day_and_time(self, skeleton: str, local: datetime) -> str:
        # Translators: a day and a time of that day, "Nov 23 at 2:05 PM".
        return self.gettext(
            "{day} at {time}",
            day=self._skeleton(skeleton, local),
            time=format_time(local, "short", locale=self.locale),
        )

    def _skeleton(self, skeleton: str, local: datetime) -> str:
        # format_skeleton turns an aware value into UTC unless it is told the zone.
        return format_skeleton(skeleton, local, tzinfo=local.tzinfo, locale=self.locale)


def translator_for(locale_tag: str | None) -> Translator:
    """The translator for a locale tag, or for a bare language such as ``"fr"``.

    A region is kept for dates and times where Babel knows it (``en-GB`` writes
    14:05), and forgotten where it does not. Junk gets English.
    """
    return _translator(locale_tag) if locale_tag and _TAG.fullmatch(locale_tag) else _translator("")


@lru_cache(maxsize=_CACHED_LOCALES)
def _translator(tag: str) -> Translator:
    language = language_for(tag)
    return Translator(language, _locale(tag, language), _catalogue(language))


def _locale(tag: str, language: str) -> Locale:
    """Babel's locale for `tag`, unless that is another language than the one spoken."""
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale(language)
    return locale if locale.language == language else Locale(language)


@cache  # As many entries as there are catalogues.
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    with (CATALOGUES / language / "LC_MESSAGES" / "cards.po").open("rb") as source:
        catalogue = read_po(source, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _in_zone(instant: datetime, zone: str | None) -> datetime:
    """`instant` on the clocks of `zone`; in its own zone when there is none to go by."""
    if instant.tzinfo is None:
        raise ValueError("a date on a card needs a zone: got a naive datetime")
    known = _zone(zone) if zone else None
    return instant.astimezone(known) if known else instant


@lru_cache(maxsize=_CACHED_LOCALES)
def _zone(name: str) -> tzinfo | None:
    """The IANA zone called `name`, or None where the time-zone database has none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # ValueError: a path outside the database. OSError: a folder of it, or a name too long.
        return None
