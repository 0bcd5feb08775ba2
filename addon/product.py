"""Put the product together from its options."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from addon.beside import Afterwards, Beside
from addon.conference import Conferences
from addon.conference.adopting import Adopting
from addon.conference.placeholders import Placeholders
from addon.connections import Connecting, Connections
from addon.connections.activation import Activation
from addon.erasing import Erasing
from addon.google.calendar import CalendarApi
from addon.google.consent import GoogleClient
from addon.google.identity import Verifier
from addon.jobs import LinkWakes
from addon.jobs.dbos_queue import DbosQueue
from addon.livestorm import Livestorm, TimeForm
from addon.livestorm.oauth import OAuthClient
from addon.store.allowance import REAL_TIME, AllowanceClock, DatabaseAllowance
from addon.store.engine import create_engine
from addon.store.tables import links
from addon.store.vault import Vault
from addon.sync.job import Job
from addon.sync.notice import ChannelCare, Notices
from addon.sync.service import Syncing
from addon.template import Templates

GOOGLE_TIMEOUT_SECONDS = 4.0
"""Half of the budget that a conference has: the other half belongs to Livestorm."""

PLACEHOLDER_TITLE = "Livestorm"
"""What Livestorm calls an event that lost its title: a name, the same in every language, for
nobody knows whose to take."""


@dataclass(frozen=True)
class Options:
    """What the product has to be told. URLs are without a trailing slash unless said otherwise.

    Attributes:
        database_url: SQLAlchemy URL of an SQLite file or a PostgreSQL database.
        token_keys: Fernet keys, newest first.
        base_url: Public origin of this server.
        addon_audiences: Exact `aud` values accepted in ID tokens.
        google_certs: Where Google publishes the certificates (kid → PEM).
        google_calendar_api: Root of the Calendar API, with its trailing slash.
        google_client: The OAuth client of "Activate with Google", and Google's endpoints.
        livestorm_api: Root of Livestorm's API.
        livestorm_app: Origin of Livestorm's web application.
        livestorm_client_id: OAuth client; "" where people use API tokens.
        livestorm_client_secret: Its secret.
        time_form: How session starts are written (see `TimeForm`).
        link_per_session: Whether what is no single event carries its first session's link (see
            `addon.conference.draft.room_link`).
        delete_grace_seconds: How long a deletion waits before it is carried to the other side.
        occurrence_sessions: How many upcoming occurrences of a series get a session each.
        bare_cancellation_is_deletion: Whether a cancelled Calendar event whose details are gone was
            deleted (otherwise: moved out of sight).
        placeholder_titles: What new Livestorm events without a title are called, in each language.
    """

    database_url: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)
    base_url: str
    addon_audiences: tuple[str, ...]
    google_certs: str
    google_calendar_api: str
    google_client: GoogleClient
    livestorm_api: str
    livestorm_app: str
    livestorm_client_id: str = ""
    livestorm_client_secret: str = field(default="", repr=False)
    time_form: TimeForm = TimeForm.OFFSET
    link_per_session: bool = False
    delete_grace_seconds: int = 60
    occurrence_sessions: int = 10
    bare_cancellation_is_deletion: bool = False
    placeholder_titles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Product:
    """The parts that the server and the worker call; one per process, all thread-safe."""

    engine: sa.Engine
    verifier: Verifier
    calendar: CalendarApi
    connections: Connections
    connecting: Connecting
    conferences: Conferences
    adopting: Adopting
    placeholders: Placeholders
    templates: Templates
    activation: Activation
    wakes: LinkWakes
    notices: Notices
    syncing: Syncing
    erasing: Erasing
    job: Job
    afterwards: Afterwards

    def warm_up(self) -> None:
        """Do now what the first request would otherwise wait for."""
        self.calendar.warm_up()


def build(
    options: Options,
    *,
    sleep: Callable[[float], None] = time.sleep,
    allowance_clock: AllowanceClock = REAL_TIME,
) -> Product:
    """Make the parts and connect them. Opens no connection yet.

    Args:
        options: What the product has to be told.
        sleep: What waits (seconds) for refreshes made elsewhere and for bulk jobs.
        allowance_clock: What Livestorm's allowances are counted and waited for by.
    """
    engine = create_engine(options.database_url)
    vault = Vault(options.token_keys)
    allowance = DatabaseAllowance(engine, clock=allowance_clock)
    livestorm = Livestorm(
        api=options.livestorm_api,
        allowance=allowance,
        time_form=options.time_form,
    )
    oauth = None
    if options.livestorm_client_id:
        oauth = OAuthClient(
            app=options.livestorm_app,
            client_id=options.livestorm_client_id,
            client_secret=options.livestorm_client_secret,
        )
    connections = Connections(
        engine=engine, vault=vault, livestorm=livestorm, oauth=oauth, sleep=sleep
    )
    calendar = CalendarApi(options.google_calendar_api, timeout_seconds=GOOGLE_TIMEOUT_SECONDS)
    activation = Activation(
        engine=engine,
        vault=vault,
        client=options.google_client,
        certs_url=options.google_certs,
        callback_url=f"{options.base_url}/google/callback",
        sleep=sleep,
    )
    wakes = LinkWakes(links, DbosQueue(engine))
    notices = Notices(
        engine=engine,
        wakes=wakes,
        channels=ChannelCare(
            engine=engine, activation=activation, api=calendar, base_url=options.base_url
        ),
    )
    afterwards = Afterwards()
    return Product(
        engine=engine,
        verifier=Verifier(certs_url=options.google_certs, audiences=options.addon_audiences),
        calendar=calendar,
        connections=connections,
        connecting=Connecting(
            engine=engine,
            vault=vault,
            livestorm=livestorm,
            oauth=oauth,
            callback_url=f"{options.base_url}/livestorm/callback",
        ),
        conferences=Conferences(
            engine=engine,
            connections=connections,
            calendar=calendar,
            beside=Beside(),
            link_per_session=options.link_per_session,
        ),
        adopting=Adopting(
            engine=engine,
            connections=connections,
            activation=activation,
            calendar=calendar,
            link_per_session=options.link_per_session,
        ),
        placeholders=Placeholders(engine=engine, connections=connections, calendar=calendar),
        templates=Templates(engine=engine, connections=connections),
        activation=activation,
        wakes=wakes,
        notices=notices,
        syncing=Syncing(
            engine=engine,
            allowance=allowance,
            activation=activation,
            notices=notices,
            wakes=wakes,
            afterwards=afterwards,
        ),
        erasing=Erasing(
            engine=engine,
            activation=activation,
            connections=connections,
            notices=notices,
            base_url=options.base_url,
        ),
        job=Job(
            engine=engine,
            wakes=wakes,
            calendar=calendar,
            activation=activation,
            connections=connections,
            notices=notices,
            deletion_grace=timedelta(seconds=options.delete_grace_seconds),
            occurrence_sessions=options.occurrence_sessions,
            bare_cancellation_is_deletion=options.bare_cancellation_is_deletion,
            placeholder_title=PLACEHOLDER_TITLE,
            placeholder_titles=options.placeholder_titles,
            sleep=sleep,
        ),
        afterwards=afterwards,
    )
