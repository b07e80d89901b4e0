# SPDX-License-Identifier: MIT
"""The gate "syn" between network namespaces: verdicts, a wskrun that was killed, and two of them at once."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from clients import SECONDS_MAX, family_of
from fixture import NamespacesTest, main, noticed_within, start
from network import CLIENTS, HOSTS

REPEATED_SECONDS = 1.2  # by then a client has repeated a SYN that was not answered
HELD_SECONDS = 0.5  # by then a client has connected if nothing holds its SYN
STOPPED_SECONDS_MAX = 10  # for what should happen at once, and cannot happen if a SYN is held
FOREIGN_RULES = (
    "add table inet foreign; add chain inet foreign c { type filter hook input priority 10; }",
    "delete table inet foreign",
)
ALLOWED, DENIED = 2, 3  # the last number of a client's address
OPERATOR = 7


class SynGateTest(NamespacesTest):
    def start(self, version, port=0, allowed=ALLOWED, denied=DENIED):
        self.require(version)
        lists = [
            "--set-list", f"gatekeeper.Allow={CLIENTS[version]}{allowed}",
            "--set-list", f"gatekeeper.Deny={CLIENTS[version]}{denied}",
        ]
        return start(HOSTS[version], *lists, drivers=("gatekeeper",), port=port)

    def knock(self, number, version, server):
        return self.network.client(number, version, server.ports["gatekeeper"])

    def operate(self, version, server):
        return self.operator(OPERATOR, version, server.ports["operator"])

    def assert_welcome(self, client):
        self.assertIn("welcome, request ", client.receive_line())
        client.echo(os.urandom(100_000))
        client.finish()

    def assert_refused(self, client):
        self.assertEqual(client.fate(), "was refused")

    def assert_judges(self, version, server, allowed=ALLOWED, denied=DENIED, pended=4):
        self.assert_refused(self.knock(denied, version, server))
        self.assert_welcome(self.knock(allowed, version, server))
        operator = self.operate(version, server)
        waiting = self.knock(pended, version, server)
        number = operator.wait_for(waiting.source)
        self.assertEqual(list(operator.waiting()), [waiting.source])
        self.assertFalse(waiting.connects_within(HELD_SECONDS))
        self.assertEqual(operator.command(f"accept {number}"), f"accepted {number}")
        self.assert_welcome(waiting)
        operator.quit()

    @contextlib.contextmanager
    def stopped(self, server):
        """A SYN that a rule gives to this wskrun is not answered meanwhile."""
        server._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            server._process.send_signal(signal.SIGCONT)

    def assert_nothing_holds(self, version, port, living):
        """Any program may listen on that port and is connected to, although `living` answers no SYN."""
        host = HOSTS[version]
        with self.stopped(living), socket.create_server((host, port), family=family_of(host)) as plain:
            held = self.knock(5, version, living)
            self.assertFalse(held.connects_within(HELD_SECONDS), "it was not stopped, so the rest tells nothing")
            client = self.network.client(6, version, port)
            self.assertTrue(client.connects_within(STOPPED_SECONDS_MAX), "something holds its SYN")
            plain.accept()[0].close()
        held.give_up()
        client.give_up()


class Verdicts(SynGateTest):
    def check_verdicts(self, version):
        with self.start(version) as server:
            self.assert_judges(version, server)
            self.assert_ends_well(server)

    def test_verdicts_over_ipv4(self):
        self.check_verdicts(4)

    def test_verdicts_over_ipv6(self):
        self.check_verdicts(6)

    def check_long_wait(self, version):
        """The client repeats its SYN, and the driver is not asked again."""
        with self.start(version) as server:
            operator = self.operate(version, server)
            accepted, rejected = self.knock(4, version, server), self.knock(5, version, server)
            numbers = [operator.wait_for(client.source) for client in (accepted, rejected)]
            self.assertFalse(accepted.connects_within(REPEATED_SECONDS))
            self.assertFalse(rejected.connects_within(0))
            self.assertEqual(sorted(operator.waiting().values()), sorted(numbers))
            operator.command(f"accept {numbers[0]}")
            operator.command(f"reject {numbers[1]}")
            self.assert_refused(rejected)
            self.assert_welcome(accepted)
            self.assert_ends_well(server)

    def test_long_wait_over_ipv4(self):
        self.check_long_wait(4)

    def test_long_wait_over_ipv6(self):
        self.check_long_wait(6)

    def check_given_up(self, version):
        """A client that stops connecting says nothing; it is asked, across the link."""
        with self.start(version) as server:
            operator = self.operate(version, server)
            started = time.monotonic()
            client = self.knock(4, version, server)
            number = operator.wait_for(client.source)
            client.give_up()
            gave_up = time.monotonic()
            operator.wait_until_gone(client.source)
            self.assertLess(time.monotonic() - gave_up, noticed_within(gave_up - started))
            server.wait_for_line(f"gatekeeper: request {number}: the client has gone away")
            self.assertEqual(operator.command(f"accept {number}"), f"no request {number} is waiting")
            self.assert_ends_well(server)

    def test_given_up_over_ipv4(self):
        self.check_given_up(4)

    def test_given_up_over_ipv6(self):
        self.check_given_up(6)

    def check_foreign_rules(self, version):
        """Whoever removes a chain makes the kernel drop the SYNs that are held; who waits notices nothing."""
        if shutil.which("nft") is None:
            self.skipTest("no nft: script/bootstrap installs it")
        with self.start(version) as server:
            operator = self.operate(version, server)
            accepted, rejected = self.knock(4, version, server), self.knock(5, version, server)
            numbers = [operator.wait_for(client.source) for client in (accepted, rejected)]
            for rules in FOREIGN_RULES:
                subprocess.run(["nft", rules], check=True)
            operator.command(f"accept {numbers[0]}")
            operator.command(f"reject {numbers[1]}")
            self.assertTrue(accepted.connects_within(HELD_SECONDS), "only when it repeats its SYN")
            self.assert_refused(rejected)
            self.assert_welcome(accepted)
            self.assert_ends_well(server)

    def test_foreign_rules_over_ipv4(self):
        self.check_foreign_rules(4)

    def test_foreign_rules_over_ipv6(self):
        self.check_foreign_rules(6)

    def check_unload(self, version):
        with self.start(version) as server:
            operator = self.operate(version, server)
            clients = [self.knock(number, version, server) for number in (4, 5, 6)]
            for client in clients:
                operator.wait_for(client.source)
            self.assert_ends_well(server)
            for client in clients:
                self.assert_refused(client)

    def test_unload_refuses_who_waits_over_ipv4(self):
        self.check_unload(4)

    def test_unload_refuses_who_waits_over_ipv6(self):
        self.check_unload(6)


class Killed(SynGateTest):
    """A wskrun that is killed leaves its rules; they must harm nobody, and the next wskrun removes them."""

    def kill(self, server):
        server._process.kill()
        self.assertEqual(server._process.wait(SECONDS_MAX), -signal.SIGKILL)
        return server.ports["gatekeeper"]

    def check_killed(self, version):
        with self.start(version) as dead:
            waiting = self.knock(4, version, dead)
            self.operate(version, dead).wait_for(waiting.source)
            port = self.kill(dead)
        self.assert_refused(waiting)  # when it repeats its SYN
        self.assert_refused(self.network.client(5, version, port))
        with self.start(version) as next_one:
            self.assert_judges(version, next_one)
            self.assert_nothing_holds(version, port, next_one)
            self.assert_ends_well(next_one)
        with self.start(version, port=port) as on_same_port:
            self.assert_judges(version, on_same_port)
            self.assert_ends_well(on_same_port)

    def test_killed_over_ipv4(self):
        self.check_killed(4)

    def test_killed_over_ipv6(self):
        self.check_killed(6)

    def test_killed_beside_another(self):
        with self.start(4) as survivor, self.start(4) as dead:
            port = self.kill(dead)
            self.assert_judges(4, survivor)
            with self.start(4) as next_one:
                self.assert_judges(4, next_one)
                self.assert_nothing_holds(4, port, next_one)
                self.assert_judges(4, survivor)
                self.assert_ends_well(next_one)
            self.assert_judges(4, survivor)
            self.assert_ends_well(survivor)


class TwoAtOnce(SynGateTest):
    def check_two(self, version):
        """Whom one of them allows, the other denies; and one ends while the other goes on."""
        with self.start(version) as first, self.start(version, allowed=DENIED, denied=ALLOWED) as second:
            self.assert_judges(version, first)
            self.assert_judges(version, second, allowed=DENIED, denied=ALLOWED)
            waiting = self.knock(5, version, second)
            number = self.operate(version, second).wait_for(waiting.source)
            self.assertEqual(self.operate(version, first).waiting(), {})
            self.assert_ends_well(first)
            self.assertFalse(waiting.connects_within(0))
            self.operate(version, second).command(f"accept {number}")
            self.assert_welcome(waiting)
            self.assert_judges(version, second, allowed=DENIED, denied=ALLOWED)
            self.assert_nothing_holds(version, first.ports["gatekeeper"], second)
            self.assert_ends_well(second)

    def test_two_over_ipv4(self):
        self.check_two(4)

    def test_two_over_ipv6(self):
        self.check_two(6)


if __name__ == "__main__":
    sys.exit(main())
