"""The products that deals were won with."""

from sqlalchemy import Connection, select

from database.tables import DealRow


def known_products(conn: Connection) -> frozenset[str]:
    """Return the names and codes of the products of all deals."""
    rows = conn.execute(select(DealRow.product, DealRow.products)).all()
    return frozenset(name for row in rows for name in (row.product, *row.products) if name)
