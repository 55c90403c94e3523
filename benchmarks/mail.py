"""How fast mail is sent, over one connection and over twenty, to a minimal server 20 ms away; and how fast it is built.

    python -m benchmarks.mail [mails]

Goals: 8 mails a second over one connection and 80 over twenty, at most one connection for each 100 mails and slot
(P5); 1,200 mails built a second on one core (P12). The server runs in a process of its own.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from time import perf_counter, process_time
from typing import Any

from config.settings.load import BUNDLED
from config.settings.mail_senders import SmtpMail
from integrations.mail.message import build
from integrations.mail.smtp.sender import SmtpSender
from integrations.ports import OutgoingMessage

AWAY = 0.020
"""Seconds from a command to its reply."""
PAYLOAD: dict[str, Any] = {
    "to": "ann.lee@acme.example",
    "sender": "onboarding@northbeam.example",
    "sender_name": "Léa Fontaine",
    "reply_to": "lea.fontaine@northbeam.example",
    "reply_to_name": "Léa Fontaine",
    "subject": "Kickoff: would Thursday 5 March 2026 at 10:00 suit you?",
    "text": "Hello Ann,\n\nlet us meet for 45 minutes and start properly.\n" * 12,
    "html": (BUNDLED / "templates" / "layout.html").read_text(encoding="utf-8"),
    "date": "2026-03-02T09:00:00+01:00",
}


def main(mails: int) -> None:
    """Measure and print."""
    for connections, sent, goal in ((1, max(60, mails // 10), 8), (20, mails, 80)):
        with server() as port, closing(sender(port, connections)) as smtp, ThreadPoolExecutor(connections) as threads:
            began = perf_counter()
            outcomes = list(threads.map(lambda number, smtp=smtp: smtp.send([outgoing(number)])[0], range(sent)))
            rate = sent / (perf_counter() - began)
            opened = smtp.pool.opened
        assert {outcome.state for outcome in outcomes} == {"sent"}
        most = connections * -(-sent // (100 * connections))
        print(f"{connections:>2} connections, 20 ms away: {rate:.1f} mails/s (goal >= {goal})", verdict(rate >= goal))
        print(f"   {sent} mails over {opened} connections (goal <= {most})", verdict(opened <= most))
    began, made = process_time(), 2000
    for number in range(made):
        build({**PAYLOAD, "key": str(number), "to_name": f"Änn {number}, Lee"})
    rate = made / (process_time() - began)
    print(f"mails made on one core: {rate:,.0f}/s (goal >= 1,200)", verdict(rate >= 1200))


def outgoing(number: int) -> OutgoingMessage:
    """Return a mail of a usual size."""
    return OutgoingMessage(
        key=f"0065g00000AAAA1AAP:welcome:{number}:mail:003", payload=PAYLOAD | {"to_name": f"Ann {number}"}
    )


def sender(port: int, connections: int) -> SmtpSender:
    """Return the sender under test."""
    return SmtpSender(SmtpMail(host="127.0.0.1", port=port, tls="never", connections=connections))


def verdict(holds: bool) -> str:
    """Return the end of a line: whether the goal is met."""
    return "ok" if holds else "MISSED"


@contextmanager
def server() -> Iterator[int]:
    """Run the server in a process of its own, which does not share our interpreter's lock; yield its port."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.mail", "sink"], stdout=subprocess.PIPE, text=True) as far:
        assert far.stdout is not None
        try:
            yield int(far.stdout.readline())
        finally:
            far.terminate()


async def sink() -> None:
    """Serve mail: every command is accepted after a delay."""
    listening = await asyncio.start_server(_talk, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await _say(writer, b"220 far")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                await _say(writer, b"354 go on")
                await reader.readuntil(b"\r\n.\r\n")
            await _say(writer, b"221 bye" if verb == b"QUIT" else b"250 ok")
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _say(writer: asyncio.StreamWriter, what: bytes) -> None:
    await asyncio.sleep(AWAY)
    writer.write(what + b"\r\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["sink"]:
        asyncio.run(sink())
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
