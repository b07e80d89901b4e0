# SPDX-License-Identifier: MIT
"""The example drivers and clients in another network namespace, with a veth pair in between."""

import os
import socket
import sys
import threading

from fixture import NamespacesTest, main, start
from network import CLIENT_NUMBERS, CLIENTS, HOSTS

WILDCARDS = {4: "0.0.0.0", 6: "::"}
MEGABYTE = 1_000_000


class Echo(NamespacesTest):
    def echo(self, address, version):
        self.require(version)
        with start(address, drivers=("echo_irp", "echo_event")) as server:
            for number, driver in enumerate(("echo_irp", "echo_event"), CLIENT_NUMBERS[0]):
                client = self.network.client(number, version, server.ports[driver])
                client.echo(os.urandom(MEGABYTE))
                client.finish()
            self.assert_ends_well(server)
            for number in CLIENT_NUMBERS[:2]:
                shown = f"[{CLIENTS[6]}{number}]" if version == 6 else f"{CLIENTS[4]}{number}"
                self.assert_said(server, f"connection from {shown}:")

    def test_a_megabyte_over_ipv4(self):
        self.echo(HOSTS[4], 4)

    def test_a_megabyte_over_ipv6(self):
        self.echo(HOSTS[6], 6)

    def test_a_megabyte_over_the_ipv4_wildcard(self):
        self.echo(WILDCARDS[4], 4)

    def test_a_megabyte_over_the_ipv6_wildcard(self):
        self.echo(WILDCARDS[6], 6)


class Gatekeeper(NamespacesTest):
    def judge(self, version):
        self.require(version)
        allowed, denied, accepted, rejected, operating = [f"{CLIENTS[version]}{n}" for n in CLIENT_NUMBERS[:5]]
        lists = ["--set-list", f"gatekeeper.Allow={allowed}", "--set-list", f"gatekeeper.Deny={denied}"]
        with start(WILDCARDS[version], *lists, drivers=("gatekeeper",)) as server:
            clients = [self.network.client(n, version, server.ports["gatekeeper"]) for n in CLIENT_NUMBERS[:4]]
            operator = self.operator(CLIENT_NUMBERS[4], version, server.ports["operator"])
            self.assertIn("welcome, request ", clients[0].receive_line())
            clients[0].echo(b"in good order")
            clients[0].finish()
            self.assert_turned_away(clients[1], server)
            number = operator.wait_for(accepted)
            self.assertEqual(operator.command(f"accept {number}"), f"accepted {number}")
            self.assertEqual(clients[2].receive_line(), f"welcome, request {number}")
            clients[2].echo(b"in good order")
            clients[2].finish()
            number = operator.wait_for(rejected)
            self.assertEqual(operator.command(f"reject {number}"), f"rejected {number}")
            self.assert_turned_away(clients[3], server)
            operator.quit()
            self.assert_ends_well(server)

    def test_verdicts_over_ipv4(self):
        self.judge(4)

    def test_verdicts_over_ipv6(self):
        self.judge(6)


class Vanishing(NamespacesTest):
    """Nothing tells our side that the client is gone."""

    def test_unload_after_the_link_went_down_ipv4(self):
        self.unload(4)

    def test_unload_after_the_link_went_down_ipv6(self):
        self.unload(6)

    def unload(self, version):
        self.require(version)
        with start(WILDCARDS[version], "--set-list", f"gatekeeper.Allow={CLIENTS[version]}2") as server:
            operator = self.operator(7, version, server.ports["operator"])
            idle = []
            for driver in "echo_irp", "echo_event":
                idle.append(self.network.client(3, version, server.ports[driver]))
                idle[-1].echo(b"x")
                busy = self.network.client(4, version, server.ports[driver])
                sender = threading.Thread(target=busy._send_quietly, args=(bytes(64 * MEGABYTE),))
                sender.start()
                self.addCleanup(sender.join)
                self.addCleanup(busy._socket.shutdown, socket.SHUT_RDWR)
                busy.receive(MEGABYTE)  # and then no more: both directions are full of data
            inside = self.network.client(2, version, server.ports["gatekeeper"])
            inside.receive_line()
            waiting = self.network.client(5, version, server.ports["gatekeeper"])
            operator.wait_for(waiting.source)
            self.network.cut()
            self.assert_ends_well(server)
            for client in [*idle, inside, waiting]:
                client.give_up()


if __name__ == "__main__":
    sys.exit(main())
