"""How every page speaks: its language, its words."""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, request, session, url_for
from markupsafe import Markup

from addon import description
from server.browser import dates

CATALOGUES = Path(__file__).parent / "locale"
"""`<language>/LC_MESSAGES/pages.po`; the message ids are the English sentences."""

LANGUAGES = ("en", *sorted(path.parts[-3] for path in CATALOGUES.glob("*/LC_MESSAGES/pages.po")))

_CHOSEN = "language"
"""Where the browser's session keeps the language that its person chose."""


def language() -> str:
    """The language of this request: the one chosen, else the browser's, else English."""
    for chosen in (request.args.get("lang"), session.get(_CHOSEN)):
        if chosen in LANGUAGES:
            return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or "en"


def locale_tag() -> str:
    """How dates and times are written: the browser's region, where it speaks this language."""
    spoken = language()
    for tag, _ in request.accept_languages:
        if tag.replace("_", "-").split("-")[0].lower() == spoken:
            return tag
    return spoken


def choose_language(asked: str) -> None:
    """Remember a language for this browser; one that is not spoken here changes nothing."""
    if asked in LANGUAGES and session.get(_CHOSEN) != asked:
        session[_CHOSEN] = asked


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


def here(**changes: object) -> str:
    """The address of this page with other arguments; None leaves one out."""
    values = {**(request.view_args or {}), **request.args.to_dict(), **changes}
    kept = {name: value for name, value in values.items() if value not in {None, ""}}
    return url_for(request.endpoint or "integration.show", **kept)


def install(app: Flask) -> None:
    """Give the templates of `app` gettext, the language of the request, dates and times."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: catalogue(language()).gettext(message),
        lambda one, many, count: catalogue(language()).ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        language=language,
        # Each in its own words: whoever reads none of the others finds theirs.
        languages={code: dates.language_name(code) for code in LANGUAGES},
        here=here,
    )
    # Descriptions are HTML of two outside systems, cleaned once more where they are shown.
    app.jinja_env.filters["cleaned"] = lambda html: Markup(description.clean(html))  # noqa: S704
    dates.install(app, locale_tag)

    @app.before_request
    def remember_language() -> None:
        if request.method == "GET" and "lang" in request.args:
            choose_language(request.args["lang"])
