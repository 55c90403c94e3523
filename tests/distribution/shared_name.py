"""One address for several servers, as a name that stands for all of them: who cannot reach one tries the other."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count


@contextmanager
def shared_name(ports: Sequence[int]) -> Iterator[int]:
    """Listen on a port whose connections go to the servers in turn; one that does not answer is passed over."""
    turns = count()

    def serve(client: socket.socket) -> None:
        first = next(turns)
        with client:
            for place in range(len(ports)):
                with suppress(OSError):
                    server = socket.create_connection(("127.0.0.1", ports[(first + place) % len(ports)]), timeout=2)
                    server.settimeout(None)
                    back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
                    back.start()
                    with server:
                        _pass_on(client, server)
                        back.join()
                    return

    def listen() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        main = threading.Thread(target=listen, daemon=True)
        main.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        main.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes on until either side ends; then both know."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
