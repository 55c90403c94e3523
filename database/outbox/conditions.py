"""Conditions spelt exactly as in the partial indexes: SQLite uses such an index only for the same text.

Apart from the ledger, so that counting effects does not import all that delivery imports.
"""

from sqlalchemy import ColumnElement, literal_column

from database.tables import EffectRow

PLANNED = EffectRow.state == literal_column("'planned'")
UNDER_WAY: ColumnElement[bool] = literal_column("effect.state IN ('leased', 'sending')")
PUT_ASIDE: ColumnElement[bool] = literal_column("effect.state IN ('unknown', 'dead')")
WITHHELD = EffectRow.state == literal_column("'withheld'")
