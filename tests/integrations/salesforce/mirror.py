"""The org as a reader would hold it after whole reads and reads of changes alike."""

from dataclasses import dataclass, field
from typing import Any

from integrations.salesforce.org import SalesforceOrg
from onboarding.model.crm_records import CrmBatch


@dataclass
class Mirror:
    """Takes batches in as intake does: later ones over earlier ones, and what is gone is removed."""

    org: SalesforceOrg
    cursor: str | None = None
    users: dict[str, Any] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    contacts: dict[str, Any] = field(default_factory=dict)
    deals: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, frozenset[Any]] = field(default_factory=dict)
    onboardings: dict[str, Any] = field(default_factory=dict)

    def read(self) -> CrmBatch:
        """Read once more and take the batch in."""
        batch = self.org.read(self.cursor)
        self.take(batch)
        return batch

    def take(self, batch: CrmBatch) -> None:
        self.cursor = batch.cursor
        kinds = ("users", "accounts", "contacts", "deals")
        if batch.complete and not batch.unchanged:
            for kind in (*kinds, "parts", "onboardings"):
                getattr(self, kind).clear()
        for kind in kinds:
            held = getattr(self, kind)
            held.update({one.id: one for one in getattr(batch, kind)})
            for one in batch.gone:
                held.pop(one, None)
        for deal in batch.roles_of or ():
            self.parts[deal] = frozenset(part for part in batch.roles if part.deal_id == deal)
        self.onboardings.update({one.key: one for one in batch.onboardings})
        for key in batch.gone_rows:
            self.onboardings.pop(key, None)

    def view(self) -> dict[str, Any]:
        """Return what counts: the deals, and what belongs to them."""
        customers = {deal.account_id for deal in self.deals.values()}
        parts = {deal: self.parts.get(deal, frozenset()) for deal in self.deals}
        people = {part.contact_id for some in parts.values() for part in some}
        return {
            "users": self.users,
            "accounts": {key: one for key, one in self.accounts.items() if key in customers},
            "contacts": {k: one for k, one in self.contacts.items() if one.account_id in customers or k in people},
            "deals": self.deals,
            "parts": parts,
            "onboardings": self.onboardings,
        }


def truth(org: SalesforceOrg) -> dict[str, Any]:
    """Return the view of a whole read."""
    mirror = Mirror(org)
    mirror.read()
    return mirror.view()
