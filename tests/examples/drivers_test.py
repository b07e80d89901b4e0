# SPDX-License-Identifier: MIT
"""The example drivers beyond the demo: bad settings, odd operators, and being unloaded in the middle.

Finds wskrun in $WSKRUN and the drivers in $DRIVERS, adds $WSKRUN_OPTIONS; uses the demo's clients. With --gate strict
among the options it starts itself again in a namespace of its own, if the gate "syn" is to be had only there; exit
status 77 if it is not to be had at all.
"""

import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import namespace
from clients import Client, Operator, is_free
from server import Server, end_with_parent

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


def free_port(host):
    with socket.create_server((host, 0)) as taken:
        return taken.getsockname()[1]


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
        for driver in ("echo_irp", "echo_event", "datagram_echo", "proxy", "gatekeeper"):
            self.assert_refused(driver, "--set", f"{driver}.Port=65536", text="Port must be")
            self.assert_refused(driver, "--set-text", f"{driver}.Port=5001", text="Port must be")
            self.assert_refused(driver, "--set", f"{driver}.Address=localhost", text="Address localhost is not")
        self.assert_refused("echo_irp", "--set", "echo_irp.BufferSize=0", text="BufferSize must not be 0")
        self.assert_refused("proxy", "--set-text", "proxy.TargetAddress=here", text="TargetAddress here is not")
        self.assert_refused("fetch", "--set-text", "fetch.Path=/a b", text="Path must be printable")
        self.assert_refused("fetch", "--set", "fetch.BytesMax=0", text="BytesMax must be")
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


class Target:
    """A listening socket of this process. Use it in a with statement."""

    def __init__(self, backlog=16):
        self._socket = socket.create_server((HOST, 0), backlog=backlog)
        self._socket.settimeout(SECONDS_MAX)
        self.port = self._socket.getsockname()[1]

    def accept(self):
        connection, _ = self._socket.accept()
        connection.settimeout(SECONDS_MAX)
        return connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()


def receive_to_the_end(connection):
    parts = []
    while part := connection.recv(1 << 20):
        parts.append(part)
    return b"".join(parts)


class Proxy(DriversTest):
    def start(self, target_port, *options):
        return start("proxy", "--set", f"proxy.TargetPort={target_port}", *options)

    def connect(self, server):
        return socket.create_connection((HOST, server.ports["proxy"]), SECONDS_MAX)

    def test_each_direction_ends_by_itself(self):
        asked, answered = os.urandom(3_000_000), os.urandom(3_000_000)
        with Target() as target, self.start(target.port) as server:
            with self.connect(server) as client, target.accept() as there:
                sender = threading.Thread(target=client.sendall, args=(asked,))
                sender.start()
                self.assertEqual(there.recv(1), asked[:1])
                sender_end = threading.Thread(target=lambda: (sender.join(), client.shutdown(socket.SHUT_WR)))
                sender_end.start()
                self.assertEqual(receive_to_the_end(there), asked[1:])
                sender_end.join(SECONDS_MAX)
                sender = threading.Thread(target=lambda: (there.sendall(answered), there.shutdown(socket.SHUT_WR)))
                sender.start()
                self.assertEqual(receive_to_the_end(client), answered)
                sender.join(SECONDS_MAX)
            self.assert_ends_well(server)

    def test_many_at_once(self):
        def serve(target, count):
            for _ in range(count):
                connection = target.accept()
                threading.Thread(target=lambda c=connection: (c.sendall(receive_to_the_end(c)), c.close())).start()

        def ask(server, failures):
            data = os.urandom(100_000)
            with self.connect(server) as client:
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
                if receive_to_the_end(client) != data:
                    failures.append("other bytes came back")

        with Target() as target, self.start(target.port) as server:
            failures = []
            threads = [threading.Thread(target=serve, args=(target, 20))]
            threads += [threading.Thread(target=ask, args=(server, failures)) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(SECONDS_MAX)
            self.assertEqual(failures, [])
            self.assert_ends_well(server)

    def test_without_a_target_the_client_is_reset(self):
        with Target() as target:
            port = target.port
        with self.start(port) as server:
            # Perhaps before the client has looked at its connection for the first time.
            with self.assertRaises(ConnectionResetError), self.connect(server) as client:
                client.recv(1)
            self.assert_ends_well(server)

    def test_a_reset_is_passed_on(self):
        with Target() as target, self.start(target.port) as server:
            with self.connect(server) as client, target.accept() as there:
                client.sendall(b"x")
                self.assertEqual(there.recv(1), b"x")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                with self.assertRaises(ConnectionResetError):
                    there.recv(1)
            self.assert_ends_well(server)

    def test_a_slow_reader_slows_the_writer_down(self):
        data = os.urandom(32 * 1024 * 1024)  # more than all buffers on the way
        with Target() as target, self.start(target.port) as server:
            with self.connect(server) as client, target.accept() as there:
                sender = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
                sender.start()
                sender.join(0.5)  # it cannot end: nothing is read
                self.assertTrue(sender.is_alive())
                self.assertEqual(receive_to_the_end(there), data)
                sender.join(SECONDS_MAX)
                there.close()
                self.assertEqual(receive_to_the_end(client), b"")
            self.assert_ends_well(server)

    def test_unload_with_pairs_in_every_state(self):
        with Target(backlog=1) as target, self.start(target.port) as server:
            clients = [self.connect(server) for _ in range(6)]  # most of them still connect to the target
            with target.accept() as there:
                clients[0].sendall(b"x")
                self.assertEqual(there.recv(1), b"x")
                self.assert_ends_well(server)
            for client in clients:
                client.close()


class WebServer:
    """Python's own, as a program of its own, with the files of a folder."""

    def __init__(self, folder, host):
        self.port = free_port(host)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "http.server", str(self.port), "--bind", host, "--directory", folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        )
        end = time.monotonic() + SECONDS_MAX
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection((host, self.port), SECONDS_MAX).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise RuntimeError("http.server does not listen")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()


class Speaker:
    """A server that says the same to everybody, or nothing at all."""

    def __init__(self, said):
        self._socket = socket.create_server((HOST, 0))
        self.port = self._socket.getsockname()[1]
        self._said = said
        self.asked = []
        self.was_asked = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connection, _ = self._socket.accept()
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += connection.recv(4096)
        self.asked.append(request.decode())
        self.was_asked.set()
        if self._said is None:
            self._held = connection
        else:
            connection.sendall(self._said)
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()


class Fetch(DriversTest):
    def fetch(self, port, *options, host="localhost"):
        texts = {"Host": host, "Service": port, "Path": "/page.txt"}
        options = [word for name, text in texts.items() for word in ("--set-text", f"fetch.{name}={text}")] + [*options]
        return Server(WSKRUN, [DRIVERS / "fetch.sys.so"], [*options, *OPTIONS], [], echo_output=False)

    def assert_prints(self, server, *lines):
        for line in lines:
            server.wait_for_line(f"fetch: {line}")
        self.assert_ends_well(server)

    def test_a_page_of_a_web_server(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "page.txt").write_text("one\n" + "x" * 300_000 + "\nthree\n")
            with WebServer(folder, HOST) as web, self.fetch(web.port) as server:
                self.assert_prints(server, "status 200, 300011 bytes", "| one", "| " + "x" * 100, "| three")
            with WebServer(folder, HOST) as web:
                with self.fetch(web.port, "--set-text", "fetch.Path=/none", host=HOST) as server:
                    server.wait_for_line("fetch: | <!DOCTYPE HTML>")
                    self.assertIn("status 404", server.last_line("fetch: status"))
                    self.assert_ends_well(server)

    def test_a_page_in_chunks(self):
        page = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\nA;x=y\r\nworld\nmore\r\n0\r\n\r\n"
        with Speaker(page) as speaker, self.fetch(speaker.port) as server:
            self.assert_prints(server, "status 200, 16 bytes", "| hello world", "| more")
            self.assertTrue(speaker.asked[0].startswith("GET /page.txt HTTP/1.1\r\nHost: localhost\r\n"))

    def test_what_goes_wrong_is_said(self):
        for said, status in [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "C000020C"),
            (b"", "C000020C"),
            (b"SSH-2.0-x\r\n", "C00000C3"),
            (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000, "80000005"),
        ]:
            with self.subTest(said), Speaker(said) as speaker:
                with self.fetch(speaker.port, "--set", "fetch.BytesMax=1000") as server:
                    self.assert_prints(server, f"failed: 0x{status}")

    def test_a_host_that_is_not_there(self):
        with Target() as target:
            port = target.port
        with self.fetch(port) as server:
            self.assert_prints(server, "localhost cannot be reached: 0xC0000236", "failed: 0xC0000236")
        with self.fetch("no-such-service") as server:
            self.assert_prints(server, "localhost has no address: 0xC0000272")

    def test_unload_while_the_server_is_silent(self):
        with Speaker(None) as speaker, self.fetch(speaker.port) as server:
            self.assertTrue(speaker.was_asked.wait(SECONDS_MAX))
            self.assert_ends_well(server)


class DatagramEcho(DriversTest):
    def start(self, address=HOST):
        options = ["--set", "datagram_echo.Port=0", "--set", f"datagram_echo.Address={address}"]
        path = DRIVERS / "datagram_echo.sys.so"
        return Server(WSKRUN, [path], [*options, *OPTIONS], [], echo_output=False)

    def port(self, server):
        line = next(line for line in server.lines if "datagram_echo: port " in line)
        return int(line.rsplit(" ", 1)[1])

    def client(self, family=socket.AF_INET):
        client = socket.socket(family, socket.SOCK_DGRAM)
        client.settimeout(SECONDS_MAX)
        self.addCleanup(client.close)
        return client

    def test_datagrams_of_every_length_come_back(self):
        with self.start() as server:
            client = self.client()
            address = (HOST, self.port(server))
            for length in (0, 1, 1_400, 9_000, 65_507):
                data = os.urandom(length)
                client.sendto(data, address)
                self.assertEqual(client.recvfrom(70_000), (data, address))
            self.assert_ends_well(server)

    def test_the_answer_comes_from_the_address_that_was_asked(self):
        with self.start("0.0.0.0") as server:
            port = self.port(server)
            client = self.client()
            for host in ("127.0.0.1", "127.0.0.9", "127.4.3.2"):
                client.sendto(host.encode(), (host, port))
                self.assertEqual(client.recvfrom(100), (host.encode(), (host, port)))
            self.assert_ends_well(server)

    def test_ipv6(self):
        if not is_free("::1", 0):
            self.skipTest("this machine has no ::1")
        with self.start("::") as server:
            client = self.client(socket.AF_INET6)
            client.sendto(b"six", ("::1", self.port(server)))
            data, (host, port, *_) = client.recvfrom(100)
            self.assertEqual((data, host, port), (b"six", "::1", self.port(server)))
            self.assert_ends_well(server)

    def test_many_at_once(self):
        with self.start() as server:
            address = (HOST, self.port(server))
            clients = [self.client() for _ in range(20)]
            for number in range(50):
                for client in clients:
                    client.sendto(b"%d of %d" % (number, client.fileno()), address)
                for client in clients:
                    self.assertEqual(client.recv(100), b"%d of %d" % (number, client.fileno()))
            self.assert_ends_well(server)

    def test_unload_with_datagrams_on_their_way(self):
        with self.start() as server:
            client = self.client()
            for _ in range(500):
                client.sendto(b"x" * 1_000, (HOST, self.port(server)))
            self.assert_ends_well(server)


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
