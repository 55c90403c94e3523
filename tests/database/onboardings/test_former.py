"""A role that the CRM has no longer is still known, with the person's address and since when (SH-6)."""

from datetime import timedelta

from database.crm import contact_roles
from onboarding.model.crm_records import CrmContactRole
from onboarding.model.vocabulary import CustomerRole


def test_who_lost_their_role_in_the_crm_is_kept_with_their_first_reading(database, world, opened):
    (key,) = opened()
    role = CrmContactRole(deal_id=world.key(), contact_id=world.contact().id, role="Champion")

    def read(roles, at):
        with database.writing() as conn:
            contact_roles.take_roles(conn, roles, [world.key()], lambda name: CustomerRole.CHAMPION, at)
        return world.case(database)

    first = world.now + timedelta(days=1)
    there = read([role], first)
    assert there.former == ()
    case = read([], first + timedelta(days=1))
    assert case.key == key
    assert [(one.person_id, one.role) for one in case.former] == [(role.contact_id, CustomerRole.CHAMPION)]
    assert case.former[0].since == next(one.since for one in there.stakeholders if one.person_id == role.contact_id)
    assert case.person(role.contact_id).email
    assert role.contact_id not in {one.person_id for one in case.stakeholders}
