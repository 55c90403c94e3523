"""What must hold after every run of the small company (R12): the provider's records, the model and the effects table
agree."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from database.onboardings import overview
from onboarding.model.vocabulary import Channel
from tests.builders.lines import oldest_owed
from tests.reliability.far_side import Provider
from tests.reliability.house import House
from tests.reliability.known import Known, Letter
from tests.tasks.conftest import Office

OURS = ("Onboarding__c.csv", "Onboarding_Milestone__c.csv")


class Bench:
    """The checks of one company."""

    def __init__(self, house: House, office: Office, there: Provider, known: Known) -> None:
        self.house, self.office, self.there, self.known = house, office, there, known
        self.effects: Mapping[str, Mapping[str, Any]] = {}
        self.letters: list[Letter] = []
        self._posts, self._rows = 0, self.rows()

    def opens(self) -> None:
        """Begin with the present state as checked."""
        self._posts, self._rows = len(self.office.posts), self.rows()

    def judges(self, now: datetime) -> int:
        """Check what a run did; return how many mails were sent."""
        fresh = [Letter.of(sent["key"], sent) for sent in self.there.mails[len(self.letters) :]]
        self.letters += fresh
        for letter in fresh:
            why = self.known.forbids(letter, now)
            assert not why, f"{letter} left at {now}, and yet: {why}"
        for post in self.office.posts[self._posts :]:
            key = post["metadata"]["event_payload"]["key"]
            assert not self.known.stopped & {"all", "slack"}, f"{key} was said, and yet Slack is stopped"
            if post["method"] == "chat.postMessage" and key.startswith("006-"):
                why = self.known.rests(key.split(":")[0], now)
                assert not why, f"{key} was said at {now}, and yet: {why}"
        if self.known.stopped & {"all", "crm"}:
            assert self.rows() == self._rows, "the CRM was written to, and yet it is stopped"
        self._judge_ledger()
        return len(fresh)

    def closes(self, now: datetime) -> None:
        """Check that nothing is in flight or late any more."""
        with self.house.context.database.reading() as conn:
            late = oldest_owed(conn, now)
        assert not late, late
        stuck = [key for key, line in self.effects.items() if line["state"] in ("leased", "sending")]
        assert not stuck, stuck

    def seen(self) -> tuple[object, ...]:
        """Return everything that a run may change."""
        return dict(self.there.delivered), self.office.posts, self.rows(), self.effects

    def rows(self) -> list[str]:
        """Return our rows in the CRM."""
        files = [self.office.folder / name for name in OURS]
        return [file.read_text("utf-8") if file.exists() else "" for file in files]

    def addresses(self, person: str) -> set[str]:
        """Return the addresses at which a person got mails."""
        return {letter.to for letter in self.letters if letter.person == person}

    def token(self, person: str) -> str | None:
        """Return the token of a person's newest unsubscribe link."""
        urls = [sent["unsubscribe_url"] for sent in self.there.mails if Letter.of(sent["key"], sent).person == person]
        return next((url.rpartition("/")[2] for url in reversed(urls) if url), None)

    def _judge_ledger(self) -> None:
        before = self.effects
        with self.house.context.database.reading() as conn:
            self.effects = {line["key"]: line for line in overview.effect_lines(conn)}
        assert before.keys() <= self.effects.keys(), "what was owed is forgotten"
        for key, line in self.effects.items():
            if line["state"] in ("cancelled", "withheld"):
                assert line["because"], f"{key} does not leave, and nobody knows why"
            if line["state"] in ("dead", "unknown"):
                assert line["error"], f"{key} is set aside, and nobody knows why"
            if line["channel"] == Channel.MAIL:
                self._judge_mail(key, line["state"])
        once = {letter.key: letter for letter in self.letters}.values()
        for what in ("person", "to"):
            times = Counter((*letter.step, getattr(letter, what)) for letter in once)
            assert not times or max(times.values()) == 1, times.most_common(1)

    def _judge_mail(self, key: str, state: str) -> None:
        times = self.there.delivered[key]
        most = 1 if self.there.keyed else 1 + self.known.repeats[key]
        assert times <= most, f"{key} arrived {times} times"
        if key in self.known.decided:
            return
        if state == "sent":
            assert times, f"{key} is lost: sent, and it never arrived"
        if state in ("dead", "cancelled") and not self.known.repeats[key]:
            assert not times, f"{key} is called {state}, and it has arrived"
