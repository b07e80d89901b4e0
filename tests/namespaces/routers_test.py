# SPDX-License-Identifier: MIT
"""The gate "syn" and clients behind a router that masquerades, rejects, loses or tells nothing: who waits, waits."""

import sys
import time

from fixture import RemoteOperator, main, noticed_within, start
from network import HOSTS, RoutedNetwork
from syn_gate_test import SynGateTest

WAITING_SECONDS = 5  # the client has repeated its SYN several times by then, and was probed more than once
NOBODY = 250  # the last number of an address that no client has

MASQUERADE = """
table ip nat {
    chain post {
        type nat hook postrouting priority srcnat;
        oifname "inner" masquerade
    }
}
"""
# What belongs to no connection that the router has seen begin.
REJECT_INVALID = """
table inet filter {
    chain forward {
        type filter hook forward priority filter;
        ct state invalid reject with tcp reset
    }
}
"""
# Whatever the router sees of the server that is not the second step of a handshake.
REJECT_PROBES = """
table inet filter {
    chain forward {
        type filter hook forward priority filter;
        iifname "inner" tcp flags & (syn|ack) == ack reject with tcp reset
    }
}
"""
DROP_PROBES = """
table inet filter {
    chain forward {
        type filter hook forward priority filter;
        iifname "inner" tcp flags & (syn|ack) == ack drop
    }
}
"""
# Every other SYN.
LOSE_SYNS = """
table inet filter {
    chain forward {
        type filter hook forward priority filter;
        tcp flags & (syn|ack) == syn numgen inc mod 2 == 1 drop
    }
}
"""
# A firewall on the server that follows connections, and lets nothing out that belongs to none.
SERVER_FOLLOWS = """
table inet filter {
    chain out {
        type filter hook output priority filter;
        ct state invalid drop
    }
}
"""


class RouterTest(SynGateTest):
    def setUp(self):
        self.network = self.enterContext(RoutedNetwork())

    def start(self):
        return start(HOSTS[4], "--set-list", f"gatekeeper.Allow=192.0.2.{NOBODY}", drivers=("gatekeeper",))

    def operate(self, server):
        """From this side of the router, which it has nothing to do with."""
        return RemoteOperator(self.network.neighbour(4, server.ports["operator"]))

    def assert_waits(self, server, operator, client, seconds=WAITING_SECONDS):
        """It is asked about once, and nobody thinks that it has gone."""
        source = self.network.shown(client.source)
        number = operator.wait_for(source)
        time.sleep(seconds)
        self.assertEqual(operator.waiting(), {source: number}, "\n".join(server.lines))
        self.assertFalse(client.connects_within(0))
        return number

    def assert_waits_and_is_let_in(self, server, rules_until_verdict=True):
        operator = self.operate(server)
        client = self.network.client(2, 4, server.ports["gatekeeper"])
        number = self.assert_waits(server, operator, client)
        if not rules_until_verdict:
            self.network.set_router_rules("")
        self.assertEqual(operator.command(f"accept {number}"), f"accepted {number}")
        self.assertEqual(client.receive_line(), f"welcome, request {number}")
        client.echo(b"in good order")
        client.finish()
        operator.quit()

    def assert_gone_is_noticed(self, server, seconds_max=0):
        operator = self.operate(server)
        started = time.monotonic()
        client = self.network.client(2, 4, server.ports["gatekeeper"])
        source = self.network.shown(client.source)
        operator.wait_for(source)
        client.give_up()
        gave_up = time.monotonic()
        operator.wait_until_gone(source)
        self.assertLess(time.monotonic() - gave_up, max(seconds_max, noticed_within(gave_up - started)))
        operator.quit()


class Masquerading(RouterTest):
    def setUp(self):
        super().setUp()
        self.network.masquerade(MASQUERADE)

    def test_who_waits_is_not_gone(self):
        with self.start() as server:
            self.assert_waits_and_is_let_in(server)
            self.assert_ends_well(server)

    def test_who_is_gone_is_noticed(self):
        with self.start() as server:
            self.assert_gone_is_noticed(server)
            self.assert_ends_well(server)


class Rejecting(RouterTest):
    def test_who_waits_behind_one_that_follows_connections_is_not_gone(self):
        self.network.set_router_rules(REJECT_INVALID)
        with self.start() as server:
            self.assert_waits_and_is_let_in(server)
            self.assert_gone_is_noticed(server)
            self.assert_ends_well(server)

    def test_who_waits_behind_one_that_answers_probes_is_not_gone(self):
        self.network.set_router_rules(REJECT_PROBES)
        with self.start() as server:
            self.assert_waits_and_is_let_in(server, rules_until_verdict=False)
            self.assert_ends_well(server)

    def test_who_is_gone_behind_one_that_answers_probes_is_noticed(self):
        self.network.set_router_rules(REJECT_PROBES)
        with self.start() as server:
            self.assert_gone_is_noticed(server)
            self.assert_ends_well(server)


class Losing(RouterTest):
    def test_who_waits_is_not_gone_because_of_lost_syns(self):
        self.network.set_router_rules(LOSE_SYNS)
        with self.start() as server:
            operator = self.operate(server)
            client = self.network.client(2, 4, server.ports["gatekeeper"])
            self.assert_waits(server, operator, client, seconds=12)
            client.give_up()
            self.assert_ends_well(server)

    def test_who_is_gone_is_noticed_by_silence_where_probes_are_lost(self):
        self.network.set_router_rules(DROP_PROBES)
        with self.start() as server:
            self.assert_gone_is_noticed(server, seconds_max=15)
            self.assert_ends_well(server)


class ServerThatFollowsConnections(RouterTest):
    def test_who_has_been_probed_is_let_in(self):
        self.network.set_server_rules(SERVER_FOLLOWS)
        with self.start() as server:
            self.assert_waits_and_is_let_in(server)
            # Here a client is probed only when its second SYN has shown which address it used.
            self.assert_gone_is_noticed(server, seconds_max=15)
            self.assert_ends_well(server)


if __name__ == "__main__":
    sys.exit(main())
