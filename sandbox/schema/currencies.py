"""The schema of an org with several currencies: two more objects, and a currency on every record."""

from dataclasses import replace
from pathlib import Path

from sandbox.schema.fields import Field, Schema, standard_object
from sandbox.schema.standard import standard_objects

FILE = Path(__file__).with_name("currency_objects.yaml")
CURRENCY = Field(name="CurrencyIsoCode", label="Currency ISO Code", type="picklist", length=3)


def multi_currency(schema: Schema, *, dated: bool = True) -> Schema:
    """Return the schema of such an org; ``dated``: with advanced currency management, which has rates by day."""
    made = {one.name: standard_object(one) for one in standard_objects(FILE)}
    if not dated:
        del made["DatedConversionRate"]
    own = {
        name: one if name == "OpportunityContactRole" else replace(one, fields={**one.fields, CURRENCY.name: CURRENCY})
        for name, one in schema.objects.items()
    }
    return replace(schema, objects={**own, **made})
