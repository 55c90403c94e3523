"""kill -9 at every boundary while the mails on a report leave, and around the moment it is stored: made or delivered
again, each leader has the mail once, and the page is kept."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern

import pytest

from database import key_values
from integrations.mail.maildir import Maildir
from onboarding.metrics.period import Period
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.reporting.publish import STORED, publish
from tasks.runtime.context import RunContext
from tasks.runtime.scope import ALL_ACCOUNTS
from tests.reliability.conftest import MakeHouse
from tests.reliability.house import House
from tests.reliability.killing import Boundaries, Boundary, Killed, forked
from tests.reliability.test_kills import LEASE_OVER, NoKeys

pytestmark = pytest.mark.slow
LEADERS = ("chief@northbeam.example", "vp@northbeam.example")
ONCE = dict.fromkeys(LEADERS, 1)
Work = Callable[[House, RunContext], None]


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """A home after its cycle, in which everything but a report has left."""
    made = make_house()
    made.cycle()
    made.keep()
    return made


def opened(house: House, later: timedelta = timedelta(), mail: Maildir | None = None) -> RunContext:
    fresh = house.fresh(later)
    return replace(fresh, team=replace(fresh.team, leaders=LEADERS), mail=mail or fresh.mail)


def make(house: House, context: RunContext) -> None:
    publish(context, house.as_of, ALL_ACCOUNTS, Period.WEEKLY)


def send(house: House, context: RunContext) -> None:
    deliver(context, house.as_of, Channel.MAIL, ALL_ACCOUNTS)


def watched(house: House, work: Work, kill_at: int, mail: Maildir | None = None) -> list[Boundary]:
    boundaries = Boundaries(kill_at)
    boundaries.watch(house.context.database.engine, house.home)
    work(house, opened(house, mail=mail))
    return boundaries.passed


def kill(house: House, work: Work, point: Boundary, mail: Maildir | None = None) -> None:
    house.reset()
    with pytest.raises(Killed):
        forked(lambda: watched(house, work, point.number, mail))


def crossed(house: House, work: Work, mail: Maildir | None = None) -> list[Boundary]:
    house.reset()
    return [point for point in forked(lambda: watched(house, work, 0, mail)) if not point.idle]


def inboxes(house: House) -> Counter[str]:
    found = [path.read_bytes() for part in ("new", "cur") for path in (house.home / "mail" / part).glob("*")]
    addressed = (str(message_from_bytes(content, policy=modern)["To"]) for content in found)
    return Counter(address for address in addressed if address in LEADERS)


def after_kills_while_sending(house: House, mail: Maildir | None = None) -> Iterator[tuple[Boundary, Counter[str]]]:
    """Yield each boundary of the delivery with what each leader has after a kill there and another delivery."""
    house.reset()
    make(house, opened(house))
    house.keep()
    for point in crossed(house, send, mail):
        kill(house, send, point, mail)
        forked(lambda: send(house, opened(house, LEASE_OVER, mail)))
        yield point, inboxes(house)


def test_killed_while_its_mails_leave_a_report_reaches_each_leader_once(house: House) -> None:
    found = dict(after_kills_while_sending(house))
    assert len(found) > 10
    assert all(inbox == ONCE for inbox in found.values()), {str(point): inbox for point, inbox in found.items()}


def test_the_control_without_keys_in_file_names_sends_one_twice(house: House) -> None:
    """The moment between a mail and its record is among those that are tried."""
    found = after_kills_while_sending(house, NoKeys(house.home / "mail"))  # type: ignore[arg-type]
    assert any(max(inbox.values()) > 1 for _, inbox in found)


def test_killed_around_the_moment_it_is_stored_a_report_is_made_again_and_sent_once(house: House) -> None:
    around = [point for point in crossed(house, make) if "COMMIT" in point.name]
    assert len(around) >= 2
    for point in around:
        kill(house, make, point)
        forked(lambda: (make(house, opened(house, LEASE_OVER)), send(house, opened(house, LEASE_OVER)))[0])
        assert inboxes(house) == ONCE, f"killed {point}"
        with house.context.database.reading() as conn:
            assert key_values.read(conn, f"{STORED}{Period.WEEKLY.name_at(house.as_of)}") is not None
        house.context.database.engine.dispose()
