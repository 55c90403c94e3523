"""One person under several spellings of an address is one person, wherever the spelling comes from."""

import pytest

from onboarding.model.identity import one_spelling
from onboarding.orders import Order
from tasks.commands.erasure import forget
from tasks.commands.facts import record_bounce, record_signal, record_stakeholder
from tasks.commands.person_holds import hold_person
from tasks.runtime.refusals import Refused
from tests.tasks.conftest import MONDAY

ACME = "001-0001"
SPELT = ("Person1@Customer1.example", " person1@customer1.EXAMPLE ", "PERSON1@CUSTOMER1.EXAMPLE")


@pytest.fixture
def opened(office):
    """A customer whose champion has an address in capitals, and a second contact of the same person."""
    office.customer()
    office.change("003-0001", Email="PERSON1@customer1.example")
    office.contact(2, account=1, role="Executive Sponsor", Email="person1@Customer1.example")
    return office


@pytest.mark.slow
def test_two_records_of_one_person_get_one_mail_a_step(opened):
    opened.run()
    sent = [effect["kind"] for effect in opened.effects(channel="mail") if effect["state"] == "sent"]
    assert len(sent) == len(set(sent))
    assert {one_spelling(mail["To"].addresses[0].addr_spec) for mail in opened.mails} == {one_spelling(SPELT[0])}


@pytest.mark.slow
@pytest.mark.parametrize("spelt", SPELT)
def test_a_bounce_of_any_spelling_ends_all_mail(opened, spelt):
    opened.run()
    before = len(opened.mails)
    opened.report(record_bounce, spelt)
    for day in ("2026-03-03", "2026-03-04", "2026-03-09", "2026-04-01"):
        opened.run(f"{day}T10:00")
    assert len(opened.mails) == before


@pytest.mark.slow
@pytest.mark.parametrize("spelt", SPELT)
def test_a_person_who_is_named_by_hand_is_the_one_of_the_crm(opened, spelt):
    opened.run()
    opened.report(record_stakeholder, spelt, role="it_security")
    opened.order(hold_person, ACME, spelt, reason="asked us to wait")
    with pytest.raises(Refused, match="on hold already"):
        opened.order(hold_person, ACME, spelt.swapcase(), reason="asked us to wait")


@pytest.mark.slow
@pytest.mark.parametrize("spelt", SPELT)
def test_who_is_forgotten_is_forgotten_under_every_spelling(opened, spelt):
    for number, user in enumerate(SPELT):
        opened.event("login", "2026-03-02T09:00Z", user=user, id=f"{number}/{user.strip()}")
    opened.run()
    with opened.context() as context:
        forget(context, Order(by="jo@vendor.example", now=MONDAY, reason="asked"), spelt)
    assert usage(opened) == (1, 3)
    opened.event("login", "2026-03-03T09:00Z", user="pERSON1@customer1.example")
    opened.run("2026-03-03T10:00")
    assert usage(opened) == (1, 4), "known events do not come a second time under another key"
    with opened.context() as context, context.database.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM signal WHERE lower(key) LIKE '%person1@%'").scalar() == 0


@pytest.mark.slow
def test_usage_of_one_person_counts_one_user(opened):
    opened.run()
    for user in (*SPELT, "person1+test@customer1.example"):
        opened.report(record_signal, "login", user=user, count=1, on="2026-03-03T10:00")
    assert usage(opened) == (2, 2), "a repeat of the same moment is known already"


def usage(office):
    """Return the number of distinct users, and of events."""
    with office.context() as context, context.database.reading() as conn:
        return tuple(conn.exec_driver_sql('SELECT count(DISTINCT "user"), count(*) FROM signal').one())
