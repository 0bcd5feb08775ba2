"""The Livestorm simulator as one object."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from sandbox.livestorm.api import MEDIA_TYPE, api_blueprint
from sandbox.livestorm.background import Background
from sandbox.livestorm.deliveries import Deliveries, Delivery
from sandbox.livestorm.limits import Limiter
from sandbox.livestorm.oauth import oauth_blueprint
from sandbox.livestorm.pages import add_pages
from sandbox.livestorm.refusal import error_document
from sandbox.livestorm.seed import seed as fill
from sandbox.livestorm.switches import Switches
from sandbox.livestorm.world import World
from sandbox.simulation import ApiGate, CallLog, Faults, Server, install_control, serve

DEFAULT_URL = "http://127.0.0.1:8082"
"""Origin of links before the simulator is served; the sandbox's usual port."""


class LivestormSimulator:
    """A Livestorm on this machine: API under ``/v1``, the application under ``/``.

    Args:
        public_url: Origin that links start with, when it differs from where it is served.
        seed: Makes ids deterministic when given.
        empty: Leaves the events of the first state out; the workspace and its people stay.
        switches: The unknowns, all at their defaults when not given.

    Attributes:
        app: The Flask application.
        world: The state; replaced by ``reset()``.
        switches: The unknowns of Livestorm's behaviour.
        log: API calls so far.
        faults: Faults in force.
        latency: Seconds added to every API call.
        deliveries: Sends webhooks; ``deliveries.made`` lists the attempts.
    """

    def __init__(
        self,
        *,
        public_url: str | None = None,
        seed: int | None = None,
        empty: bool = False,
        switches: Switches | None = None,
    ) -> None:
        self.switches = switches or Switches()
        self.log = CallLog()
        self.faults = Faults()
        self.latency = 0.0
        self.limiter = Limiter()
        self.background = Background()
        self.deliveries = Deliveries(lambda: self.world, self.background)
        self._public_url = public_url
        self._served_url: str | None = None
        self._seed = seed
        self._empty = empty
        self.world = self._new_world()
        self.app = self._new_app()

    @property
    def url(self) -> str:
        """The origin, without a slash at the end."""
        return self._public_url or self._served_url or DEFAULT_URL

    def now(self) -> float:
        """The simulator's clock, Unix seconds."""
        return self.world.now()

    def clear_log(self) -> None:
        """Forget the API calls so far."""
        self.log.clear()

    def reset(self) -> None:
        """Start again from the first state: world, limits, faults, latency and switches."""
        with self.world.lock:
            self.background.clear()
            self.deliveries.made.clear()
            self.log.clear()
            self.faults.clear()
            self.latency = 0.0
            self.switches.restore()
            self.limiter = Limiter()
            self.world = self._new_world()

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until bulk jobs and webhook deliveries are through; whether they were in time."""
        return self.background.settle(timeout)

    @property
    def webhook_deliveries(self) -> list[Delivery]:
        """Attempts to deliver webhooks so far, oldest first."""
        return list(self.deliveries.made)

    @contextmanager
    def serve(self, port: int = 0, *, host: str = "127.0.0.1") -> Iterator[Server]:
        """Serve the simulator until the block ends; ``url`` is then its own.

        Raises:
            OSError: No port is free.
        """
        with serve(self.app, port, host=host) as server:
            self._served_url = server.url
            self.background.start()
            try:
                yield server
            finally:
                self.background.stop()

    def _new_world(self) -> World:
        world = World(self.switches, lambda: self.url, self._seed)
        fill(world, with_events=not self._empty)
        world.announce = self.deliveries.announce
        world.later = self.background.later
        return world

    def _new_app(self) -> Flask:
        app = Flask(__name__, static_url_path="/assets")
        app.json.sort_keys = False  # type: ignore[attr-defined]  # in the order of the reference
        app.register_blueprint(api_blueprint(lambda: self.world, lambda: self.limiter))
        app.register_blueprint(oauth_blueprint(lambda: self.world))
        add_pages(app, lambda: self.world)
        install_control(app, self)
        app.wsgi_app = ApiGate(  # type: ignore[method-assign]
            app.wsgi_app,
            self,
            is_api=_is_api,
            error=lambda status: (json.dumps(error_document(status)).encode(), MEDIA_TYPE),
        )
        return app


TOKEN_PATHS = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")


def _is_api(path: str) -> bool:
    return path.startswith("/v1/") or path in TOKEN_PATHS
