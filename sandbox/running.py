"""A sandbox for people: a folder with certificates and saved records, an address, and the settings to reach it."""

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox.certificate import certificates, signing_key
from sandbox.org.keeping import restore, save, saved_clock
from sandbox.org.loading import Loaded, load_folder
from sandbox.org.org import Org, new_org
from sandbox.org.sessions import Secrets
from sandbox.rest.app import build
from sandbox.server import HOST, serve

SAVED = "org.json"
VARIABLES = "env"
SIGNALS = "signals.csv"
"""The file of product usage beside the CRM's files, as in first90's own folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A running sandbox. ``loaded`` is None where its records are restored from the last time."""

    url: str
    org: Org
    loaded: Loaded | None
    variables: Mapping[str, str]
    variables_file: Path


@contextmanager
def stand(folder: Path, crm: Path, *, port: int, as_of: datetime) -> Iterator[RunningSandbox]:
    """Serve an org from ``folder`` until the caller is done, then save it there.

    The first time it is filled from the CSV folder ``crm``; later it restores what it had. Its clock begins at
    ``as_of`` and stands still while the sandbox does not run. Raises OSError where the port is taken or a file cannot
    be read, ValueError for a saved file of another format.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ca_file, server_file = certificates(folder)
    key_file, public_key = signing_key(folder)
    saved = folder / SAVED
    began = datetime.now(UTC)
    first = saved_clock(saved) if saved.is_file() else as_of
    org = new_org(secrets=Secrets(public_key=public_key), clock=lambda: first + (datetime.now(UTC) - began))
    loaded = None
    if saved.is_file():
        restore(org, saved)
    else:
        loaded = load_folder(org, crm)
    with serve(build(org), server_file, port) as url:
        variables = settings_for(org, url, ca_file, key_file, folder / "first90")
        if (crm / SIGNALS).is_file():
            variables["FIRST90_SIGNALS"] = f"csv:{crm / SIGNALS}"
        file = folder / VARIABLES
        file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()), "utf-8")
        try:
            yield RunningSandbox(url=url, org=org, loaded=loaded, variables=variables, variables_file=file)
        finally:
            save(org, saved)


def settings_for(org: Org, url: str, ca_file: Path, key_file: Path, home: Path) -> dict[str, str]:
    """Return the settings for a login by JWT, with a home of their own, apart from other rehearsals."""
    others = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    near = ",".join(filter(None, [others, HOST]))  # requests to the sandbox go through no proxy
    return {
        "FIRST90_HOME": str(home),
        "FIRST90_CRM": "salesforce",
        "FIRST90_SALESFORCE_LOGIN_URL": url,
        "FIRST90_SALESFORCE_USERNAME": org.secrets.username,
        "FIRST90_SALESFORCE_CONSUMER_KEY": org.secrets.consumer_key,
        "FIRST90_SALESFORCE_PRIVATEKEY_FILE": str(key_file),
        "REQUESTS_CA_BUNDLE": str(ca_file),
        "SSL_CERT_FILE": str(ca_file),
        "NO_PROXY": near,
        "no_proxy": near,
    }
