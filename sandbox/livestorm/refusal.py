"""What the simulated Livestorm says no to."""

from http import HTTPStatus


class Refused(Exception):
    """A request that Livestorm answers with an error document.

    Attributes:
        status: HTTP status.
        details: One text per entry of ``errors``.
        headers: Headers of the answer.
    """

    def __init__(self, status: int, *details: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, *details)
        self.status = status
        self.details = details
        self.headers = headers or {}


def error_document(status: int, *details: str) -> dict[str, object]:
    """Return the error body: title, detail, code and status, all of them strings (§1.5)."""
    phrase = HTTPStatus(status).phrase
    # Rails names 422 by its older phrase.
    title = "Unprocessable entity" if status == 422 else phrase
    return {
        "errors": [
            {
                "title": title,
                "detail": detail,
                "code": str(status),
                "status": title.lower().replace(" ", "_").replace("-", "_"),
            }
            for detail in details or (title,)
        ]
    }
