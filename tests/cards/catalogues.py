"""The messages that the source asks for, as extracted by Babel, and the catalogues."""

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from cards.messages import CATALOGUES, LANGUAGES, SOURCE_LANGUAGE

SOURCE = Path(CATALOGUES).parent
TEMPLATE = CATALOGUES / "cards.pot"
TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]

MessageId = str | tuple[str, ...]


def extracted() -> set[MessageId]:
    """The message ids in the source of the cards."""
    keywords = {**DEFAULT_KEYWORDS, "message_id": None}
    return {
        tuple(message) if isinstance(message, (list, tuple)) else message
        for _, _, message, _, _ in extract_from_dir(SOURCE, keywords=keywords)
    }


def read(path: Path, language: str | None = None) -> Catalog:
    """One catalogue file."""
    with path.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def translated(language: str) -> Catalog:
    """The catalogue of a language."""
    return read(CATALOGUES / language / "LC_MESSAGES" / "cards.po", language)


def ids(catalogue: Catalog) -> set[MessageId]:
    """The message ids of a catalogue, without its header."""
    return {
        tuple(message.id) if isinstance(message.id, (list, tuple)) else message.id
        for message in catalogue
        if message.id
    }
