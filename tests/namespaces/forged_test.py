# SPDX-License-Identifier: MIT
"""The gate "syn" and segments that no ordinary client sends: what is no attempt is not asked about, what is one is
not lost without a count, and under --gate strict nobody gets a connection before the driver has been asked."""

import itertools
import subprocess
import sys
import time

from fixture import NamespacesTest, main, start
from network import CLIENTS, HOSTS, POLL_SECONDS
from segments import ACK, DESTINATION_OPTIONS, PSH, ROUTING, RST, SYN, Link, packet, tcp

ANSWERED_SECONDS_MAX = 10  # for an answer that must come
SILENT_SECONDS = 0.5  # for one that must not
ALLOWED, DENIED, UNDECIDED, OPERATOR = 97, 98, 99, 7  # the last numbers of addresses; nobody has the first three
WILDCARDS = {4: "0.0.0.0", 6: "::"}
EVERYBODY = b"\xff" * 6


class ForgedTest(NamespacesTest):
    def setUp(self):
        super().setUp()
        self.ports = itertools.count(30001)
        server_end = self.network.hardware_address
        with self.network.among_clients():
            self.link = Link("theirs", server_end)
        self.addCleanup(self.link.close)
        self.network.direct_to_clients(f"{CLIENTS[v]}{n}" for v in CLIENTS for n in (ALLOWED, DENIED, UNDECIDED))

    def start(self, version, address=None):
        self.require(version)
        return start(address or HOSTS[version],
                     "--set-list", f"gatekeeper.Allow={CLIENTS[version]}{ALLOWED}",
                     "--set-list", f"gatekeeper.Deny={CLIENTS[version]}{DENIED}", drivers=("gatekeeper",))

    def end(self, server):
        """Its line on conditional accept."""
        self.assert_ends_well(server)
        return server.last_line("conditional accept: ")

    def peer(self, version, server, number=ALLOWED, to=None):
        return Peer(self, f"{CLIENTS[version]}{number}", to or HOSTS[version], next(self.ports),
                    server.ports["gatekeeper"])


class Peer:
    """One client of our making."""

    def __init__(self, test, address, server, port, server_port):
        self.link, self.address, self.server = test.link, address, server
        self.port, self.server_port = port, server_port

    def segment(self, sequence, acknowledgement=0, flags=SYN, **more):
        return tcp(self.address, self.server, (self.port, self.server_port), sequence, acknowledgement, flags, **more)

    def send(self, sequence, acknowledgement=0, flags=SYN, to=None, **more):
        self.link.send(packet(self.address, self.server, self.segment(sequence, acknowledgement, flags, **more)), to)

    def send_behind(self, kind, extension, sequence):
        """A SYN behind an extension header of IPv6."""
        self.link.send(packet(self.address, self.server, extension + self.segment(sequence), kind))

    def answer(self, flags, seconds=ANSWERED_SECONDS_MAX):
        return self.link.receive(self.port, flags, seconds)

    def handshake(self, sequence):
        """What the server expects us to acknowledge, or None if it does not let us in."""
        self.send(sequence)
        answer = self.answer(SYN | ACK)
        if answer is None:
            return None
        self.send(sequence + 1, answer.sequence + 1, ACK)
        return answer.sequence + 1


class Invalid(ForgedTest):
    def check_wrong_checksum(self, version):
        with self.start(version) as server:
            peer = self.peer(version, server, DENIED)
            for number in range(5):
                peer.send(number, spoil=0x1234)
            self.assertIsNone(peer.answer(RST, SILENT_SECONDS))
            peer.send(5)
            self.assertIsNotNone(peer.answer(RST), "nor does a right one get an answer")
            line = self.end(server)
            self.assertIn("1 attempt inspected (0 late)", line)
            self.assertIn(", 5 dropped as invalid", line)

    def test_a_wrong_checksum_over_ipv4(self):
        self.check_wrong_checksum(4)

    def test_a_wrong_checksum_over_ipv6(self):
        self.check_wrong_checksum(6)

    def test_to_many_hosts(self):
        """By the address or by the frame alone."""
        with self.start(4, WILDCARDS[4]) as server:
            for address, hardware in (("10.99.0.255", EVERYBODY), ("10.99.0.255", None), ("255.255.255.255", EVERYBODY),
                                      ("224.0.0.1", bytes.fromhex("01005e000001")), ("224.0.0.1", None),
                                      (HOSTS[4], EVERYBODY)):
                peer = self.peer(4, server, DENIED, to=address)
                peer.send(1, to=hardware)
                self.assertIsNone(peer.answer(RST, SILENT_SECONDS), f"{address} {hardware}")
            peer = self.peer(4, server, DENIED)
            peer.send(1)
            self.assertIsNotNone(peer.answer(RST), "nor does one to a host get an answer")
            self.assertIn("1 attempt inspected (0 late)", self.end(server))

    def test_to_many_hosts_over_ipv6(self):
        with self.start(6, WILDCARDS[6]) as server:
            for address, hardware in (("ff02::1", bytes.fromhex("333300000001")), ("ff02::1", None), (HOSTS[6], EVERYBODY)):
                peer = self.peer(6, server, DENIED, to=address)
                peer.send(1, to=hardware)
                self.assertIsNone(peer.answer(RST, SILENT_SECONDS), f"{address} {hardware}")
            peer = self.peer(6, server, DENIED)
            peer.send(1)
            self.assertIsNotNone(peer.answer(RST), "nor does one to a host get an answer")
            self.assertIn("1 attempt inspected (0 late)", self.end(server))

    def check_of_a_connection(self, version):
        """The kernel answers with what it expects next (RFC 9293, 3.10.7.4), however old the connection is."""
        with self.start(version) as server:
            peer = self.peer(version, server)
            expected = peer.handshake(5000)
            self.assertIsNotNone(expected)
            self.assertIsNotNone(peer.answer(PSH))  # the welcome
            for sequence in (5000, 900_000):
                peer.send(sequence)
                challenge = peer.answer(ACK)
                self.assertIsNotNone(challenge)
                self.assertEqual(challenge.acknowledgement, 5001)
            peer.send(5001, expected, RST | ACK)
            line = self.end(server)
            self.assertIn("1 attempt inspected (0 late)", line)
            self.assertIn(" 0 aborted", line)

    def test_of_a_connection_over_ipv4(self):
        self.check_of_a_connection(4)

    def test_of_a_connection_over_ipv6(self):
        self.check_of_a_connection(6)


class ExtensionHeaders(ForgedTest):
    def test_long_ones(self):
        with self.start(6) as server:
            for size in (64, 256, 1024):
                peer = self.peer(6, server)
                peer.send_behind(DESTINATION_OPTIONS, bytes([6, size // 8 - 1]) + options(size - 2), 1)
                self.assertIsNotNone(peer.answer(SYN | ACK), f"{size} bytes")
            self.assertIn("3 attempts inspected (0 late)", self.end(server))

    def test_a_source_route(self):
        """The segment is for another address than the header names first."""
        with self.start(6, WILDCARDS[6]) as server:
            peer = self.peer(6, server)
            route = bytes([6, 2, 2, 1]) + bytes(4) + bytes.fromhex("fd000099000000000000000000000001")
            peer.send_behind(ROUTING, route, 1)
            self.assertIsNone(peer.answer(SYN | ACK, SILENT_SECONDS))
            line = self.end(server)
            self.assertIn("0 attempts inspected (0 late)", line)
            self.assertIn(", 1 dropped as not understood", line)


def options(size):
    """Destination options that fill so many bytes."""
    filled = b""
    while len(filled) < size:
        length = min(size - len(filled) - 2, 255)
        length -= 1 if size - len(filled) - 2 - length == 1 else 0  # no single byte is left
        filled += bytes([0x1E, length]) + bytes(length)
    return filled


class Strict(ForgedTest):
    """Nobody gets a connection before the driver has been asked."""

    def wait_until_closed(self, server, peer, count):
        """So many connections of that client are over for the driver, too."""
        deadline = time.monotonic() + ANSWERED_SECONDS_MAX
        while sum(f":{peer.port} " in line and ": closed after " in line for line in server.lines) < count:
            self.assertLess(time.monotonic(), deadline, "\n".join(server.lines))
            time.sleep(POLL_SECONDS)

    def check_same_syn_again(self, version):
        with self.start(version) as server:
            peer = self.peer(version, server)
            for number in (1, 2):
                expected = peer.handshake(5000)
                self.assertIsNotNone(expected)
                self.assertIsNotNone(peer.answer(PSH))
                peer.send(5001, expected, RST | ACK)
                self.wait_until_closed(server, peer, number)
            self.assertIn("2 attempts inspected (0 late)", self.end(server))

    def test_the_same_syn_after_its_connection_over_ipv4(self):
        self.check_same_syn_again(4)

    def test_the_same_syn_after_its_connection_over_ipv6(self):
        self.check_same_syn_again(6)

    def check_older_syn(self, version):
        """The driver accepts a request, and rejects the one with which the client begins anew."""
        with self.start(version) as server:
            operator = self.operator(OPERATOR, version, server.ports["operator"])
            peer = self.peer(version, server, UNDECIDED)
            peer.send(100)
            first = operator.wait_for(peer.address)
            operator.command(f"accept {first}")
            answer = peer.answer(SYN | ACK)
            self.assertIsNotNone(answer)
            peer.send(500_000)
            second = operator.wait_for(peer.address)
            self.assertNotEqual(first, second)
            operator.command(f"reject {second}")
            self.assertIsNotNone(peer.answer(RST | ACK))
            peer.send(101, answer.sequence + 1, ACK)
            self.assertIsNotNone(peer.answer(RST), "it has a connection")
            line = self.end(server)
            self.assertIn("2 attempts inspected (0 late)", line)
            self.assertIn(", 1 late reset unasked", line)

    def test_an_older_syn_than_the_rejected_over_ipv4(self):
        self.check_older_syn(4)

    def test_an_older_syn_than_the_rejected_over_ipv6(self):
        self.check_older_syn(6)

    def test_a_cookie_that_is_used_again(self):
        subprocess.run(["sysctl", "-qw", "net.ipv4.tcp_syncookies=2"], check=True)
        with self.start(4) as server:
            peer = self.peer(4, server)
            expected = peer.handshake(5000)
            self.assertIsNotNone(expected)
            self.assertIsNotNone(peer.answer(PSH))
            peer.send(5001, expected, RST | ACK)
            self.wait_until_closed(server, peer, 1)
            peer.send(5001, expected, ACK)
            self.assertIsNotNone(peer.answer(RST), "it has a second connection")
            line = self.end(server)
            self.assertIn("1 attempt inspected (0 late)", line)
            self.assertIn(", 1 late reset unasked", line)


if __name__ == "__main__":
    sys.exit(main())
