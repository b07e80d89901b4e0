# SPDX-License-Identifier: MIT
"""Many connections to one server, each of which knows what it must get back."""

import contextlib
import select
import socket
import struct
import time

from served import Failure

BATCH = 64  # connections that are opened together
SECONDS_MAX = 60  # until all have their answer
MESSAGE = struct.Struct("!Q56x")
ADDRESSES = 1 << 16  # of 127.2.0.0/16
IP_BIND_ADDRESS_NO_PORT = 24


def _connect(port, number):
    connection = socket.socket()
    connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    connection.bind((f"127.2.{number % ADDRESSES >> 8}.{number & 255}", 0))
    connection.settimeout(SECONDS_MAX)
    connection.connect(("127.0.0.1", port))
    connection.setblocking(False)
    return connection


class Crowd:
    """Use it in a with statement."""

    def __init__(self, port):
        self._port = port
        self._members = {}  # by descriptor: (socket, its number)
        self._opened = 0
        self._epoll = select.epoll()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave(list(self._members), abortive=True)
        self._epoll.close()

    def __len__(self):
        return len(self._members)

    def everybody(self):
        return list(self._members)

    def open(self, count):
        """Without waiting for the server to accept."""
        for _ in range(count):
            connection = _connect(self._port, self._opened)
            self._members[connection.fileno()] = (connection, self._opened)
            self._epoll.register(connection.fileno(), select.EPOLLIN | select.EPOLLRDHUP)
            self._opened += 1

    def open_and_echo(self, count):
        """In batches, so that no backlog overflows."""
        while count > 0:
            before = set(self._members)
            self.open(min(count, BATCH))
            newcomers = [member for member in self._members if member not in before]
            self.echo(newcomers)
            count -= len(newcomers)

    def send(self, members):
        for member in members:
            connection, number = self._members[member]
            sent = connection.send(MESSAGE.pack(number))
            if sent != MESSAGE.size:
                raise Failure(f"connection {number} took {sent} of {MESSAGE.size} bytes")

    def receive(self, awaited, seconds_max, all_of_them=True):
        """Who has its echo. Without `all_of_them`: as soon as somebody has."""
        awaited, answered = set(awaited), []
        deadline = time.monotonic() + seconds_max
        while awaited and (all_of_them or not answered):
            left = deadline - time.monotonic()
            events = self._epoll.poll(max(left, 0))
            if not events and left <= 0:
                break
            for member, _ in events:
                self._receive_one(member)
                if member not in awaited:
                    raise Failure("a connection had an echo that it did not ask for")
                awaited.remove(member)
                answered.append(member)
        return answered

    def _receive_one(self, member):
        connection, number = self._members[member]
        data = b""
        try:
            while len(data) < MESSAGE.size:
                piece = connection.recv(MESSAGE.size - len(data))
                if not piece:
                    raise Failure(f"connection {number} was ended by the server")
                data += piece
                connection.settimeout(SECONDS_MAX)
            connection.setblocking(False)
        except OSError as error:
            raise Failure(f"connection {number} was lost: {error}") from error
        if data != MESSAGE.pack(number):
            raise Failure(f"connection {number} had the bytes of another one")

    def echo(self, members):
        """Everybody sends first, and then everybody must have it back."""
        self.send(members)
        answered = self.receive(members, SECONDS_MAX)
        lost = len(members) - len(answered)
        if lost:
            raise Failure(f"{lost} of {len(members)} connections had no echo in {SECONDS_MAX} s")

    def watch_silence(self, seconds):
        """Nothing may happen to anybody for that long."""
        events = self._epoll.poll(seconds)
        for member, _ in events:
            self._receive_one(member)  # says what it was
            raise Failure("a connection had bytes that it did not ask for")

    def leave(self, members, abortive):
        for member in members:
            connection, _ = self._members.pop(member)
            with contextlib.suppress(OSError):
                self._epoll.unregister(member)
            if abortive:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
