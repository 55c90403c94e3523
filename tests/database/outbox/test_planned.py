"""What is read of planned messages."""

from datetime import timedelta

from database.outbox import planned
from onboarding.escalations.digest import DIGEST, NOTHING_NEW
from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import Channel, EffectState


def digest(person, day, state=EffectState.PLANNED, because="news"):
    return PlannedEffect(
        key=f"{DIGEST}:{day.date().isoformat()}:slack:{person}",
        kind=DIGEST,
        occurrence=day.date().isoformat(),
        channel=Channel.SLACK,
        person_id=person,
        recipient=f"{person}@vendor.example",
        role="csm",
        due_at=day,
        because=because,
        state=state,
        data={"for": f"{person} {day.day}"},
    )


class Counting:
    """A connection that counts the rows that it gave."""

    def __init__(self, conn):
        self.conn, self.rows = conn, 0

    def execute(self, query):
        found = self.conn.execute(query).all()
        self.rows += len(found)
        return found


def test_of_a_readers_digests_the_last_one_that_was_not_taken_back_is_read_alone(database, world):
    days = [world.now - timedelta(days=number) for number in (70, 9, 3, 1, 0)]
    digests = [digest(person, day) for person in ("ann", "ben") for day in days[:4]]
    digests += [digest("ann", days[4], EffectState.CANCELLED), digest("cy", days[0])]
    digests += [digest("ben", days[4], EffectState.CANCELLED, NOTHING_NEW)]
    with database.writing() as conn:
        planned.plan(conn, [(None, one) for one in digests], world.now)
        counting = Counting(conn)
        found = planned.last_digests(counting, world.now)
    last = days[3].date().isoformat()
    quiet = days[4].date().isoformat(), {"for": f"ben {days[4].day}"}
    assert found == {"ann": (last, {"for": f"ann {days[3].day}"}), "ben": quiet}, "nothing new is as good as read"
    assert counting.rows == 2
