"""Composition root: from settings and opened resources to a service that runs."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from chassis.app import App
from chassis.definition_store import Published
from notify.adapters.contacts import Colleagues, Customers
from notify.adapters.mail import MailFrom
from notify.adapters.smtp import Access, MailServer
from notify.adapters.surveys import count_by_state
from notify.app.customer_links import CustomerLinks
from notify.app.letter_templates import NAME, letter_templates
from notify.app.mailroom import Mailroom
from notify.app.queries import count_by_kind_and_state
from notify.app.send import Post
from notify.domain.letter import Letterhead
from notify.entrypoints.admin import receipts
from notify.entrypoints.consumers import reactions
from notify.entrypoints.rpc import NotifyServicer
from notify.entrypoints.sender import Bell, Sender
from notify.metrics import NotifyMetrics
from notify.settings import Settings
from redress.notify.v1.notify_pb2_grpc import add_NotifyServiceServicer_to_server

_COUNT_EVERY_S = 15.0


async def bootstrap(app: App[Settings]) -> None:
    metrics = NotifyMetrics(app.metrics.registry)
    bell = Bell()
    room = open_room(app.settings, bell, _links(app))
    post = _open_post(app, metrics)
    sender = Sender(app.db, room, post, bell, app.settings.poll_seconds)

    app.servicer(
        add_NotifyServiceServicer_to_server, NotifyServicer(app.commands, room), "redress.notify.v1.NotifyService"
    )
    app.definitions(letter_templates(room.head))
    app.react(reactions(room))
    app.ledger("receipts", receipts)
    app.job("sender", sender.run)
    app.every(_COUNT_EVERY_S, "count deliveries", lambda: _count(app, metrics))
    app.on_drain(sender.stop)


def open_room(settings: Settings, bell: Bell, links: CustomerLinks | None = None) -> Mailroom:
    head = Letterhead(settings.organisation, ZoneInfo(settings.time_zone))
    return Mailroom(
        open=bool(settings.smtp_host),
        templates=Published(letter_templates(head), NAME),
        head=head,
        digest_interval=timedelta(seconds=settings.digest_seconds),
        retry=settings.retry_policy,
        claim=timedelta(seconds=settings.claim_seconds),
        knock=bell.knock,
        links=links,
    )


def _links(app: App[Settings]) -> CustomerLinks | None:
    settings = app.settings
    if not settings.public_url:
        return None
    return CustomerLinks(app.signer, settings.public_url, settings.status_link_days, settings.survey_link_days)


def _access(settings: Settings, sender: MailFrom) -> Access:
    return Access(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=sender.address,
        greeting=sender.domain,
        username=settings.smtp_username or None,
        password=settings.smtp_password or None,
        starttls=settings.smtp_starttls,
        timeout_s=settings.smtp_timeout_seconds,
        ca_file=settings.smtp_ca_file or None,
    )


def _open_post(app: App[Settings], metrics: NotifyMetrics) -> Post | None:
    settings = app.settings
    if not settings.smtp_host:
        return None
    sender = MailFrom.of(settings.mail_from)
    server = MailServer(_access(settings, sender), settings.smtp_connections, metrics.send_seconds.observe)
    app.on_close(server.close)
    token, timeout_s = app.signer.for_service, settings.ask_timeout_seconds
    return Post(
        server=server,
        sender=sender,
        customers=Customers(app.channel(settings.intake_target), token, timeout_s),
        colleagues=Colleagues(app.channel(settings.gateway_target), token, timeout_s, settings.person_cache_seconds),
        signer=app.signer,
    )


async def _count(app: App[Settings], metrics: NotifyMetrics) -> None:
    async with app.db.read() as tx:
        metrics.count(await count_by_kind_and_state(tx), await count_by_state(tx))
