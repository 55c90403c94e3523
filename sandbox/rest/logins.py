"""Logins: SOAP login(), and OAuth by JWT bearer, client credentials or password."""

import base64
import binascii
from urllib.parse import parse_qs
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.routing import Route

from sandbox.org.org import USER_ID, Org, wall_clock
from sandbox.org.sessions import ORG_ID
from sandbox.rest.request import ApiRequest, ApiResponse, api_route

LAST_SOAP_VERSION = 64
"""From API version 65 on there is no SOAP login (Salesforce, "SOAP API login() retirement")."""
LONGEST_ASSERTION = 300
"""The longest validity of an assertion, in seconds."""
LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def routes(org: Org) -> list[Route]:
    """Return the routes of logins."""
    return [
        api_route(org, "/services/Soap/u/{version}", "login", is_open=True, POST=_soap),
        api_route(org, "/services/oauth2/token", "login", is_open=True, POST=_token),
        api_route(org, "/services/oauth2/userinfo", "userinfo", GET=_userinfo),
    ]


def _soap(org: Org, request: ApiRequest) -> ApiResponse:
    try:
        tree = ElementTree.fromstring(request.body)
    except ElementTree.ParseError:
        return _fault("UNKNOWN_EXCEPTION", "the request is not well-formed XML")
    if float(request.parts["version"]) > LAST_SOAP_VERSION:
        return _fault("INVALID_OPERATION", "SOAP API login() is not available in this API version.")
    if not org.sessions.soap_login:
        return _fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")
    given = {one.tag.rpartition("}")[2]: one.text or "" for one in tree.iter()}
    known = org.secrets
    if (given.get("username"), given.get("password")) != (known.username, known.password + known.security_token):
        return _fault(
            "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", kind="LoginFault"
        )
    server = f"{address(request)}/services/Soap/u/{request.parts['version']}/{ORG_ID[:15]}"
    return ApiResponse(
        200,
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
        "<soapenv:Body><loginResponse><result><metadataServerUrl>"
        f"{escape(server)}</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>true</sandbox>"
        f"<serverUrl>{escape(server)}</serverUrl><sessionId>{escape(org.sessions.open())}</sessionId>"
        f"<userId>{USER_ID}</userId></result></loginResponse></soapenv:Body></soapenv:Envelope>",
        "text/xml;charset=UTF-8",
    )


def _fault(code: str, message: str, kind: str = "UnexpectedErrorFault") -> ApiResponse:
    return ApiResponse(
        500,
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com">'
        f"<soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>"
        f"<detail><sf:{kind}><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}"
        f"</sf:exceptionMessage></sf:{kind}></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>",
        "text/xml;charset=UTF-8",
    )


def _token(org: Org, request: ApiRequest) -> ApiResponse:
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    match form.get("grant_type"):
        case grant if grant == JWT_BEARER:
            wrong = _wrong_assertion(org, form.get("assertion", ""))
        case "client_credentials":
            wrong = _wrong_client(org, request, form)
        case "password":
            wrong = _wrong_password(org, form)
        case None:
            wrong = ("invalid_request", "must supply grant_type")
        case _:
            wrong = ("unsupported_grant_type", "grant type not supported")
    if wrong:
        return ApiResponse(400, {"error": wrong[0], "error_description": wrong[1]})
    return ApiResponse(
        200,
        {
            "access_token": org.sessions.open(),
            "instance_url": address(request),
            "id": f"{address(request)}/id/{ORG_ID}/{USER_ID}",
            "token_type": "Bearer",
            "scope": "api",
        },
    )


def _wrong_client(org: Org, request: ApiRequest, form: dict[str, str]) -> tuple[str, str] | None:
    if request.headers.get("host", "").partition(":")[0] in LOGIN_HOSTS:
        return "invalid_grant", "request not supported on this domain"
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "invalid_client", "invalid client credentials"
    wrong = _wrong_consumer(org, key, secret)
    if wrong is None and not org.sessions.run_as:
        return "invalid_grant", "no client credentials user enabled"
    return wrong


def _wrong_password(org: Org, form: dict[str, str]) -> tuple[str, str] | None:
    known = org.secrets
    wrong = _wrong_consumer(org, form.get("client_id", ""), form.get("client_secret", ""))
    given = (form.get("username"), form.get("password"))
    if wrong is None and given != (known.username, known.password + known.security_token):
        return "invalid_grant", "authentication failure"
    return wrong


def _wrong_consumer(org: Org, key: str, secret: str) -> tuple[str, str] | None:
    if key != org.secrets.consumer_key:
        return "invalid_client_id", "client identifier invalid"
    if secret != org.secrets.consumer_secret:
        return "invalid_client", "invalid client credentials"
    return None


def _wrong_assertion(org: Org, assertion: str) -> tuple[str, str] | None:
    import jwt

    hosts = [f"https://{host}" for host in LOGIN_HOSTS]
    try:
        said = jwt.decode(
            assertion,
            org.secrets.public_key,
            algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False, "require": ["iss", "sub", "aud", "exp"]},
        )
        left = int(said["exp"]) - (wall_clock() + org.sessions.skew).timestamp()
    except (jwt.InvalidTokenError, ValueError):
        return "invalid_grant", "invalid assertion"
    if said["iss"] != org.secrets.consumer_key:
        return "invalid_client_id", "client identifier invalid"
    if said["aud"] not in hosts and not str(said["aud"]).endswith(".my.salesforce.com"):
        return "invalid_grant", "audience is invalid"
    if not 0 < left <= LONGEST_ASSERTION:
        return "invalid_grant", "invalid assertion"
    if said["sub"] != org.secrets.username or not org.sessions.preauthorised:
        return "invalid_grant", "user hasn't approved this consumer"
    return None


def _userinfo(org: Org, request: ApiRequest) -> ApiResponse:
    if not org.sessions.tells_who:
        return ApiResponse(403, "Bad_OAuth_Token", "text/html;charset=UTF-8")
    return ApiResponse(
        200,
        {
            "sub": f"{address(request)}/id/{ORG_ID}/{USER_ID}",
            "user_id": USER_ID,
            "organization_id": ORG_ID,
            "preferred_username": org.secrets.username,
            "email": org.secrets.username,
            "name": "first90 integration",
            "active": True,
        },
    )


def address(request: ApiRequest) -> str:
    """Return the address under which this org was called."""
    return f"https://{request.headers['host']}"
