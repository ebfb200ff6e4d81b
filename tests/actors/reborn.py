"""A process that starts again in place after each connection, until a client says that it is enough."""

import os
import socket

from actors.rebirth import Rebirth


def main() -> None:
    rebirth = Rebirth(os.environ)
    listening = rebirth.inherited()
    if listening is None:
        listening = socket.create_server(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - whoever started it reads it
    with listening.accept()[0] as client:
        client.sendall(str(os.getpid()).encode())
        is_last = client.recv(1) == b"."
    if not is_last:
        rebirth.begin(listening)


if __name__ == "__main__":
    main()
