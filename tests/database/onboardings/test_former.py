"""A role that the CRM has no longer is still known, with the person's address and since when (SH-6)."""

from dataclasses import replace
from datetime import timedelta

from database.crm import contact_roles, upsert
from onboarding.model.crm_records import CrmContact, CrmContactRole
from onboarding.model.vocabulary import CustomerRole
from onboarding.newcomers.joining import joined_at


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


def test_a_partners_contact_that_is_deleted_and_made_again_joined_when_the_first_record_did(database, world, opened):
    (key,) = opened()
    old, again = world.contact(9), replace(world.contact(9), id=world.contact(9, 2).id)
    first = world.now + timedelta(days=1)

    def read(contact, at, gone=()):
        role = CrmContactRole(deal_id=world.key(), contact_id=contact.id, role="Champion")
        with database.writing() as conn:
            upsert.take_contacts(conn, [contact])
            upsert.mark_gone(conn, CrmContact, gone, at)
            contact_roles.take_roles(conn, [role], [world.key()], lambda name: CustomerRole.CHAMPION, at)
        return world.case(database)

    read(old, first)
    case = read(again, first + timedelta(days=9), gone=[old.id])
    assert case.key == key
    assert case.person(old.id).left_on is not None
    assert joined_at(case, first + timedelta(days=10))[again.id] == first, "it is one person with two records"
