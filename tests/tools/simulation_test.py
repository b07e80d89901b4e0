# SPDX-License-Identifier: MIT
"""wskrun --network sim: the same seed, the same bytes; what scenarios expect; what is wrong with one.

Finds the program in $WSKRUN, the drivers in $DRIVERS and the example drivers in $EXAMPLES, and the scenarios of the
examples in $SCENARIOS. $SANITIZE names the sanitizers that they were built with.
"""

import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

WSKRUN = os.environ["WSKRUN"]
DRIVERS = os.environ["DRIVERS"]
EXAMPLES = os.environ["EXAMPLES"]
SANITIZED = bool(os.environ.get("SANITIZE"))
SCENARIOS = pathlib.Path(os.environ["SCENARIOS"])
SECONDS_MAX = 100  # of a whole run; only a hang takes so long


def driver(name):
    return os.path.join(DRIVERS, name + ".sys.so")


def example(name):
    return os.path.join(EXAMPLES, name + ".sys.so")


def run(*arguments):
    return subprocess.run(
        [WSKRUN, "--network", "sim", *arguments], capture_output=True, text=True, timeout=SECONDS_MAX
    )


def syn_times(capture):
    """When each SYN without ACK was sent, in nanoseconds."""
    times, position = [], 0
    while position < len(capture):
        kind, length = struct.unpack_from("<II", capture, position)
        if kind == 6:
            high, low, size = struct.unpack_from("<III", capture, position + 12)
            packet = capture[position + 28:position + 28 + size]
            packet = packet[packet.index(b"\x45"):]
            if packet[9] == 6 and packet[33] & 0x12 == 0x02:
                times.append(high << 32 | low)
        position += length
    return times


PORTS = ["--set", "echo_irp.Port=5001", "--set", "echo_event.Port=5002", "--set", "gatekeeper.Port=5003"]
MACHINE = """
[[machine]]
name = "server"
addresses = ["192.0.2.1", "2001:db8::1"]
[machine.parameters.echo_event]
Address = "0.0.0.0"
Port = 7
[[computer]]
name = "laptop"
addresses = ["192.0.2.2"]
"""


# The driver proxy connects to whatever listens at target:80.
PROXIED = """
[[machine]]
name = "server"
addresses = ["192.0.2.1", "2001:db8::1"]
[machine.parameters.proxy]
Address = "0.0.0.0"
Port = 7
TargetAddress = "192.0.2.9"
TargetPort = 80
[[computer]]
name = "laptop"
addresses = ["192.0.2.2"]
[[computer]]
name = "target"
addresses = ["192.0.2.9", "2001:db8::9"]
"""


# The driver datagram_echo sends everything back.
ECHOING = """
[[machine]]
name = "server"
addresses = ["192.0.2.1", "2001:db8::1"]
[machine.parameters.datagram_echo]
Address = "0.0.0.0"
Port = 7
[[computer]]
name = "laptop"
addresses = ["192.0.2.2", "2001:db8::2"]
"""


def datagrams(steps, more='to = "server:7"'):
    return f'[[datagrams]]\nname = "peer"\ncomputer = "laptop"\n{more}\nsteps = [{steps}]\n'


def server(steps, more=""):
    return f'[[server]]\nname = "backend"\ncomputer = "target"\nlisten = 80\n{more}\nsteps = [{steps}]\n'


def client(steps, more=""):
    return f'[[client]]\nname = "tester"\ncomputer = "laptop"\nconnect = "server:7"\n{more}\nsteps = [{steps}]\n'


class SimulationTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def scenario(self, text):
        path = self.folder / "scenario.toml"
        path.write_text(text)
        return str(path)

    def run_echo(self, text, *arguments):
        return run("--scenario", self.scenario(text), *arguments, example("echo_event"))

    def run_proxy(self, text, *arguments):
        return run("--scenario", self.scenario(PROXIED + text), *arguments, example("proxy"))

    def run_datagrams(self, text, *arguments):
        return run("--scenario", self.scenario(ECHOING + text), *arguments, example("datagram_echo"))

    def assert_ends(self, result, status, *texts):
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, status, said)
        for text in texts:
            self.assertIn(text, said)

    def fingerprint(self, result):
        return re.search(r"fingerprint ([0-9a-f]{16})\n", result.stdout).group(1)


class Replays(SimulationTest):
    def assert_replays(self, *arguments):
        """Twice the same bytes with one seed, and another run with others."""
        fingerprints = set()
        for seed in ("1", "2", "3"):
            first = run("-v", "--seed", seed, *arguments)
            again = run("-v", "--seed", seed, *arguments)
            self.assert_ends(first, 0, f"simulation: seed {seed}, ", "no leaks")
            self.assertEqual((first.stdout, first.stderr), (again.stdout, again.stderr))
            fingerprints.add(self.fingerprint(first))
        self.assertEqual(len(fingerprints), 3)

    def test_echo_event(self):
        self.assert_replays("--scenario", str(SCENARIOS / "echo_event/lossy.toml"), example("echo_event"))

    def test_gatekeeper(self):
        self.assert_replays("--scenario", str(SCENARIOS / "gatekeeper/visitors.toml"), example("gatekeeper"))

    def test_proxy(self):
        self.assert_replays("--scenario", str(SCENARIOS / "proxy/targets.toml"), example("proxy"))

    def test_fetch(self):
        self.assert_replays("--scenario", str(SCENARIOS / "fetch/web.toml"), example("fetch"))

    def test_datagram_echo(self):
        self.assert_replays("--scenario", str(SCENARIOS / "datagram_echo/peers.toml"), example("datagram_echo"))

    def test_the_default_scenario(self):
        self.assert_replays(*PORTS, example("echo_irp"), example("echo_event"), example("gatekeeper"))

    def assert_one_output(self, status, *arguments):
        """The same bytes, whatever else the process has around it."""
        outputs = set()
        for run_number in range(4):
            # A longer environment moves the stack of the main thread.
            environment = {**os.environ, "MORE": "x" * 1000 * run_number}
            result = subprocess.run([WSKRUN, "--network", "sim", *arguments], env=environment, capture_output=True,
                                    text=True, timeout=SECONDS_MAX)
            self.assert_ends(result, status)
            outputs.add(result.stdout + result.stderr)
        self.assertEqual(len(outputs), 1, "\n".join(sorted(set.union(*(set(o.splitlines()) for o in outputs)) -
                                                          set.intersection(*(set(o.splitlines()) for o in outputs)))))
        return outputs.pop()

    @unittest.skipIf(SANITIZED, "a sanitizer has a memory of its own, which is elsewhere in each run")
    def test_addresses_are_the_same_in_each_run(self):
        for seed in ("1", "2"):
            for more in ((), ("--completion", "mixed", "--processors", "2"), ("--sends", "acknowledged")):
                said = self.assert_one_output(0, "-v", "--seed", seed, *more, driver("prints_addresses"))
                self.assertEqual(len(re.findall("^.*connection [0-9A-F]{16}$", said, re.MULTILINE)), 3, said)
                self.assertIn("indication ", said)

    @unittest.skipIf(SANITIZED, "a sanitizer has a memory of its own, which is elsewhere in each run")
    def test_addresses_are_the_same_where_the_system_may_not_fix_them(self):
        """What the kernel gives a driver has its place whatever the address space looks like."""
        outputs = set()
        for _ in range(3):
            result = subprocess.run(
                [sys.executable, str(pathlib.Path(__file__).parent / "without_personality.py"), WSKRUN, "--network", "sim",
                 driver("prints_addresses")], capture_output=True, text=True, timeout=SECONDS_MAX)
            self.assert_ends(result, 0)
            of_the_program = re.compile(r"^.*\b(function|variable|its functions|functions) [0-9A-F]{16}\n", re.MULTILINE)
            outputs.add(of_the_program.sub("", result.stdout + result.stderr))
        self.assertEqual(len(outputs), 1)

    def test_a_bug_check_and_a_leak_are_the_same_in_each_run(self):
        self.assert_one_output(3, "--seed", "3", driver("frees_its_irp"))
        self.assert_one_output(3, "--seed", "3", driver("completes_twice"))
        self.assert_one_output(4, "--seed", "3", driver("leaking_pool"))

    def test_each_completion_mode_and_processors(self):
        for mode in ("windows", "immediate", "deferred", "mixed", "hostile"):
            with self.subTest(mode):
                result = run("--scenario", str(SCENARIOS / "gatekeeper/visitors.toml"), "--completion", mode,
                             "--processors", "3", example("gatekeeper"))
                self.assert_ends(result, 0, "no leaks")

    def test_a_scenario_with_the_former_name_of_a_mode(self):
        text = MACHINE.replace("[machine.para", 'completion = "inline"\n[machine.para')
        self.assert_ends(self.run_echo(text + client('{ send = "a" }, { expect = "a" }')), 0)

    def test_each_schedule(self):
        prints = set()
        for schedule in ("random", "priorities"):
            text = f'schedule = "{schedule}"\n' + MACHINE + client('{ send = "a" }, { expect = "a" }')
            result = self.run_echo(text, "--seed", "5")
            self.assert_ends(result, 0)
            prints.add(self.fingerprint(result))
        self.assertEqual(len(prints), 2)

    def test_the_seed_of_the_scenario_and_the_stronger_one_of_the_command_line(self):
        self.assert_ends(self.run_echo("seed = 9\n" + MACHINE), 0, "simulation: seed 9, ")
        self.assert_ends(self.run_echo("seed = 9\n" + MACHINE, "--seed", "10"), 0, "simulation: seed 10, ")
        self.assert_ends(self.run_echo(MACHINE), 0, "simulation: seed 1, ")
        largest = "18446744073709551615"
        self.assert_ends(self.run_echo(MACHINE, "--seed", largest), 0, f"simulation: seed {largest}, ")


class Scenarios(SimulationTest):
    def test_says_what_the_default_scenario_is(self):
        result = run("-v", "--set", "echo_event.Port=7", example("echo_event"))
        self.assert_ends(result, 0, "the default scenario", "SCENARIOS in man wskrun",
                         "listening on 127.0.0.1:7 (plain)", "clients: 3 of 3 connected", "client 1: connected from",
                         "accepted by WskAcceptEvent", "summary: 3 connections accepted")

    def test_the_default_clients_reach_each_kind_of_address(self):
        for address in ("0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "::1"):
            with self.subTest(address):
                result = run("--set", f"echo_irp.Address={address}", example("echo_irp"))
                self.assert_ends(result, 0, "clients: 3 of 3 connected", "summary: 3 connections accepted")

    def test_the_default_clients_meet_the_gatekeeper(self):
        result = run("--set", "gatekeeper.Port=5003", example("gatekeeper"))
        self.assert_ends(result, 0, 'conditional accept: gate "sim"', "3 attempts inspected", "waits for the operator")

    def test_clients_come_to_a_listener_that_a_thread_makes_later(self):
        result = run("-v", driver("waits_for_its_peers"))
        self.assert_ends(result, 0, "clients: 3 of 3 connected", "summary: 3 connections accepted")

    def test_a_run_without_clients_says_so(self):
        self.assert_ends(run(driver("fine")), 0, "clients: none, since no driver had a listening socket for 10s\n")
        self.assert_ends(run("--for", "1", driver("fine")), 0, "clients: none, since no driver had a listening socket\n")
        self.assert_ends(self.run_echo(MACHINE), 0, "clients: none, since the scenario has no [[client]]\n")

    def test_clients_begin_when_they_should(self):
        path = self.folder / "run.pcapng"
        text = f'capture = "{path}"\n[links]\nlatency = "5ms"\n' + MACHINE
        text += client('{ send = "x" }, { wait = "50ms" }', 'at = "1ms"\ncount = 5\nevery = "1ms"')
        for seed in range(1, 9):
            self.assert_ends(self.run_echo(text, "--seed", str(seed)), 0, "clients: 5 of 5 connected")
            times = syn_times(path.read_bytes())
            self.assertEqual([time - times[0] for time in times], [0, 1000000, 2000000, 3000000, 4000000])

    def test_what_clients_send_last_arrives_before_the_end(self):
        text = MACHINE.replace("echo_event", "gatekeeper") + client('{ wait = "200ms" }, "reset"')
        scenario = self.folder / "leaving.toml"
        scenario.write_text(text)
        for seed in range(1, 9):
            result = run("--seed", str(seed), "--scenario", str(scenario), "--set", "gatekeeper.Port=7",
                         "--set", "gatekeeper.Address=0.0.0.0", example("gatekeeper"))
            self.assert_ends(result, 0, "request 1: the client has gone away")

    def test_the_summary_counts_bytes_and_verdicts(self):
        result = run("--scenario", str(SCENARIOS / "gatekeeper/visitors.toml"), example("gatekeeper"))
        self.assert_ends(result, 0, "request 5: the client has gone away", "request 6: rejected, the time is up",
                         "6 attempts inspected (0 late), 4 pended, 2 accepted, 3 rejected, 1 aborted",
                         "clients: 3 of 7 connected, 7 did all of their steps")

    def test_registry_values_of_the_command_line_are_stronger(self):
        result = self.run_echo(MACHINE, "--set", "echo_event.Port=8")
        self.assert_ends(result, 0, "listening on 0.0.0.0:8 ")

    def test_a_driver_is_unloaded_while_its_clients_talk(self):
        text = 'unload_at = "1s"\n' + MACHINE + client('{ send = "a" }, { expect = "a" }, { expect_state = "reset" }')
        self.assert_ends(self.run_echo(text), 0, "1 did all of their steps", "no leaks")

    def test_many_clients_of_one_kind(self):
        text = MACHINE + client('{ send = "a" }, { expect = "a" }, "finish", { expect_state = "finished" }',
                                'count = 500\nevery = "10us"')
        self.assert_ends(self.run_echo(text), 0, "clients: 500 of 500 connected, 500 did all of their steps",
                         "summary: 500 connections accepted")

    def test_two_machines(self):
        text = MACHINE + """
[[machine]]
name = "other"
addresses = ["192.0.2.7"]
drivers = ["echo_irp"]
[machine.parameters.echo_irp]
Address = "192.0.2.7"
Port = 8
""" + client('{ send = "a" }, { expect = "a" }')
        text = text.replace('[machine.parameters.echo_event]', 'drivers = ["echo_event"]\n[machine.parameters.echo_event]')
        text += client('{ send = "b" }, { expect = "b" }').replace("server:7", "other:8")
        result = run("--scenario", self.scenario(text), example("echo_event"), example("echo_irp"))
        self.assert_ends(result, 0, "server: summary: 1 connection accepted", "other: summary: 1 connection accepted")

    def test_a_cut_network_and_its_repair(self):
        change = '[[change]]\nat = "5ms"\nfor = "10s"\nbetween = ["laptop", "server"]\ndown = true\n'
        steps = '{ expect_state = "connected" }, { wait = "10ms" }, { send = "a" }, { expect_nothing = "9s" }, ' \
                '{ expect = "a", within = "20s" }'
        self.assert_ends(self.run_echo(MACHINE + change + client(steps)), 0)
        steps = '{ expect_state = "timed out", within = "3m" }'
        self.assert_ends(self.run_echo(MACHINE + change.replace('"5ms"', '"0s"').replace('"10s"', '"1h"') +
                                       client(steps)), 0)

    def test_a_narrow_way_is_found_out(self):
        path = self.folder / "run.pcapng"
        narrow = '[[link]]\nbetween = ["laptop", "server"]\nlatency = "5ms"\npath_mtu = 1400\n'
        text = f'capture = "{path}"\n' + MACHINE + narrow
        text += client('{ send = "0123456789", repeat = 30000 }, { expect = "0123456789", repeat = 30000, within = "1s" }')
        self.assert_ends(self.run_echo(text), 0, "clients: 1 of 1 connected, 1 did all")
        self.assertIn(b"lost, larger than the MTU of the way", path.read_bytes())
        echoing = datagrams('{ send = "x", repeat = 1373 }, { expect = "x", repeat = 1373 }')
        self.assert_ends(self.run_datagrams(narrow + echoing), 0, "datagrams: 1 of 1 peer did all")

    def test_names_and_their_changes(self):
        machine = '[[machine]]\nname = "server"\naddresses = ["192.0.2.1"]\n[machine.parameters.fetch]\n' \
                  'Host = "www.example"\n[[computer]]\nname = "laptop"\naddresses = ["192.0.2.2"]\n'
        name = '[[name]]\nname = "WWW.example"\n'
        for rules, said in [
            ('addresses = ["192.0.2.2"]\n', "www.example cannot be reached: 0xC0000236"),
            ('failure = "unknown"\n', "www.example has no address: 0xC0000272"),
            ('failure = "no answer"\n', "www.example has no address: 0xC00000B5"),
            # It is asked at once, and answered after the change.
            ('failure = "unknown"\ndelay = "2s"\n' + name + 'addresses = ["192.0.2.2"]\nat = "1s"\n',
             "www.example cannot be reached: 0xC0000236"),
        ]:
            with self.subTest(rules):
                path = self.scenario('end = "5s"\n' + machine + name + rules)
                self.assert_ends(run("--scenario", path, example("fetch")), 0, "fetch: " + said)
        path = self.scenario('end = "5s"\n' + machine.replace("www.example", "laptop"))
        self.assert_ends(run("--scenario", path, example("fetch")), 0, "fetch: laptop cannot be reached: 0xC0000236")

    def test_faults_are_counted(self):
        text = MACHINE.replace("[machine.parameters", '[machine.faults]\nshort_send = "nth:1"\n[machine.parameters')
        result = self.run_echo(text + client('{ send = "abc" }, { expect = "abc" }'))
        self.assert_ends(result, 0, "faults: short_send 1 of ")

    def test_faults_of_the_command_line_come_on_top(self):
        text = MACHINE.replace("[machine.parameters", '[machine.faults]\nshort_send = "nth:1"\n[machine.parameters')
        result = self.run_echo(text + client('{ send = "abc" }, { expect = "abc" }'), "--fault", "short_receive=nth:1")
        self.assert_ends(result, 0, "short_send 1 of ", "short_receive 1 of ")

    def test_a_capture(self):
        path = self.folder / "run.pcapng"
        result = self.run_echo(f'capture = "{path}"\n' + MACHINE + client('{ send = "abcabc" }, { expect = "abc" }'))
        self.assert_ends(result, 0)
        contents = path.read_bytes()
        self.assertEqual(contents[:4], bytes.fromhex("0a0d0d0a"))
        self.assertIn(b"abcabc", contents)

    def test_a_capture_that_cannot_be_written(self):
        text = 'capture = "/dev/full"\n' + MACHINE + client('{ send = "abc" }, { expect = "abc" }')
        result = self.run_echo(text)
        self.assert_ends(result, 7, "no leaks")
        self.assertIn("the capture /dev/full could not be written completely: No space left", result.stderr)
        # It hides no other status.
        self.assert_ends(self.run_echo(text.replace('expect = "abc"', 'expect = "xyz"')), 5, "the capture /dev/full")

    def test_after_a_time(self):
        self.assert_ends(self.run_echo('end = "90s"\n' + MACHINE), 0, "simulation: seed 1, 91")
        self.assert_ends(self.run_echo('end = "90s"\n' + MACHINE, "--for", "5"), 0, "simulation: seed 1, 6")

    def test_an_hour_in_which_nothing_happens_is_short(self):
        self.assert_ends(self.run_echo('end = "1h"\n' + MACHINE), 0, "3601")

    def test_a_failing_driver(self):
        result = run(driver("failing_entry"))
        self.assert_ends(result, 1, "STATUS_DEVICE_NOT_READY", "wskrun: replay: ")

    def test_a_leak_and_a_bug_check_are_replayable(self):
        self.assert_ends(run("--seed", "4", driver("leaking_pool")), 4, "leak: pool block", "replay: ", "--seed 4")
        self.assert_ends(run("--seed", "4", driver("bug_check")), 3, "replay: ", "--seed 4")

    def test_a_driver_that_cannot_be_unloaded(self):
        self.assert_ends(run(driver("no_unload")), 0, "set no DriverUnload")

    def test_no_module_copies_are_left(self):
        for name, status in [("fine", 0), ("bug_check", 3), ("stuck_unload", 6), ("no_unload", 0)]:
            result = subprocess.run(
                [WSKRUN, "--network", "sim", driver(name)], env={**os.environ, "TMPDIR": str(self.folder)},
                capture_output=True, text=True, timeout=SECONDS_MAX,
            )
            self.assert_ends(result, status)
            self.assertEqual(list(self.folder.iterdir()), [])

    def test_who_waits_for_ever_is_named(self):
        result = run("--seed", "4", driver("stuck_unload"))
        self.assert_ends(result, 6, "deadlock", "thread unload waits", "stuck_unload.sys.so", "replay: ", "--seed 4")

    def test_a_signal_ends_the_run(self):
        text = 'end = "20h"\n' + MACHINE + client('{ send = "x" }, { wait = "19h" }', 'count = 1')
        # Enough that it would take minutes.
        text += client(", ".join(['{ send = "x" }, { expect = "x" }'] * 400), 'count = 2000\nevery = "1ms"')
        process = subprocess.Popen(
            [WSKRUN, "--network", "sim", "--scenario", self.scenario(text), example("echo_event")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if "started" in line:
                break
        process.send_signal(signal.SIGUSR1)
        for line in process.stdout:
            if line.startswith("now: "):
                break
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
        self.assertEqual(process.wait(SECONDS_MAX), 0, said)
        self.assertIn("Ctrl-C: unloading", said)
        self.assertIn("no leaks", said)


class Servers(SimulationTest):
    """Servers of a scenario, for drivers that connect."""

    def test_the_examples_in_each_completion_mode(self):
        for mode in ("windows", "immediate", "deferred", "mixed", "hostile"):
            with self.subTest(mode):
                result = run("--scenario", str(SCENARIOS / "proxy/targets.toml"), "--completion", mode, example("proxy"))
                self.assert_ends(result, 0, "clients: 7 of 7 connected, 7 did all", "servers: 5 connections, 5 did all",
                                 "cannot be connected: 0xC0000236", "no leaks")
                result = run("--scenario", str(SCENARIOS / "fetch/web.toml"), "--completion", mode, example("fetch"))
                self.assert_ends(result, 0, "status 200, 12 bytes", "fetch: | hello world", "no leaks",
                                 "servers: 1 connection, 1 did all of their steps; 74 bytes sent, 60 bytes received")

    def test_a_connection_and_its_steps(self):
        result = self.run_proxy(server('{ expect = "ab" }, { send = "c" }, { expect_state = "peer finished" }, "finish"') +
                                client('{ send = "ab" }, { expect = "c" }, "finish", { expect_state = "finished" }'), "-v")
        self.assert_ends(result, 0, "server backend: a connection from 192.0.2.1:",
                         "servers: 1 connection, 1 did all of their steps; 1 byte sent, 2 bytes received")

    def test_each_place_to_listen_on(self):
        talk = client('{ send = "x" }, { expect = "x" }')
        for place in ('80', '"0.0.0.0:80"', '"192.0.2.9:80"', '"target:80"'):
            with self.subTest(place):
                text = server('{ expect = "x" }, { send = "x" }').replace("listen = 80", f"listen = {place}")
                self.assert_ends(self.run_proxy(text + talk), 0, "servers: 1 connection, 1 did all")
        text = server('{ expect = "x" }, { send = "x" }').replace("listen = 80", 'listen = "[::]:80"')
        self.assert_ends(self.run_proxy(text + client('{ expect_state = "reset" }', 'at = "59s"')), 5,
                         "server backend expected a connection within 60s, but 0 came")

    def test_a_driver_that_connects_at_once_finds_it_there(self):
        text = '[[machine]]\nname = "server"\naddresses = ["192.0.2.1"]\n[machine.parameters.fetch]\n' \
               'Host = "192.0.2.9"\n[[computer]]\nname = "target"\naddresses = ["192.0.2.9"]\n'
        path = self.scenario(text + server('{ send = "HTTP/1.1 200 OK\\r\\n\\r\\nhello\\n" }, "finish"'))
        for seed in range(1, 9):
            result = run("--seed", str(seed), "--scenario", path, example("fetch"))
            self.assert_ends(result, 0, "fetch: | hello", "servers: 1 connection, 1 did all")

    def test_before_and_after_its_time_and_number_it_refuses(self):
        refused = '{ expect_state = "reset", within = "1s" }'
        served = '{ expect = "x" }, { expect_state = "peer finished" }'
        text = server('{ send = "x" }, "close"', 'at = "10s"\naccept = 2') + \
            client(refused, 'at = "8s"') + client(served, 'at = "11s"\ncount = 2\nevery = "1s"') + client(refused, 'at = "13s"')
        self.assert_ends(self.run_proxy(text), 0, "clients: 4 of 4 connected, 4 did all", "servers: 2 connections, 2 did all")
        text = server('{ send = "x" }, "close"', "refuse = 2") + client(refused, 'count = 2\nevery = "1s"') + \
            client(served, 'at = "3s"')
        self.assert_ends(self.run_proxy(text), 0, "clients: 3 of 3 connected, 3 did all", "servers: 1 connection, 1 did all")

    def test_one_server_after_another(self):
        text = server('{ send = "a" }, "close"') + server('{ send = "b" }, "close"', 'at = "10s"') + \
            client('{ expect = "a" }') + client('{ expect = "b" }', 'at = "11s"')
        self.assert_ends(self.run_proxy(text), 0, "servers: 2 connections, 2 did all")

    def test_as_many_as_come(self):
        text = server('{ expect = "x" }, { send = "y" }', 'accept = "any"')
        talk = client('{ send = "x" }, { expect = "y" }, "close"', 'count = 30\nevery = "1ms"')
        self.assert_ends(self.run_proxy(text + talk), 0, "clients: 30 of 30", "servers: 30 connections, 30 did all")
        self.assert_ends(self.run_proxy(text), 0, "servers: 0 connections")

    def test_a_reset(self):
        for steps, bytes_received in (('"reset"', 0), ('{ expect = "x" }, "reset"', 1)):
            result = self.run_proxy(server(steps) + client('{ send = "x" }, { expect_state = "reset" }'))
            self.assert_ends(result, 0, f"0 bytes sent, {bytes_received} byte")

    def test_what_is_expected_and_does_not_come(self):
        talk = client('{ send = "ab\\n" }')
        for steps, more, line, *said in [
            ('{ expect = "abc" }', "", 21, 'server backend expected "abc" within 60s, but "ab\\n" came'),
            ('{ expect_line = "c" }', "accept = 3", 21, 'server backend#1 expected a line like "c" within 60s'),
            ('{ expect_state = "finished", within = "2s" }', "", 21, "to be finished within 2s", "it is connected"),
            ('', 'accept = 2\nwithin = "7s"', 16, "expected 2 connections, each within 7s of the one before, but 1 came"),
        ]:
            with self.subTest(steps):
                result = self.run_proxy(server(steps, more) + talk, "--seed", "6")
                self.assert_ends(result, 5, f"scenario.toml:{line}: server backend", *said, "wskrun: replay: ",
                                 "driver proxy: unloaded")
                self.assertEqual(result.stderr.count("server backend"), 1)
        result = self.run_proxy(server("") , "--for", "3")
        self.assert_ends(result, 5, "server backend expected a connection within 60s, but the run ended, and 0 came")

    def test_two_at_one_place(self):
        result = self.run_proxy(server("") + server(""))
        self.assert_ends(result, 5, "scenario.toml:22: computer target cannot listen on 0.0.0.0:80", "ADDRESS_ALREADY")


class Datagrams(SimulationTest):
    """UDP peers of a scenario."""

    def test_the_example_in_each_completion_mode(self):
        for mode in ("windows", "immediate", "deferred", "mixed", "hostile"):
            with self.subTest(mode):
                result = run("--scenario", str(SCENARIOS / "datagram_echo/peers.toml"), "--completion", mode,
                             example("datagram_echo"))
                self.assert_ends(result, 0, "datagrams: 24 of 24 peers did all of their steps; 255 sent", "no leaks")

    def test_what_is_sent_and_expected(self):
        for steps, sent, received in [
            ('{ send = "a" }, { expect = "a" }', 1, 1),
            ('{ send = "" }, { expect = "", from = "server:7", within = "1s" }', 1, 1),
            ('{ send_hex = "00 ff", repeat = 700 }, { expect_hex = "00ff", repeat = 700 }', 1, 1),
            ('{ send = "a", count = 5 }, { expect = "a", count = 5 }, { expect_nothing = "1s" }', 5, 5),
            ('{ send = "a" }, { send = "b" }, { expect = "a" }, { expect_like = "*" }', 2, 2),
            ('{ send = "hello you", count = 2 }, { expect_like = "hel* y*", count = 2 }', 2, 2),
            ('{ send = "a" }, { wait = "1s" }, { expect_nothing = "1s" }', 1, 1),
        ]:
            with self.subTest(steps):
                self.assert_ends(self.run_datagrams(datagrams(steps)), 0,
                                 f"datagrams: 1 of 1 peer did all of their steps; {sent} sent, {received} received")

    def test_an_interval_takes_its_time(self):
        result = self.run_datagrams(datagrams('{ send = "a", count = 11, every = "100ms" }, { expect = "a", count = 11 }'), "-v")
        self.assert_ends(result, 0, "datagrams peer: all steps done, 11 datagrams sent and 11 received")
        self.assertIn("\n[1.", result.stdout)

    def test_where_from_and_to(self):
        for more, steps in [
            ('from = "192.0.2.2"\nto = "192.0.2.1:7"', '{ send = "a" }, { expect = "a", from = "192.0.2.1:7" }'),
            ('from = "192.0.2.2:4000"\nto = "server:7"', '{ send = "a" }, { expect = "a" }'),
            ('from = 4000', '{ send = "a", to = "server:7" }, { expect = "a" }'),
            ('to = "server:9"', '{ send = "a", to = "server:7" }, { expect = "a" }, { send = "b" }, { expect_nothing = "1s" }'),
            ('to = "server:7"\ncount = 10\nevery = "1ms"', '{ send = "a" }, { expect = "a" }'),
            ('to = "server:7"\nat = "1s"', '{ send = "a" }, { expect = "a" }'),
        ]:
            with self.subTest(more):
                result = self.run_datagrams(datagrams(steps, more), "-v")
                self.assert_ends(result, 0, " did all of their steps")
        self.assertIn("datagrams peer: at 0.0.0.0:4000", self.run_datagrams(datagrams("", "from = 4000"), "-v").stdout)
        text = ECHOING.replace("0.0.0.0", "::") + datagrams('{ send = "a" }, { expect = "a", from = "[2001:db8:0::1]:7" }',
                                                           'to = "[2001:db8::1]:7"')
        self.assert_ends(run("--scenario", self.scenario(text), example("datagram_echo")), 0, "1 of 1 peer")

    def test_peers_that_answer(self):
        asking = datagrams('{ send = "a", to = "server:4000", count = 3 }, { expect = "b", count = 2, from = "server:4000" },'
                           '{ expect = "a" }', "")
        answering = datagrams('{ answer = "b", count = 2, within = "1s" }, "echo"', "from = 4000")
        self.assert_ends(self.run_datagrams(answering.replace('"laptop"', '"server"') + asking), 0,
                         "datagrams: 2 of 2 peers did all of their steps; 6 sent, 6 received")

    def test_what_is_expected_and_does_not_come(self):
        for steps, *said in [
            ('{ send = "b" }, { expect = "a" }', 'expected a datagram "a" within 60s, but "b" came from 192.0.2.1:7 ('),
            ('{ send = "a" }, { expect = "a", count = 2, within = "2s" }', '2 datagrams "a" within 2s, but 1 came ('),
            ('{ expect = "a", within = "2s" }', 'a datagram "a" within 2s, but nothing came ('),
            ('{ send = "a" }, { expect = "a", from = "192.0.2.1:8" }', 'from 192.0.2.1:8 within 60s, but "a" came from'),
            ('{ send = "hello" }, { expect_like = "*no" }', 'a datagram like "*no" within 60s, but "hello" came from'),
            ('{ answer = "b", within = "3s" }', "expected a datagram within 3s, but nothing came ("),
            ('{ send = "a" }, { expect_nothing = "1s" }', 'expected nothing for 1s, but "a" came from 192.0.2.1:7 ('),
        ]:
            with self.subTest(steps):
                result = self.run_datagrams(datagrams(steps), "--seed", "6")
                self.assert_ends(result, 5, "scenario.toml:15: datagrams peer expected ", *said, "wskrun: replay: ",
                                 "driver datagram_echo: unloaded")
                self.assertEqual(result.stderr.count("datagrams peer"), 1)
        result = self.run_datagrams(datagrams('{ expect = "a" }'), "--for", "1")
        self.assert_ends(result, 5, "but the run ended, and nothing came")
        taken = datagrams("", "from = 4000")
        self.assert_ends(self.run_datagrams(taken + taken), 5, "scenario.toml:16: computer laptop cannot open UDP port")


class Expectations(SimulationTest):
    """What is expected and does not come ends the run with status 5, with the line and how to replay it."""

    def assert_not_met(self, steps, text, line=13):
        result = self.run_echo(MACHINE + client(steps), "--seed", "6")
        self.assert_ends(result, 5, f"scenario.toml:{line}: client tester expected ", text, "wskrun: replay: ",
                         "--seed 6", "driver echo_event: unloaded", "simulation: seed 6, ")

    def test_other_bytes(self):
        self.assert_not_met('{ send = "abd" }, { expect = "abc" }', 'expected "abc" within 60s, but "abd" came', 16)

    def test_too_few_bytes(self):
        self.assert_not_met('{ send = "ab" }, { expect = "abc", within = "2s" }',
                            '"abc" within 2s, but "ab" came, and it is connected', 16)

    def test_an_end_instead_of_bytes(self):
        self.assert_not_met('{ send = "ab" }, "finish", { expect = "abc" }', '"ab" came, and it is ', 16)

    def test_another_line(self):
        self.assert_not_met('{ send = "hello you\\n" }, { expect_line = "hello *me" }',
                            'a line like "hello *me" within 60s, but "hello you\\n" came', 16)

    def test_another_state(self):
        self.assert_not_met('{ expect_state = "refused" }, { wait = "1s" }', "to be refused within 60s, but nothing "
                            "came, and it is connected", 16)

    def test_something_instead_of_nothing(self):
        self.assert_not_met('{ wait = "1s" }, { send = "a" }, { expect_nothing = "1s" }',
                            'nothing for 1s, but "a" came', 16)

    def test_many_bytes_say_where_they_differ(self):
        self.assert_not_met('{ send = "a", repeat = 500 }, { send = "b" }, { expect = "a", repeat = 501 }',
                            '"b" came after 500 bytes that were right', 16)

    def test_the_end_of_the_time(self):
        result = self.run_echo('end = "1s"\n' + MACHINE + client('{ expect = "x" }'))
        self.assert_ends(result, 5, "but the run ended, and nothing came")

    def test_a_driver_that_waits_for_its_peer_is_unloaded_all_the_same(self):
        text = MACHINE.replace("[machine.parameters.echo_event]\nAddress = \"0.0.0.0\"\nPort = 7\n", "")
        for steps in ('{ send = "a" }, { expect = "b", within = "1s" }', '"stop reading", { expect_state = "refused" }'):
            text_with_client = text + client(steps, 'at = "50ms"').replace("server:7", "server:7000")
            result = run("--scenario", self.scenario(text_with_client), driver("waits_for_its_peers"))
            self.assert_ends(result, 5, "expected", "0 did all of their steps", "no leaks")
            self.assertNotIn("deadlock", result.stdout + result.stderr)

    def test_what_comes_after_it_does_not_hide_it(self):
        text = MACHINE + client('{ expect = "b", within = "1s" }')
        result = run("--scenario", self.scenario(text), "--set", "echo_event.Port=7", example("echo_event"),
                     driver("stuck_unload"))
        self.assert_ends(result, 5, "expected", "the drivers did not finish either", "wskrun: replay: ")
        self.assertNotIn("deadlock", result.stdout + result.stderr)

    def test_a_script_names_its_line(self):
        text = MACHINE + SCRIPT.replace("SYN,ACK", "RST")
        self.assert_ends(self.run_echo(text), 5, "script of ghost", "wskrun: replay: ")

    def test_a_script_that_passes(self):
        self.assert_ends(self.run_echo(MACHINE + SCRIPT), 0, "summary: 1 connection accepted")


SCRIPT = '''
[[script]]
name = "ghost"
addresses = ["192.0.2.66"]
text = """
connection a to 192.0.2.1:7
send SYN mss 1460
expect SYN,ACK within 1s
send ACK
send data "boo"
await data "boo" within 5s
send RST
expect nothing for 1s
"""
'''


class Loops(SimulationTest):
    """A driver that waits for others in a loop goes on, whatever it calls in the loop."""

    def test_they_go_on(self):
        seeds = range(1, 2) if SANITIZED else range(1, 5)  # the loops take twenty times as long there
        for how in range(10):
            for seed in seeds:
                with self.subTest(how=how, seed=seed):
                    result = run("--seed", str(seed), "--set", f"waits_in_a_loop.How={how}", "--for", "5",
                                 driver("waits_in_a_loop"))
                    self.assert_ends(result, 0, "went on, 1")

    @unittest.skipIf("thread" in os.environ.get("SANITIZE", ""), "ThreadSanitizer keeps signals until the next call")
    def test_a_loop_that_nothing_ends_is_interrupted(self):
        result = run("--seed", "3", "--set", "waits_in_a_loop.How=99", driver("waits_in_a_loop"))
        self.assert_ends(result, 6, "livelock", "without coming past a point", "Waiter", "waits_in_a_loop.sys.so",
                         "seed 3", "replay: ", "--seed 3")


class Errors(SimulationTest):
    def assert_refused(self, text, line, *texts):
        result = self.run_echo(text)
        self.assert_ends(result, 2, f"scenario.toml:{line}: ", *texts)
        self.assertEqual(result.stdout, "")

    def test_options(self):
        fine = driver("fine")
        for seed in ("seven", "-1", "1.5", "18446744073709551616", "0x10"):
            self.assert_ends(run(f"--seed={seed}", fine), 2, f"--seed {seed}: a seed is a whole number from 0 to ")
        self.assert_ends(run("--gate", "strict", fine), 2, "--gate", 'gate "sim"')
        self.assert_ends(run("--scenario", "no_such_file.toml", fine), 2, "cannot read no_such_file.toml: No such file")
        self.assert_ends(run("--scenario", str(self.folder), fine), 2, "Is a directory")
        linux = subprocess.run([WSKRUN, "--scenario", "x.toml", fine], capture_output=True, text=True)
        self.assert_ends(linux, 2, "--scenario is for a simulated network; add --network sim")
        self.assert_ends(run("--network", "windows", fine), 2, "linux", "sim")

    def test_no_toml(self):
        self.assert_refused("seed = \n" + MACHINE, 1, "this is not TOML")
        self.assert_refused("\u00e4 = 1\n" + MACHINE, 1, "this is not TOML")
        self.assert_refused(MACHINE + "[[client]\n", 11, "this is not TOML")

    def test_beginnings_that_toml_does_not_have(self):
        for text in "[{\n", "a = { {", "x = { b = 1, { c = 2 } }\n", "[[[", "{", "= 1", "a = [ { [", "\"":
            with self.subTest(text):
                self.assert_refused(text, 1)

    def test_names(self):
        for rules, line, *said in [
            ('name = "a"\n', 11, 'needs the key "addresses" or the key "failure"'),
            ('addresses = ["192.0.2.2"]\n', 11, '"name"'),
            ('name = "a"\naddresses = ["laptop"]\n', 13, '"laptop" is not an IPv4 or IPv6 address'),
            ('name = ""\nfailure = "unknown"\n', 12, "not empty"),
            ('name = "a"\nfailure = "soon"\n', 13, 'failure is "soon"; expected "unknown" or "no answer"'),
            ('name = "a"\nfailure = "unknown"\nfor = "1s"\n', 14, 'unknown key "for" in [[name]]'),
        ]:
            with self.subTest(rules):
                self.assert_refused(MACHINE + "[[name]]\n" + rules, line, *said)

    def test_no_machine(self):
        self.assert_refused("seed = 1\n", 1, "a scenario needs a [[machine]]")

    def test_unknown_keys(self):
        self.assert_refused("sede = 1\n" + MACHINE, 1, 'unknown key "sede" in a scenario', '"seed"', "did you mean seed?")
        self.assert_refused(MACHINE + '[links]\nlatancy = "1ms"\n', 12, 'unknown key "latancy" in [links]', '"latency"')
        self.assert_refused(MACHINE + client('{ send = "a", within = "1s" }'), 16, 'unknown key "within"', '"repeat"')
        self.assert_refused(MACHINE + client('{ sned = "a" }'), 16, "a step has sned; expected ", "send_hex")
        self.assert_refused(MACHINE + client('"jump"'), 16, 'a step is "jump"; expected ', '"stop reading"')
        self.assert_refused(MACHINE + 'colour = "red"\n', 11, 'unknown key "colour" in [[computer]]')
        self.assert_refused(MACHINE.replace("[machine.para", "threads = 2\n[machine.para"), 5, '"threads" in [[machine]]')

    def test_wrong_types(self):
        for text, line, *said in [
            ('seed = "x"\n' + MACHINE, 1, 'seed is "x"; expected a whole number from 0 to '),
            ("seed = -1\n" + MACHINE, 1, "seed is -1; expected a whole number from 0 to "),
            ("end = 5\n" + MACHINE, 1, 'end is 5; expected "when done", or a number with ns, us, ms'),
            ('schedule = "fifo"\n' + MACHINE, 1, 'schedule is "fifo"; expected "by seed", "random" or "priorities"'),
            (MACHINE + "[links]\nlatency = 20\n", 12, "latency is 20; expected a number with ns, us, ms, s, m or h"),
            (MACHINE + '[links]\ndown = "yes"\n', 12, 'down is "yes"; expected true or false'),
            (MACHINE + '[links]\nbandwidth = "fast"\n', 12, 'bandwidth is "fast"', "Mbit/s"),
            (MACHINE + "[client]\n", 11, "client is a table; expected one or more tables that begin with [[client]]"),
            (MACHINE + client('{ wait = "soon" }'), 16, 'wait is "soon"; expected a number with ns'),
            (MACHINE + client('{ send_hex = "0" }'), 16, "pairs of hexadecimal digits"),
            (MACHINE + client('{ expect_state = "happy" }'), 16, '"happy"', '"refused", "reset" or "timed out"'),
            (MACHINE + client('{ send = "" }'), 16, "send needs at least one byte"),
            (MACHINE + client('{ send = "ab", repeat = 0 }'), 16, "repeat is 0; expected a whole number from 1"),
            (MACHINE + client('{ send = "ab", repeat = 999999999 }'), 16, "more than 1 GiB"),
            (MACHINE + client("", "count = 0"), 15, "count is 0; expected a whole number from 1 to "),
            (MACHINE.replace("[machine.para", "processors = 65\n[machine.para"), 5, "65", "from 1 to 64"),
            (MACHINE.replace("[machine.para", 'completion = "x"\n[machine.para'), 5, '"deferred", "mixed" or "hostile"'),
            (MACHINE.replace("[machine.para", 'sends = "x"\n[machine.para'), 5, '"buffered" or "acknowledged"'),
            (MACHINE.replace("Port = 7", "Port = -7"), 7, "Port is -7", "4294967295"),
            (MACHINE.replace("Port = 7", "Port = 7.5"), 7, "REG_DWORD"),
        ]:
            with self.subTest(text):
                self.assert_refused(text, line, *said)

    def test_impossible_links(self):
        for rule, *said in [
            ('loss = "150%"', "loss is 1.5", "from 0 to 1"),
            ("loss = -0.1", "loss is -0.1", "from 0 to 1"),
            ("duplication = 2", "duplication is 2", "from 0 to 1"),
            ('latency = "2h"', "latency is", "an hour"),
            ("mtu = 20", "mtu is 20", "68", "65535"),
            ("path_mtu = 1279", "path_mtu is 1279", "1280", "65535"),
        ]:
            with self.subTest(rule):
                self.assert_refused(MACHINE + f"[links]\n{rule}\n", 12, *said)
                link = f'[[link]]\nbetween = ["laptop", "server"]\n{rule}\n'
                self.assert_refused(MACHINE + link, 13, *said)

    def test_unknown_names(self):
        there = 'expected "server" or "laptop"'
        for text, line, *said in [
            (MACHINE + '[[link]]\nbetween = ["laptop", "sever"]\n', 12, 'no computer is named "sever"', there),
            (MACHINE + '[[change]]\nat = "1s"\nfrom = "moon"\n', 13, 'no computer is named "moon"', there),
            (MACHINE + '[[change]]\nat = "1s"\npartition = [["laptop"], ["moon"]]\n', 13, '"moon"', there),
            (MACHINE + client("").replace('"laptop"', '"moon"'), 13, 'computer: no computer is named "moon"', there),
            (MACHINE.replace("parameters.echo_event", "parameters.echo"), 5, '"echo"', 'expected "echo_event"'),
            (MACHINE.replace("[machine.para", 'drivers = ["x"]\n[machine.para'), 5, '"x"', 'expected "echo_event"'),
            (MACHINE.replace("[machine.para", '[machine.faults]\nx = "nth:1"\n[machine.para'), 6, "x", "pool_allocation"),
            (MACHINE.replace("[machine.para", '[machine.faults]\nlisten = "nth:0"\n[machine.para'), 6, "nth"),
        ]:
            with self.subTest(text):
                self.assert_refused(text, line, *said)

    def test_addresses(self):
        for text, line, *said in [
            (MACHINE.replace("192.0.2.2", "192.0.2.1"), 8, "192.0.2.1 is that of server already"),
            (MACHINE.replace("192.0.2.2", "192.0.2"), 8, '"192.0.2" cannot be the address of a computer'),
            (MACHINE.replace("192.0.2.2", "127.0.0.1"), 8, '"127.0.0.1" cannot be the address of a computer'),
            (MACHINE.replace('["192.0.2.2"]', "[]"), 8, "laptop needs at least one address"),
            (MACHINE.replace('"laptop"', '"server"'), 8, "two computers are named server"),
            (MACHINE + client("").replace("server:7", "server"), 14, 'connect is "server"; expected an address or'),
            (MACHINE + client("").replace("server:7", "server:0"), 14, 'connect is "server:0"', "from 1 to 65535"),
            (MACHINE + client("").replace("server:7", "[2001:db8::1]:7"), 14, "laptop cannot reach 2001:db8::1"),
            (MACHINE + client("", 'from = "192.0.2.9"'), 15, "192.0.2.9 is not an address of laptop", '"192.0.2.2"'),
        ]:
            with self.subTest(text):
                self.assert_refused(text, line, *said)

    def test_links_between_nobody(self):
        for text, line, *said in [
            (MACHINE + '[[link]]\nloss = 0.1\n', 11, '[[link]] needs the key "between"'),
            (MACHINE + '[[link]]\nbetween = ["laptop"]\n', 12, "between names 1 computers"),
            (MACHINE + '[[link]]\nbetween = ["laptop", "laptop"]\n', 12, "no link to itself"),
            (MACHINE + '[[link]]\nbetween = ["laptop", "server"]\nto = "server"\n', 12, "between is for both"),
            (MACHINE + '[[change]]\nloss = 0.1\n', 11, '[[change]] needs the key "at"'),
            (MACHINE + '[[change]]\nat = "1s"\npartition = [["laptop", "server"]]\n', 13, "partition has 1 groups"),
        ]:
            with self.subTest(text):
                self.assert_refused(text, line, *said)

    def test_servers(self):
        for text, line, *said in [
            (server("").replace("listen = 80", ""), 16, '[[server]] needs the key "listen"'),
            (server("").replace('computer = "target"', ""), 16, '[[server]] needs the key "computer"'),
            (server("").replace('"target"', '"moon"'), 18, 'computer: no computer is named "moon"'),
            (server("").replace("80", "0"), 19, "listen is 0; expected a whole number from 1 to 65535"),
            (server("").replace("80", '"80"'), 19, 'listen is "80"; expected an address or the name of a computer'),
            (server("").replace("80", '"192.0.2.2:80"'), 19, "192.0.2.2 is not an address of target", '"192.0.2.9"'),
            (server("").replace("80", '"laptop:80"'), 19, "192.0.2.2 is not an address of target"),
            (server("", "accept = 0"), 20, 'accept is 0; expected "any", or a whole number from 1 to 100000'),
            (server("", 'accept = "all"'), 20, 'accept is "all"; expected "any"'),
            (server("", 'within = "1s"\naccept = "any"'), 20, "within is for connections that are expected"),
            (server("", "refuse = -1"), 20, "refuse is -1; expected a whole number from 1"),
            (server("", "count = 2"), 20, 'unknown key "count" in [[server]]', '"accept"'),
            (server("", 'receive_buffer = 5'), 20, "receive_buffer is 5", "such as"),
            (server('{ expect_state = "refused" }'), 21, '"refused"; expected "peer finished", "finished", "reset" or'),
            (server('{ sent = "a" }'), 21, "a step has sent; expected ", "expect_line"),
            (server('"accept"'), 21, 'a step is "accept"; expected ', '"stop reading"'),
        ]:
            with self.subTest(text):
                result = self.run_proxy(text)
                self.assert_ends(result, 2, f"scenario.toml:{line}: ", *said)

    def test_datagrams(self):
        for text, line, *said in [
            (datagrams("").replace('"laptop"', '"moon"'), 13, 'computer: no computer is named "moon"'),
            (datagrams("", 'to = "server"'), 14, 'to is "server"; expected an address or'),
            (datagrams("", 'from = 70000'), 14, "from is 70000; expected a whole number from 1 to 65535"),
            (datagrams("", 'from = "192.0.2.1:4000"'), 14, "192.0.2.1 is not an address of laptop"),
            (datagrams("", 'from = "[2001:db8::2]:4"\nto = "server:7"'), 14, "192.0.2.1 cannot be reached from 2001:db8::2"),
            (datagrams("", "count = 0"), 14, "count is 0; expected a whole number from 1"),
            (datagrams("", "port = 7"), 14, 'unknown key "port" in [[datagrams]]', '"from"'),
            (datagrams('{ send = "a" }', ""), 15, 'a send step needs the key "to"'),
            (datagrams('{ send = "a", to = "[2001:db8::1]:7" }'), 15, "2001:db8::1 is not of the same family as 0.0.0.0"),
            (datagrams('{ send = "ab", repeat = 32754 }'), 15, "a datagram over IPv4 has at most 65507 bytes"),
            (datagrams('{ expect = "a", from = "moon:7" }'), 15, 'from is "moon:7"; expected an address or'),
            (datagrams('{ expect = "a", every = "1s" }'), 15, 'unknown key "every" in an expect step', '"within"'),
            (datagrams('{ send = "a", count = 2000000 }'), 15, "count is 2000000; expected a whole number from 1 to 1000000"),
            (datagrams('"echo", { wait = "1s" }'), 15, 'no step can follow "echo"'),
            (datagrams('"finish"'), 15, 'a step is "finish"; expected "echo", or a table that begins with send'),
            (datagrams('{ sent = "a" }'), 15, "a step has sent; expected ", "expect_like"),
        ]:
            with self.subTest(text):
                self.assert_ends(self.run_datagrams(text), 2, f"scenario.toml:{line}: ", *said)

    def test_scripts(self):
        head = '[[script]]\nname = "ghost"\naddresses = ["192.0.2.66"]\n'
        for text, line, *said in [
            (MACHINE + head, 11, '[[script]] needs the key "text" or the key "file"'),
            (MACHINE + head + 'file = "none.txt"\n', 14, "none.txt: No such file"),
            (MACHINE + head + 'text = "dance"\n', 11, "script of ghost", "dance"),
        ]:
            with self.subTest(text):
                self.assert_refused(text, line, *said)


if __name__ == "__main__":
    unittest.main()
