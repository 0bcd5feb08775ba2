"""How every page speaks: its language, its words."""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, request

CATALOGUES = Path(__file__).parent / "locale"
"""`<language>/LC_MESSAGES/pages.po`; the message ids are the English sentences."""

LANGUAGES = ("en", *sorted(path.parts[-3] for path in CATALOGUES.glob("*/LC_MESSAGES/pages.po")))


def language() -> str:
    """The language of this request: `?lang=`, else the browser's, else English."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or "en"


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """The words of one of `LANGUAGES`."""
    if code == "en":
        return gettext.NullTranslations()
    with (CATALOGUES / code / "LC_MESSAGES" / "pages.po").open("rb") as source:
        words = read_po(source, locale=code, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def install(app: Flask) -> None:
    """Give the templates of `app` gettext and the language of the request."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: catalogue(language()).gettext(message),
        lambda one, many, count: catalogue(language()).ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals["language"] = language
