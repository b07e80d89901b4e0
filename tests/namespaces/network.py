# SPDX-License-Identifier: MIT
"""Namespaces of our own, and a veth pair to the clients' network namespace."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import unittest

from clients import Client, is_free

INSIDE = "OPENWSK_INSIDE_NAMESPACES"
SKIPPED = 77  # the exit status
CLONE_NEWNET = 0x40000000
LINK_SECONDS_MAX = 20  # until a link that was set up carries something
POLL_SECONDS = 0.02

# Addresses by the version of IP: ours, and what the clients' begin with.
HOSTS = {4: "10.99.0.1", 6: "fd00:99::1"}
CLIENTS = {4: "10.99.0.", 6: "fd00:99::"}
CLIENT_NUMBERS = range(2, 8)

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
        self.without_ipv6 = None if is_free("::1", 0) else "this machine has no ::1"
        ip("link", "add", "ours", "type", "veth", "peer", "name", "theirs")
        ip("link", "set", "theirs", "netns", f"/proc/{os.getpid()}/fd/{self._clients}")
        self._configure("ours", HOSTS.values())
        with self.among_clients():
            self._configure("theirs", [f"{CLIENTS[v]}{n}" for v in CLIENTS for n in CLIENT_NUMBERS])
            for version, host in HOSTS.items():
                if version == 4 or self.without_ipv6 is None:
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
            if ":" not in address:
                ip("address", "add", f"{address}/24", "dev", link)
            elif self.without_ipv6 is None:
                ip("address", "add", f"{address}/64", "dev", link, "nodad")

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

    @property
    def hardware_address(self):
        """Of our end of the link."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as any_socket:
            any_socket.bind(("ours", 0))
            return any_socket.getsockname()[4]

    def direct_to_clients(self, addresses):
        """What we send to these arrives at the clients' end of the link, although nobody there has them."""
        with self.among_clients(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as any_socket:
            any_socket.bind(("theirs", 0))
            hardware = any_socket.getsockname()[4].hex(":")
        for address in addresses:
            if ":" not in address or self.without_ipv6 is None:
                ip("neighbour", "replace", address, "lladdr", hardware, "dev", "ours", "nud", "permanent")

    def client(self, number, version, port):
        with self.among_clients():
            return Client(f"{CLIENTS[version]}{number}", HOSTS[version], port)

    def neighbour(self, version, port):
        """A client at our end."""
        return Client(HOSTS[version], HOSTS[version], port)

    def cut(self):
        """From now on nothing arrives, in either direction."""
        with self.among_clients():
            ip("link", "set", "theirs", "down")


class RoutedNetwork(Network):
    """The clients are behind a router. Between us and the router: `ours` - `inner`; behind it: `outer` - `theirs`."""

    _ROUTER = "10.99.0.254"
    _BEHIND = "192.0.2."
    _GATEWAY = f"{_BEHIND}254"

    def __enter__(self):
        if shutil.which("nft") is None:
            raise unittest.SkipTest("no nft: script/bootstrap installs it")
        self._masquerades = False
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._router = self._make_namespace()
        self._clients = self._make_namespace()
        ip("link", "set", "lo", "up")
        self.without_ipv6 = "there is no IPv6 behind the router"
        self._link("ours", "inner", self._router)
        self._configure("ours", [HOSTS[4]])
        with self._inside(self._router):
            pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
            self._link("outer", "theirs", self._clients)
            self._configure("inner", [self._ROUTER])
            self._configure("outer", [self._GATEWAY])
        with self.among_clients():
            self._configure("theirs", [f"{self._BEHIND}{n}" for n in CLIENT_NUMBERS])
            ip("route", "add", "default", "via", self._GATEWAY)
        ip("route", "add", f"{self._BEHIND}0/24", "via", self._ROUTER)
        with self.among_clients():
            self._wait_for(HOSTS[4])
        return self

    def __exit__(self, *_):
        super().__exit__()
        os.close(self._router)

    def _make_namespace(self):
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        made = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _check(_libc.setns(self._home, CLONE_NEWNET), "setns")
        return made

    def _link(self, here, there, other):
        ip("link", "add", here, "type", "veth", "peer", "name", there)
        ip("link", "set", there, "netns", f"/proc/{os.getpid()}/fd/{other}")

    @contextlib.contextmanager
    def _inside(self, namespace):
        _check(_libc.setns(namespace, CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            _check(_libc.setns(self._home, CLONE_NEWNET), "setns")

    def client(self, number, version, port):
        with self.among_clients():
            return Client(f"{self._BEHIND}{number}", HOSTS[version], port)

    def shown(self, source):
        """The address that we see of a client."""
        return self._ROUTER if self._masquerades else source

    def _nft(self, rules):
        result = subprocess.run(["nft", "-f", "-"], input="flush ruleset\n" + rules, capture_output=True, text=True)
        if result.returncode != 0:
            raise unittest.SkipTest(f"rules that this kernel does not have: {result.stderr.strip()}")

    def set_router_rules(self, rules):
        with self._inside(self._router):
            self._nft(rules)

    def set_server_rules(self, rules):
        self._nft(rules)

    def masquerade(self, rules):
        self._masquerades = True
        self.set_router_rules(rules)
