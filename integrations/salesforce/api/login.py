"""Logging in, in the four ways of the settings. A refusal is one line with the remedy and without the secret."""

import warnings
from html import escape
from typing import Any

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from config.settings.salesforce_login import ClientLogin, JwtLogin, PasswordLogin, SalesforceCrm, SessionLogin
from integrations.salesforce.api.codes import LOGIN, TABLE, Kind
from integrations.salesforce.api.errors import RequestRefused, refusal
from integrations.salesforce.api.http import failure, route

LAST_SOAP_VERSION = 64.0
"""API version 65 and later have no SOAP ``login()`` (Salesforce, "SOAP API login() retirement")."""
WHERE = "login"
_MEND = {
    PasswordLogin: "check FIRST90_SALESFORCE_USERNAME, _PASSWORD and _SECURITY_TOKEN",
    ClientLogin: "check FIRST90_SALESFORCE_CONSUMER_KEY, _CONSUMER_SECRET and _DOMAIN, and the app's run-as user",
    JwtLogin: "check FIRST90_SALESFORCE_USERNAME, _CONSUMER_KEY, _PRIVATEKEY_FILE and _DOMAIN, that the user is "
    "pre-authorised for the app, and this machine's clock",
}
_NO_SALESFORCE = "what answered is no Salesforce; check FIRST90_SALESFORCE_DOMAIN and _LOGIN_URL"
_UNREACHED = "the login host cannot be reached; check FIRST90_SALESFORCE_DOMAIN and _LOGIN_URL"
_SOAP_OFF = "this org has no login by password; use _CONSUMER_KEY with _PRIVATEKEY_FILE or _CONSUMER_SECRET"


def log_in(choice: SalesforceCrm, http: requests.Session) -> Salesforce:
    """Return a client with a fresh session, which never renews its login on its own.

    Raise Refused: ``permanent`` for wrong credentials, where a retry would only lock the user out.
    """
    if isinstance(choice.login, SessionLogin):
        session_id = choice.login.session_id.get_secret_value()
        return Salesforce(
            session_id=session_id, instance_url=choice.login.instance_url, version=choice.api_version, session=http
        )
    domain = choice.domain
    if choice.login_url is not None:
        if isinstance(choice.login, ClientLogin) and domain in ("login", "test"):
            domain = "my-domain"  # only a name for the route; simple-salesforce requires an org's own domain
        route(http, f"https://{domain}.salesforce.com", choice.login_url)
    # Raised outside the handlers, so that a vendor exception, which may hold the secret, is never chained.
    asked = _ask(choice, domain, http)
    if isinstance(asked, RequestRefused):
        raise asked
    session_id, instance = asked
    return Salesforce(session_id=session_id, instance=instance, version=choice.api_version, session=http)


def _ask(choice: SalesforceCrm, domain: str, http: requests.Session) -> tuple[str, str] | RequestRefused:
    mend = _MEND[type(choice.login)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one of them contains the consumer key
            session_id, instance = SalesforceLogin(domain=domain, session=http, **_named(choice))
    except SalesforceAuthenticationFailed as error:
        return _refused(error, mend)
    except requests.RequestException as error:
        return RequestRefused(type(error).__name__, failure(error), WHERE, mend=_UNREACHED)
    except AttributeError:
        return RequestRefused("UNREADABLE_ANSWER", "doubt", WHERE, mend=_NO_SALESFORCE)
    except Exception:  # the library passes on whatever its parsers and its signer raise
        if isinstance(choice.login, JwtLogin):
            return RequestRefused(
                "PRIVATE_KEY", "permanent", WHERE, mend="_PRIVATEKEY_FILE holds no RSA private key (PEM)"
            )
        return RequestRefused("UNREADABLE_ANSWER", "doubt", WHERE, mend=_NO_SALESFORCE)
    if not session_id or not instance:
        return RequestRefused("UNREADABLE_ANSWER", "doubt", WHERE, mend=_NO_SALESFORCE)
    return session_id, instance


def _named(choice: SalesforceCrm) -> dict[str, Any]:
    match choice.login:
        case PasswordLogin(username=username, password=password, security_token=token):
            return {
                "username": username,
                "password": password.get_secret_value(),
                "security_token": escape(token.get_secret_value()),  # the library escapes only the other two
                "sf_version": f"{min(float(choice.api_version), LAST_SOAP_VERSION):.1f}",
            }
        case JwtLogin(username=username, consumer_key=key, private_key_file=path):
            return {"username": username, "consumer_key": key.get_secret_value(), "privatekey_file": str(path)}
        case ClientLogin(consumer_key=key, consumer_secret=secret):
            return {"consumer_key": key.get_secret_value(), "consumer_secret": secret.get_secret_value()}
        case _:
            raise TypeError("a session needs no login")


def _refused(error: SalesforceAuthenticationFailed, mend: str) -> RequestRefused:
    if error.code is None:
        return RequestRefused("UNREADABLE_ANSWER", "doubt", WHERE, mend=_NO_SALESFORCE)
    status = error.code if isinstance(error.code, int) else 400
    code = str(error.code).rpartition(":")[2] if isinstance(error.code, str) else ""
    found = refusal(status, {"error": code}, WHERE)
    kind: Kind = found.kind if found.kind in ("transient", "limits", "doubt") else "permanent"
    if found.code == "INVALID_OPERATION":
        mend = _SOAP_OFF
    elif found.code in TABLE and found.mend not in ("", LOGIN):
        mend = found.mend
    return RequestRefused(found.code, kind, WHERE, mend=mend)
