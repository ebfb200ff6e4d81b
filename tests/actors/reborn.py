"""A process that starts again in place after each connection, as often as it may."""

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
        client.sendall(f"{os.getpid()} {rebirth.may_begin}".encode())
    if rebirth.may_begin:
        rebirth.begin(listening)


if __name__ == "__main__":
    main()
