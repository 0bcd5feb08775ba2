"""The pages that people see: rooms, registration, and the dashboard."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import nh3
from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from sandbox.livestorm.pages.actions import actions_blueprint
from sandbox.livestorm.pages.dashboard import dashboard_blueprint
from sandbox.livestorm.pages.language import chosen_language, remember_language, text
from sandbox.livestorm.pages.rooms import rooms_blueprint
from sandbox.livestorm.world import World


def add_pages(app: Flask, world: Callable[[], World]) -> None:
    """Register the pages on the simulator's application."""
    for make in (rooms_blueprint, dashboard_blueprint, actions_blueprint):
        app.register_blueprint(make(world))

    @app.get("/")
    def front() -> ResponseReturnValue:
        return redirect(url_for("dashboard.events"))

    app.after_request(remember_language)
    app.add_template_filter(_clean, "clean")

    @app.context_processor
    def languages() -> dict[str, Any]:
        language = chosen_language()

        def say(name: str, **values: object) -> str:
            return text(language, name, **values)

        def in_language(other: str) -> str:
            """Return the address of this page in another language."""
            return f"{request.path}?{_query_with(lang=other)}"

        return {"language": language, "t": say, "in_language": in_language}


def _query_with(**values: str) -> str:
    return urlencode({**request.args.to_dict(), **values})


def _clean(html: str | None) -> Markup:
    """Return HTML that somebody wrote, safe to show."""
    return Markup(nh3.clean(html or ""))
