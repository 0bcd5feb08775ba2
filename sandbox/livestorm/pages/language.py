"""English or French, by ``?lang=``, then a cookie, then Accept-Language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, request

from sandbox.livestorm.pages.texts import DAYS, MONTHS, TEXTS

LANGUAGES = ("en", "fr")
COOKIE = "livestorm_language"


def chosen_language() -> str:
    """Return the language of the request that is being answered."""
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return request.accept_languages.best_match(LANGUAGES) or "en"


def remember_language(response: Response) -> Response:
    """Keep a language that was asked for by ``?lang=`` in a cookie."""
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie(COOKIE, request.args["lang"], samesite="Lax", httponly=True)
    return response


def text(language: str, name: str, **values: object) -> str:
    """Return one of the texts, with its values filled in."""
    return TEXTS[name][LANGUAGES.index(language)].format(**values)


def moment(language: str, seconds: float, zone: str) -> str:
    """Return an instant as people write it, in a zone: Tue 4 March 2025, 14:00."""
    when = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    day, month = DAYS[language][when.weekday()], MONTHS[language][when.month - 1]
    return f"{day} {when.day} {month} {when.year}, {when:%H:%M}"
