# SPDX-License-Identifier: MIT
"""TCP clients: one that says what it sees, and the operator of the gatekeeper."""

import contextlib
import os
import re
import select
import socket
import struct
import threading
import time

SECONDS_MAX = 30  # for anything that should happen at once
POLL_SECONDS = 0.02


class Problem(Exception):
    """Something else happened than what was expected."""


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_free(host, port):
    """Whether a server could take it; of port 0, whether this machine has the address."""
    try:
        with socket.socket(family_of(host)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return False
    return True


class Client:
    """A connection from `source`. If the driver is asked before the handshake, connecting takes until the verdict."""

    def __init__(self, source, host, port):
        self.source = source
        self._connecting = True
        self._connecting_lock = threading.Lock()
        self._socket = socket.socket(family_of(host), socket.SOCK_STREAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind((source, 0))
            self._socket.connect((host, port))
        except BlockingIOError:
            pass

    def _connected(self):
        # One thread at a time: once another sends, the socket may not become writable for long.
        with self._connecting_lock:
            if self._connecting:
                self._wait_until_connected()
        return self._socket

    def _wait_until_connected(self):
        if not select.select([], [self._socket], [], SECONDS_MAX)[1]:
            raise Problem(f"{self.source} could not connect within {SECONDS_MAX} s")
        error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error != 0:
            raise OSError(error, os.strerror(error))  # of the right subclass
        self._socket.settimeout(SECONDS_MAX)
        self._connecting = False

    def connects_within(self, seconds):
        """Whether there is a connection after so long; if not, it is still being tried."""
        if self._connecting and not select.select([], [self._socket], [], seconds)[1]:
            return False
        self._connected()
        return True

    def send(self, data):
        try:
            self._connected().sendall(data)
        except OSError as error:
            raise Problem(f"{self.source} could not send: {error}") from error

    def receive(self, count):
        """Exactly `count` bytes."""
        data = b""
        while len(data) < count:
            try:
                piece = self._connected().recv(count - len(data))
            except OSError as error:
                raise Problem(f"{self.source} had {len(data)} of {count} bytes, then {error}") from error
            if not piece:
                raise Problem(f"{self.source} had {len(data)} of {count} bytes, then the end")
            data += piece
        return data

    def receive_line(self):
        line = b""
        while not line.endswith(b"\n"):
            line += self.receive(1)
        return line.decode().rstrip("\n")

    def echo(self, data):
        """Sends and has it back, both at a time."""
        sender = threading.Thread(target=self._send_quietly, args=(data,), daemon=True)
        sender.start()
        if self.receive(len(data)) != data:
            raise Problem(f"{self.source} had other bytes back")
        sender.join(SECONDS_MAX)

    def _send_quietly(self, data):
        with contextlib.suppress(Problem):  # whoever receives has the same problem
            self.send(data)

    def finish(self):
        """Ends in good order, and waits for the server to do the same."""
        connection = self._connected()
        connection.shutdown(socket.SHUT_WR)
        if connection.recv(1) != b"":
            raise Problem(f"{self.source} had more back than it sent")
        connection.close()

    def fate(self):
        """What became of a connection that is not let in."""
        try:
            if self._connected().recv(1) != b"":
                raise Problem(f"{self.source} was let in")
        except ConnectionRefusedError:
            return "was refused"
        except ConnectionResetError:
            return "connected and was reset"
        except OSError as error:
            raise Problem(f"{self.source}: {error}") from error
        raise Problem(f"{self.source} was disconnected in good order")

    def give_up(self):
        """Goes away without a word, as a program does that is killed with data left to read."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


class Operator:
    _WAITING = re.compile(r"^request (\d+) from (\S+):\d+, ")

    def __init__(self, host, port):
        self._client = Client(host, host, port)
        self._client.receive_line()  # the welcome

    def command(self, line):
        self._client.send(line.encode() + b"\n")
        return self._client.receive_line()

    def waiting(self):
        """The numbers of the waiting requests, by address."""
        requests = {}
        line = self.command("list")
        while not re.fullmatch(r"\d+ waiting", line):
            request = self._WAITING.match(line)
            if request is None:
                raise Problem(f"the operator does not understand: {line}")
            requests[request[2]] = int(request[1])
            line = self._client.receive_line()
        return requests

    def _poll(self, what, condition):
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            result = condition(self.waiting())
            if result:
                return result
            time.sleep(POLL_SECONDS)
        raise Problem(f"{what} within {SECONDS_MAX} s")

    def wait_for(self, source):
        """The number of the request from that address, as soon as it is shown."""
        return self._poll(f"the operator was not shown {source}", lambda requests: requests.get(source))

    def wait_until_gone(self, source):
        self._poll(f"{source} did not leave the operator's list", lambda requests: source not in requests)

    def quit(self):
        answer = self.command("quit")
        if answer != "goodbye":
            raise Problem(f"the operator quit and was told: {answer}")
        self._client.finish()
