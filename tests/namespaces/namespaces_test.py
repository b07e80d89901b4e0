# SPDX-License-Identifier: MIT
"""The example drivers and clients in another network namespace, with a veth pair in between.

Starts itself again inside namespaces of its own, as root or as a user of a new user namespace; all of it is gone
when this process is. Exit status 77 where that is not permitted.

Finds wskrun in $WSKRUN and the drivers in $DRIVERS, adds $WSKRUN_OPTIONS; uses the demo's clients.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from clients import Client, Operator
from server import Server

WSKRUN = os.environ["WSKRUN"]
DRIVERS = pathlib.Path(os.environ["DRIVERS"])
OPTIONS = os.environ.get("WSKRUN_OPTIONS", "").split()
INSIDE = "OPENWSK_INSIDE_NAMESPACES"
SKIPPED = 77
CLONE_NEWNET = 0x40000000
LINK_SECONDS_MAX = 20  # until a link that was set up carries something
UNLOAD_SECONDS_MAX = 10  # although some clients do not answer any more
POLL_SECONDS = 0.02
MEGABYTE = 1_000_000

# Addresses by the version of IP: ours, and what the clients' begin with.
HOSTS = {4: "10.99.0.1", 6: "fd00:99::1"}
CLIENTS = {4: "10.99.0.", 6: "fd00:99::"}
WILDCARDS = {4: "0.0.0.0", 6: "::"}
CLIENT_NUMBERS = range(2, 8)
TURNED_AWAY = ("was refused", "connected and was reset")

_libc = ctypes.CDLL(None, use_errno=True)


def enter_namespaces():
    """Replaces this process by one inside; only returns there."""
    if INSIDE in os.environ:
        return
    reasons = []
    for program in ("unshare", "ip"):
        if shutil.which(program) is None:
            reasons.append(f"no {program}: script/bootstrap installs it")
    for flags in ["--net"], ["--user", "--map-root-user", "--net"]:
        if shutil.which("unshare") is None:
            break
        command = ["unshare", *flags]
        attempt = subprocess.run([*command, "ip", "link", "add", "type", "veth"], capture_output=True, text=True)
        if attempt.returncode == 0:
            os.execvpe("unshare", [*command, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
        reasons.append(f"{' '.join(command)}: {attempt.stderr.strip()}")
    print("skipped: network namespaces are not permitted here\n  " + "\n  ".join(reasons))
    sys.exit(SKIPPED)


def _check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def ip(*words):
    result = subprocess.run(["ip", *words], capture_output=True, text=True)
    if result.returncode != 0:
        raise OSError(f"ip {' '.join(words)}: {result.stderr.strip()}")


class Network:
    """Ours and the clients' namespace: veth pair `ours` - `theirs`. Use it in a with statement."""

    def __enter__(self):
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        self._clients = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _check(_libc.setns(self._home, CLONE_NEWNET), "setns")
        ip("link", "set", "lo", "up")
        ip("link", "add", "ours", "type", "veth", "peer", "name", "theirs")
        ip("link", "set", "theirs", "netns", f"/proc/{os.getpid()}/fd/{self._clients}")
        self._configure("ours", HOSTS.values())
        with self.among_clients():
            self._configure("theirs", [f"{CLIENTS[v]}{n}" for v in CLIENTS for n in CLIENT_NUMBERS])
            for host in HOSTS.values():
                self._wait_for(host)
        return self

    def __exit__(self, *_):
        ip("link", "delete", "ours")
        os.close(self._clients)
        os.close(self._home)

    @contextlib.contextmanager
    def among_clients(self):
        """What this thread opens or starts in here, belongs to the clients' namespace for good."""
        _check(_libc.setns(self._clients, CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            _check(_libc.setns(self._home, CLONE_NEWNET), "setns")

    def _configure(self, link, addresses):
        ip("link", "set", link, "up")
        for address in addresses:
            bits = ["64", "nodad"] if ":" in address else ["24"]
            ip("address", "add", f"{address}/{bits[0]}", "dev", link, *bits[1:])

    def _wait_for(self, host):
        """Nobody listens yet; who is refused has reached the other side."""
        deadline = time.monotonic() + LINK_SECONDS_MAX
        problem = None
        while time.monotonic() < deadline:
            try:
                socket.create_connection((host, 9), timeout=1).close()
            except ConnectionRefusedError:
                return
            except OSError as error:
                problem = error
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"{host} was not reached within {LINK_SECONDS_MAX} s: {problem}")

    def client(self, number, version, port):
        with self.among_clients():
            return Client(f"{CLIENTS[version]}{number}", HOSTS[version], port)

    def operator(self, number, version, port):
        return RemoteOperator(self.client(number, version, port))

    def cut(self):
        """From now on nothing arrives, in either direction."""
        with self.among_clients():
            ip("link", "set", "theirs", "down")


class RemoteOperator(Operator):
    _WAITING = re.compile(r"^request (\d+) from \[?([^\s\]]+)\]?:\d+, ")

    def __init__(self, client):
        self._client = client
        self._client.receive_line()  # the welcome


def start(address, *options, drivers=("echo_irp", "echo_event", "gatekeeper")):
    names = []
    arguments = ["--verbose"]
    for driver in drivers:
        names += [driver, "operator"] if driver == "gatekeeper" else [driver]
        arguments += ["--set", f"{driver}.Port=0", "--set", f"{driver}.Address={address}"]
    if "gatekeeper" in drivers:
        arguments += ["--set", "gatekeeper.OperatorPort=0"]
    paths = [DRIVERS / f"{driver}.sys.so" for driver in drivers]
    return Server(WSKRUN, paths, [*arguments, *options, *OPTIONS], names, echo_output=False)


class NamespacesTest(unittest.TestCase):
    def setUp(self):
        self.network = self.enterContext(Network())

    def assert_ends_well(self, server):
        server._process.send_signal(signal.SIGTERM)
        try:
            status = server._process.wait(UNLOAD_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.fail(f"not unloaded within {UNLOAD_SECONDS_MAX} s:\n" + "\n".join(server.lines))
        server.stop()  # reads the rest of what it said
        self.assertEqual(status, 0, "\n".join(server.lines))
        self.assertIn("no leaks", server.last_line("summary: ") or "")

    def assert_said(self, server, text):
        self.assertTrue(any(text in line for line in server.lines), text + "\n" + "\n".join(server.lines))


class Echo(NamespacesTest):
    def echo(self, address, version):
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
        allowed, denied, accepted, rejected, operating = [f"{CLIENTS[version]}{n}" for n in CLIENT_NUMBERS[:5]]
        lists = ["--set-list", f"gatekeeper.Allow={allowed}", "--set-list", f"gatekeeper.Deny={denied}"]
        with start(WILDCARDS[version], *lists, drivers=("gatekeeper",)) as server:
            clients = [self.network.client(n, version, server.ports["gatekeeper"]) for n in CLIENT_NUMBERS[:4]]
            operator = self.network.operator(CLIENT_NUMBERS[4], version, server.ports["operator"])
            self.assertIn("welcome, request ", clients[0].receive_line())
            clients[0].echo(b"in good order")
            clients[0].finish()
            self.assertIn(clients[1].fate(), TURNED_AWAY)
            number = operator.wait_for(accepted)
            self.assertEqual(operator.command(f"accept {number}"), f"accepted {number}")
            self.assertEqual(clients[2].receive_line(), f"welcome, request {number}")
            clients[2].echo(b"in good order")
            clients[2].finish()
            number = operator.wait_for(rejected)
            self.assertEqual(operator.command(f"reject {number}"), f"rejected {number}")
            self.assertIn(clients[3].fate(), TURNED_AWAY)
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
        with start(WILDCARDS[version], "--set-list", f"gatekeeper.Allow={CLIENTS[version]}2") as server:
            operator = self.network.operator(7, version, server.ports["operator"])
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
    enter_namespaces()
    unittest.main(warnings="ignore")  # about sockets that a test leaves to the end of its process
