"""When product usage reached what a detection takes: distinct users, events, several signals, within a window."""

from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from onboarding.model.case import Case
from onboarding.model.playbook import MilestonePlan
from onboarding.model.usage import Detection, Event, Need, SignalUse


def reached(
    detection: Detection, uses: Mapping[str, SignalUse], since: datetime | None, now: datetime
) -> datetime | None:
    """Return when all that it takes was there, counted from ``since`` if given; None if it was not by ``now``."""
    needs = detection.needs
    if any(need.signal not in uses for need in needs):
        return None
    events = {
        name: [event for event in uses[name].since(since) if event[0] <= now]
        for name in {need.signal for need in needs}
    }
    window = None if detection.within_days is None else timedelta(days=detection.within_days)
    counted = [_Counted(need, window) for need in needs]
    in_order = sorted((event, name) for name, some in events.items() for event in some)
    for (at, user, number), name in in_order:
        for one in counted:
            one.forget(at)
            if one.need.signal == name:
                one.add((at, user, number))
        if all(one.met for one in counted):
            return at
    return None


class _Counted:
    """The events of one signal within the window that ends now."""

    def __init__(self, need: Need, window: timedelta | None) -> None:
        self.need = need
        self._window = window
        self._events: deque[Event] = deque()
        self._users: Counter[str] = Counter()
        self._total = 0

    def add(self, event: Event) -> None:
        self._events.append(event)
        self._users[event[1]] += 1
        self._total += event[2]

    def forget(self, now: datetime) -> None:
        """Drop what is older than the window."""
        while self._window is not None and self._events and self._events[0][0] <= now - self._window:
            _, user, number = self._events.popleft()
            self._total -= number
            self._users[user] -= 1
            if not self._users[user]:
                del self._users[user]

    @property
    def met(self) -> bool:
        return len(self._users) >= self.need.users and self._total >= self.need.count


def detection_for(plan: MilestonePlan, case: Case) -> Detection | None:
    """Return the usage that proves the milestone for this customer; None if none does."""
    if plan.signal_for:
        products = [deal.product for deal in case.deals if deal.won and deal.product]
        for one in plan.signal_for:
            if one.fits(products, case.account.industry):
                return one.signal
    return plan.signal
