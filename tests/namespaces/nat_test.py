# SPDX-License-Identifier: MIT
"""The gate "syn" on a host that tracks connections: with translated ports, and with a filter that drops what belongs
to no connection."""

import os
import shutil
import subprocess
import sys
import time

from fixture import NamespacesTest, main, noticed_within, start
from network import CLIENTS, HOSTS

REFUSED_SECONDS_MAX = 0.9  # by then no client has repeated its SYN
WAITING_SECONDS = 4  # several probes
SEEN_SECONDS = 1.5  # by then a client has repeated its SYN, and it is known whom it addresses
ALLOWED, DENIED, OPERATOR = 2, 3, 7  # the last number of a client's address
FAMILIES = {4: "ip", 6: "ip6"}
OUTSIDE = 81  # the port that clients know

DROPS_INVALID = """
table inet filter {
    chain input { type filter hook input priority filter; ct state invalid drop; }
    chain output { type filter hook output priority filter; ct state invalid drop; }
}
"""


def translation(version, port, how):
    return f"""
table {FAMILIES[version]} nat {{
    chain prerouting {{ type nat hook prerouting priority dstnat; tcp dport {OUTSIDE} {how.format(port=port)}; }}
}}
"""


def to_port_of(version):
    address = HOSTS[version] if version == 4 else f"[{HOSTS[version]}]"
    return "dnat to " + address + ":{port}"


class NatTest(NamespacesTest):
    def setUp(self):
        super().setUp()
        if shutil.which("nft") is None:
            self.skipTest("no nft: script/bootstrap installs it")
        self.addCleanup(subprocess.run, ["nft", "flush ruleset"], check=True)

    def load(self, rules):
        done = subprocess.run(["nft", "-f", "-"], input=rules, capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"the kernel does not take these rules: {done.stderr.strip()}")

    def start(self, version):
        self.require(version)
        return start(HOSTS[version],
                     "--set-list", f"gatekeeper.Allow={CLIENTS[version]}{ALLOWED}",
                     "--set-list", f"gatekeeper.Deny={CLIENTS[version]}{DENIED}", drivers=("gatekeeper",))

    def end(self, server):
        self.assert_ends_well(server)
        return server.last_line("conditional accept: ")

    def assert_refused_at_once(self, client):
        begun = time.monotonic()
        self.assertEqual(client.fate(), "was refused")
        self.assertLess(time.monotonic() - begun, REFUSED_SECONDS_MAX)

    def assert_welcome(self, client):
        self.assertIn("welcome, request ", client.receive_line())
        client.echo(os.urandom(100_000))
        client.finish()


class Refusal(NatTest):
    def check(self, version, rules, port=None):
        with self.start(version) as server:
            self.load(rules(server.ports["gatekeeper"]))
            port = port or server.ports["gatekeeper"]
            self.assert_refused_at_once(self.network.client(DENIED, version, port))
            self.assert_welcome(self.network.client(ALLOWED, version, port))
            self.assertIn("2 attempts inspected (0 late)", self.end(server))

    def test_behind_a_filter_that_drops_what_is_invalid_over_ipv4(self):
        self.check(4, lambda _: DROPS_INVALID)

    def test_behind_a_filter_that_drops_what_is_invalid_over_ipv6(self):
        self.check(6, lambda _: DROPS_INVALID)

    def test_by_a_redirected_port_over_ipv4(self):
        self.check(4, lambda port: translation(4, port, "redirect to :{port}"), OUTSIDE)

    def test_by_a_redirected_port_over_ipv6(self):
        self.check(6, lambda port: translation(6, port, "redirect to :{port}"), OUTSIDE)

    def test_by_a_translated_address_behind_such_a_filter_over_ipv4(self):
        self.check(4, lambda port: translation(4, port, to_port_of(4)) + DROPS_INVALID, OUTSIDE)

    def test_by_a_translated_address_behind_such_a_filter_over_ipv6(self):
        self.check(6, lambda port: translation(6, port, to_port_of(6)) + DROPS_INVALID, OUTSIDE)


class Pended(NatTest):
    """A client that waits has no word to say, and one that has gone is asked where it expects to be."""

    def check(self, version, rules, port=None):
        with self.start(version) as server:
            self.load(rules(server.ports["gatekeeper"]))
            operator = self.network_operator(version, server)
            waiting = self.network.client(4, version, port or server.ports["gatekeeper"])
            number = operator.wait_for(waiting.source)
            self.assertFalse(waiting.connects_within(WAITING_SECONDS))
            self.assertEqual(operator.waiting(), {waiting.source: number})
            started = time.monotonic()
            leaving = self.network.client(5, version, port or server.ports["gatekeeper"])
            operator.wait_for(leaving.source)
            self.assertFalse(leaving.connects_within(SEEN_SECONDS))
            leaving.give_up()
            gave_up = time.monotonic()
            operator.wait_until_gone(leaving.source)
            self.assertLess(time.monotonic() - gave_up, noticed_within(gave_up - started))
            self.assertEqual(operator.command(f"accept {number}"), f"accepted {number}")
            self.assert_welcome(waiting)
            operator.quit()
            self.assertIn("2 attempts inspected (0 late)", self.end(server))

    def network_operator(self, version, server):
        return self.operator(OPERATOR, version, server.ports["operator"])

    def test_where_connections_are_tracked_over_ipv4(self):
        self.check(4, lambda _: DROPS_INVALID.replace("drop", "accept"))

    def test_where_connections_are_tracked_over_ipv6(self):
        self.check(6, lambda _: DROPS_INVALID.replace("drop", "accept"))

    def test_behind_a_filter_that_drops_what_is_invalid(self):
        self.check(4, lambda _: DROPS_INVALID)

    def test_by_a_redirected_port_over_ipv4(self):
        self.check(4, lambda port: translation(4, port, "redirect to :{port}"), OUTSIDE)

    def test_by_a_redirected_port_over_ipv6(self):
        self.check(6, lambda port: translation(6, port, "redirect to :{port}"), OUTSIDE)

    def test_by_a_translated_address_behind_such_a_filter(self):
        self.check(4, lambda port: translation(4, port, to_port_of(4)) + DROPS_INVALID, OUTSIDE)


if __name__ == "__main__":
    sys.exit(main())
