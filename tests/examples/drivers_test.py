# SPDX-License-Identifier: MIT
"""The example drivers beyond the demo: bad settings, odd operators, and being unloaded in the middle.

Finds wskrun in $WSKRUN and the drivers in $DRIVERS, adds $WSKRUN_OPTIONS; uses the demo's clients. With --gate strict
among the options it starts itself again in a namespace of its own, if the gate "syn" is to be had only there; exit
status 77 if it is not to be had at all.
"""

import os
import pathlib
import socket
import subprocess
import sys
import threading
import unittest

import namespace
from clients import Client, Operator, is_free
from server import Server

WSKRUN = os.environ["WSKRUN"]
DRIVERS = pathlib.Path(os.environ["DRIVERS"])
OPTIONS = os.environ.get("WSKRUN_OPTIONS", "").split()
HOST = "127.0.0.1"
INSIDE = "OPENWSK_INSIDE_NAMESPACE"
SKIPPED = 77
SECONDS_MAX = 60  # of a whole run; only a hang takes so long


def enter_namespace_if_needed():
    """Replaces this process by one inside; only returns where the wanted gate is."""
    if INSIDE in os.environ:
        namespace.bring_loopback_up()
    elif "strict" in OPTIONS:
        enter, reason = namespace.place_of_syn_gate(WSKRUN)
        if enter is None:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)
        if enter:
            command = [*enter, sys.executable, *sys.argv]
            os.execvpe(command[0], command, {**os.environ, INSIDE: "1"})


def start(driver, *options, host=HOST):
    names = ["gatekeeper", "operator"] if driver == "gatekeeper" else [driver]
    ports = ["--set", f"{driver}.Port=0", "--set", f"{driver}.Address={host}"]
    if driver == "gatekeeper":
        ports += ["--set", "gatekeeper.OperatorPort=0"]
    path = DRIVERS / f"{driver}.sys.so"
    return Server(WSKRUN, [path], [*ports, *options, *OPTIONS], names, echo_output=False)


class DriversTest(unittest.TestCase):
    def assert_turned_away(self, client, server):
        self.assertEqual(client.fate(), "was refused" if server.gate == "syn" else "connected and was reset")

    def assert_ends_well(self, server):
        status = server.stop()
        self.assertEqual(status, 0, "\n".join(server.lines))
        self.assertIn("no leaks", server.last_line("summary: ") or "")


class Settings(unittest.TestCase):
    def assert_refused(self, driver, *options, text):
        command = [WSKRUN, *options, str(DRIVERS / f"{driver}.sys.so")]
        result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX)
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, 1, said)
        self.assertIn(text, said)

    def test_wrong_values_are_named(self):
        for driver in ("echo_irp", "echo_event", "gatekeeper"):
            self.assert_refused(driver, "--set", f"{driver}.Port=65536", text="Port must be")
            self.assert_refused(driver, "--set-text", f"{driver}.Port=5001", text="Port must be")
            self.assert_refused(driver, "--set", f"{driver}.Address=localhost", text="Address localhost is not")
        self.assert_refused("echo_irp", "--set", "echo_irp.BufferSize=0", text="BufferSize must not be 0")
        self.assert_refused("gatekeeper", "--set-list", "gatekeeper.Deny=127.0.0.1,mars", text="mars is not")

    def test_a_taken_port(self):
        with socket.create_server((HOST, 0)) as taken:
            port = taken.getsockname()[1]
            self.assert_refused("echo_irp", "--set", f"echo_irp.Port={port}", text="cannot listen on")
            self.assert_refused("echo_event", "--set", f"echo_event.Port={port}", text="cannot listen on")
            self.assert_refused(
                "gatekeeper", "--set", "gatekeeper.Port=0", "--set", f"gatekeeper.OperatorPort={port}",
                text="cannot listen on",
            )


class Echo(DriversTest):
    def test_many_at_once(self):
        for driver in ("echo_irp", "echo_event"):
            with self.subTest(driver), start(driver) as server:
                clients = [Client(f"127.0.1.{n}", HOST, server.ports[driver]) for n in range(1, 41)]
                threads = [
                    threading.Thread(target=client.echo, args=(os.urandom(100_000),)) for client in clients
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(SECONDS_MAX)
                for client in clients:
                    client.finish()
                self.assert_ends_well(server)

    def test_ipv6(self):
        if not is_free("::1", 0):
            self.skipTest("this machine has no ::1")
        for driver in ("echo_irp", "echo_event"):
            with self.subTest(driver), start(driver, host="::1") as server:
                client = Client("::1", "::1", server.ports[driver])
                client.echo(b"hello")
                client.finish()
                self.assert_ends_well(server)

    def test_a_client_that_does_not_read_for_a_while(self):
        data = os.urandom(16 * 1024 * 1024)  # more than the buffers of both sides
        for driver in ("echo_irp", "echo_event"):
            with self.subTest(driver), start(driver) as server:
                client = Client(HOST, HOST, server.ports[driver])
                sender = threading.Thread(target=client.send, args=(data,))
                sender.start()
                sender.join(0.5)  # it cannot end: nothing is read
                self.assertTrue(sender.is_alive())
                self.assertEqual(client.receive(len(data)), data)
                sender.join(SECONDS_MAX)
                client.finish()
                self.assert_ends_well(server)

    def test_unload_with_connections_in_every_state(self):
        for driver in ("echo_irp", "echo_event"):
            with self.subTest(driver), start(driver) as server:
                port = server.ports[driver]
                idle = Client(HOST, HOST, port)
                idle.echo(b"x")
                gone = Client(HOST, HOST, port)
                gone.echo(b"x")
                gone.give_up()
                flooding = Client(HOST, HOST, port)
                flood = threading.Thread(target=flooding._send_quietly, args=(bytes(32 * 1024 * 1024),))
                flood.start()
                flood.join(0.2)
                self.assert_ends_well(server)
                flood.join(SECONDS_MAX)


class Gatekeeper(DriversTest):
    def test_unload_while_requests_wait(self):
        with start("gatekeeper", "--set-list", "gatekeeper.Allow=127.0.0.4") as server:
            operator = Operator(HOST, server.ports["operator"])
            waiting = [Client(f"127.0.0.{n}", HOST, server.ports["gatekeeper"]) for n in (6, 7, 8)]
            inside = Client("127.0.0.4", HOST, server.ports["gatekeeper"])
            inside.receive_line()
            for client in waiting:
                operator.wait_for(client.source)
            self.assert_ends_well(server)
            for client in waiting:
                self.assert_turned_away(client, server)

    def test_deny_is_stronger_than_allow_and_ipv4_is_ipv6(self):
        lists = ["--set-list", "gatekeeper.Allow=127.0.0.4,::ffff:127.0.0.5", "--set-list", "gatekeeper.Deny=127.0.0.4"]
        with start("gatekeeper", *lists) as server:
            denied = Client("127.0.0.4", HOST, server.ports["gatekeeper"])
            self.assert_turned_away(denied, server)
            allowed = Client("127.0.0.5", HOST, server.ports["gatekeeper"])
            self.assertIn("welcome, request ", allowed.receive_line())
            allowed.finish()
            self.assert_ends_well(server)

    def test_what_operators_type(self):
        with start("gatekeeper") as server:
            client = Client(HOST, HOST, server.ports["operator"])
            client.receive_line()
            for line, answer in [
                ("hello", "what? try help"),
                ("x" * 5000, "what? try help"),
                ("accept", "what? try help"),
                ("accept 0", "what? try help"),
                ("accept 7x", "what? try help"),
                ("accept 99999999999999999999", "what? try help"),
                ("accept 7", "no request 7 is waiting"),
                ("reject 4294967295\r", "no request 4294967295 is waiting"),
                ("\n\nlist", "0 waiting"),
            ]:
                client.send(line.encode() + b"\n")
                self.assertEqual(client.receive_line(), answer, line)
            client.send(b"list\nlist\nhe")
            self.assertEqual([client.receive_line(), client.receive_line()], ["0 waiting"] * 2)
            client.send(b"llo\nquit\n")
            self.assertEqual([client.receive_line(), client.receive_line()], ["what? try help", "goodbye"])
            client.finish()
            self.assert_ends_well(server)

    def test_more_requests_than_there_is_room_for(self):
        with start("gatekeeper") as server:
            operator = Operator(HOST, server.ports["operator"])
            clients = [Client(f"127.0.2.{n}", HOST, server.ports["gatekeeper"]) for n in range(1, 65)]
            for client in clients:
                operator.wait_for(client.source)
            self.assertEqual(len(operator.waiting()), 64)
            late = Client("127.0.3.1", HOST, server.ports["gatekeeper"])
            self.assert_turned_away(late, server)
            number = operator.wait_for(clients[9].source)
            self.assertEqual(operator.command(f"accept {number}"), f"accepted {number}")
            self.assertEqual(clients[9].receive_line(), f"welcome, request {number}")
            self.assert_ends_well(server)


def main():
    """Says what was skipped, and is then skipped as a whole rather than passed."""
    enter_namespace_if_needed()
    result = unittest.main(exit=False, warnings="ignore").result  # about sockets that a test leaves to the end
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    if not result.wasSuccessful():
        return 1
    return SKIPPED if result.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
