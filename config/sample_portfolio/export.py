"""The stories as CRM export files: one table for each object, with Salesforce's field names as header."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from config.sample_portfolio.stories import OurPerson, Sale, Story, TheirPerson, day, moment, words
from onboarding.model.identity import salesforce_id

COMPANY_DOMAIN = "northbeam.example"
"""The vendor's domain in the sample. All its domains end in ``.example``, which is reserved (RFC 2606)."""

Row = dict[str, str]
_PLAIN_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "ı": "i", "đ": "d"})


def tables(people: Sequence[OurPerson], told: Sequence[Story], as_of: datetime) -> dict[str, list[Row]]:
    """Return file name to rows. The same stories and moment give the same rows."""
    users = {person.handle: record_id("005", number) for number, person in enumerate(people, start=1)}
    addresses = {person.handle: address(person.name, COMPANY_DOMAIN) for person in people}
    deals = [(story, place, sale) for story in told for place, sale in enumerate(story.deals)]
    return {
        "User.csv": [_user(person, users, as_of) for person in people],
        "Account.csv": [_account(story, users, as_of) for story in told],
        "Contact.csv": [
            _contact(story, place, person, as_of) for story in told for place, person in enumerate(story.people)
        ],
        "Opportunity.csv": [
            _opportunity(story, place, sale, users, as_of, written=as_of - timedelta(minutes=number))
            for number, (story, place, sale) in enumerate(deals)
        ],
        "OpportunityContactRole.csv": [row for story in told for row in _contact_roles(story, as_of)],
        "Onboarding_Milestone__c.csv": [row for story in told for row in _milestones(story, addresses, as_of)],
        "signals.csv": sorted(
            (row for story in told for row in _signals(story, as_of)), key=lambda row: (row["at"], row["id"])
        ),
    }


def record_id(prefix: str, number: int) -> str:
    """Return an 18-character id in Salesforce's form; the prefix stands for the object."""
    return salesforce_id(f"{prefix}5fQw{number:08d}")


def account_id(story: Story) -> str:
    """Return the customer's account id."""
    return record_id("001", story.number)


def deal_id(story: Story, place: int = 0) -> str:
    """Return the id of a story's deal; that of the first is the onboarding's key."""
    return record_id("006", story.number * 10 + place)


def address(name: tuple[str, str], domain: str) -> str:
    """Return a mail address for a name: ``Zoë Brontë`` becomes ``zoe.bronte``."""
    return ".".join(_plain(part) for part in name) + "@" + domain


def stamp(at: datetime) -> str:
    """Return an instant in the format of Salesforce's exports."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _user(person: OurPerson, users: dict[str, str], as_of: datetime) -> Row:
    mail = address(person.name, COMPANY_DOMAIN)
    return {
        "Id": users[person.handle],
        "FirstName": person.name[0],
        "LastName": person.name[1],
        "Name": " ".join(person.name),
        "Username": mail,
        "Email": mail,
        "Title": person.title,
        "IsActive": _flag(person.active),
        "ManagerId": users[person.manager] if person.manager else "",
        "TimeZoneSidKey": person.zone,
        "CountryCode": person.country,
        "SystemModstamp": stamp(as_of - timedelta(days=200)),
    }


def _account(story: Story, users: dict[str, str], as_of: datetime) -> Row:
    account = story.account
    return {
        "Id": account_id(story),
        "Name": account.name,
        "OwnerId": users[account.owner],
        "Industry": account.industry,
        "Website": f"https://www.{account.domain}",
        "BillingCountryCode": account.country,
        "First90_CSM__c": users[account.csm] if account.csm else "",
        "First90_Time_Zone__c": account.zone,
        "First90_Language__c": account.language,
        "First90_Tier__c": "",
        "First90_Churned_On__c": day(account.churned, as_of).isoformat() if account.churned else "",
        "SystemModstamp": stamp(as_of - timedelta(hours=1)),
    }


def _contact(story: Story, place: int, person: TheirPerson, as_of: datetime) -> Row:
    made = address(person.name, story.account.domain)
    return {
        "Id": _contact_id(story, place),
        "AccountId": account_id(story),
        "FirstName": person.name[0],
        "LastName": person.name[1],
        "Name": " ".join(person.name),
        "Title": person.title,
        "Email": made if person.email is None else person.email,
        "MailingCountryCode": story.account.country,
        "HasOptedOutOfEmail": _flag(person.opted_out),
        "First90_Left_On__c": day(person.left, as_of).isoformat() if person.left else "",
        "SystemModstamp": stamp(as_of - timedelta(hours=1)),
    }


def _opportunity(
    story: Story, place: int, sale: Sale, users: dict[str, str], as_of: datetime, *, written: datetime
) -> Row:
    signed = sale.signed or sale.closed or "now"
    return {
        "Id": deal_id(story, place),
        "AccountId": account_id(story),
        "Name": sale.name,
        "OwnerId": users[sale.seller],
        "StageName": sale.phase,
        "IsClosed": _flag(sale.won),
        "IsWon": _flag(sale.won),
        "CloseDate": day(signed, as_of).isoformat(),
        "Amount": f"{sale.amount:.2f}",
        "First90_Seats__c": str(sale.seats),
        "First90_Product__c": sale.product,
        "First90_Signed_At__c": stamp(moment(sale.signed, as_of)) if sale.signed else "",
        "First90_Goals__c": words(sale.goals, as_of),
        "First90_Success_Metrics__c": words("\n".join(sale.metrics), as_of),
        "First90_Goal_Values__c": words("\n".join(sale.values), as_of),
        "First90_Goal_Worth__c": "\n".join(sale.worth),
        "First90_Commitments__c": words(sale.commitments, as_of),
        "First90_Technical_Requirements__c": words(sale.technical, as_of),
        "First90_Timeline__c": words(sale.timeline, as_of),
        "First90_Kickoff_At__c": stamp(moment(sale.kickoff, as_of)) if sale.kickoff else "",
        "First90_Go_Live_On__c": day(sale.go_live, as_of).isoformat() if sale.go_live else "",
        "First90_Contract_Ends_On__c": day(sale.ends, as_of).isoformat() if sale.ends else "",
        "SystemModstamp": stamp(written),
    } | sale.raw


def _contact_roles(story: Story, as_of: datetime) -> Iterator[Row]:
    """Yield the contact roles: all contacts in the first deal; later deals have the first contact only, as is usual."""
    number = 0
    for place in range(len(story.deals)):
        for who, person in enumerate(story.people if place == 0 else story.people[:1]):
            for role in person.roles:
                number += 1
                yield {
                    "Id": record_id("00K", story.number * 100 + number),
                    "OpportunityId": deal_id(story, place),
                    "ContactId": _contact_id(story, who),
                    "Role": role,
                    "IsPrimary": _flag(who == 0 and role == person.roles[0]),
                    "SystemModstamp": stamp(as_of - timedelta(hours=1)),
                }


def _milestones(story: Story, addresses: dict[str, str], as_of: datetime) -> Iterator[Row]:
    for ticked in story.done:
        is_done = ticked.status == "Done"
        for name in ticked.what:
            yield {
                "First90_Key__c": f"{deal_id(story)}:{name}",
                "Onboarding__c": deal_id(story),
                "Stage__c": "",
                "Milestone__c": name,
                "Status__c": ticked.status,
                "Due_On__c": "" if is_done else day(ticked.at, as_of).isoformat(),
                "Completed_At__c": stamp(moment(ticked.at, as_of)) if is_done else "",
                "Completed_By__c": addresses.get(ticked.by, ticked.by) if is_done else "",
                "Reason__c": ticked.reason,
                "Owner_Role__c": "",
                "Side__c": "",
            }


def _signals(story: Story, as_of: datetime) -> Iterator[Row]:
    known = {
        mail.split(".")[0]: mail
        for person in story.people
        if (mail := address(person.name, story.account.domain) if person.email is None else person.email)
    }
    number = 0
    for used in story.signals:
        for at in used.at:
            for user in used.users:
                number += 1
                yield {
                    "account_id": "" if used.by_domain else account_id(story),
                    "domain": story.account.domain if used.by_domain else "",
                    "signal": used.signal,
                    "at": stamp(moment(at, as_of)),
                    "user": known.get(user, user),
                    "count": str(used.count),
                    "id": f"{story.number:03d}-{number:04d}",
                }


def _contact_id(story: Story, place: int) -> str:
    return record_id("003", story.number * 100 + place)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN_LETTERS))
    return re.sub(r"[^a-z]", "", letters)


def _flag(value: bool) -> str:
    return "true" if value else "false"
