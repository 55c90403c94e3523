"""The pages of the person to whom a link belongs, in that person's language."""

from config.company.languages import load_languages
from database.crm.people import located
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link
from web.pages import Pages


def pages_for(context: RunContext, link: Link | None = None) -> Pages:
    """Return the pages for the person of a link; for None, or a person who is not known, in the brand's language."""
    found = None
    if link is not None:
        with context.database.reading() as conn:
            found = located(conn, link.person_id)
    wanted = load_languages().of(*found, context.brand) if found else ()
    return Pages(context.brand, context.templates.languages.of_pages(wanted))
