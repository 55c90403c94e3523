"""The schema: each table a typed SQLModel class, whose attributes are the columns of every statement.

Rows are read as tuples, never as objects of these classes: that would cost more than the reading.
"""

from database.tables.approvals import ApprovalRow
from database.tables.channels import BreakerRow, RateRow
from database.tables.columns import TableRow, aliased, columns, dump, metadata
from database.tables.customers import (
    AccountRow,
    DealRow,
    OwnerRow,
    PersonRow,
    SignalDayRow,
    SignalRow,
    StakeholderRow,
    UnreadableRow,
)
from database.tables.onboardings import (
    BoardLineRow,
    EscalationRow,
    FactRow,
    GoalRow,
    HoldRow,
    JournalRow,
    MilestoneRow,
    OnboardingRow,
    TouchpointRow,
)
from database.tables.rights import ForgottenRow, InboxRow, SuppressionRow
from database.tables.upkeep import CalendarRow, EffectRow, KeyValueRow, PlaybookRow, SetAsideRow, StopRow, StoredCrmRow

__all__ = [
    "AccountRow",
    "ApprovalRow",
    "BoardLineRow",
    "BreakerRow",
    "CalendarRow",
    "DealRow",
    "EffectRow",
    "EscalationRow",
    "FactRow",
    "ForgottenRow",
    "GoalRow",
    "HoldRow",
    "InboxRow",
    "JournalRow",
    "KeyValueRow",
    "MilestoneRow",
    "OnboardingRow",
    "OwnerRow",
    "PersonRow",
    "PlaybookRow",
    "RateRow",
    "SetAsideRow",
    "SignalDayRow",
    "SignalRow",
    "StakeholderRow",
    "StopRow",
    "StoredCrmRow",
    "SuppressionRow",
    "TableRow",
    "TouchpointRow",
    "UnreadableRow",
    "aliased",
    "columns",
    "dump",
    "metadata",
]
