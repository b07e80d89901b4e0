# SPDX-License-Identifier: MIT
"""What wskrun says and how it ends. Exit status 77: nothing could be tried here.

Finds the program in $WSKRUN, the drivers in $DRIVERS and those that are no tests in $EXAMPLES.
"""

import contextlib
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

WSKRUN = os.environ["WSKRUN"]
DRIVERS = os.environ["DRIVERS"]
EXAMPLES = os.environ["EXAMPLES"]
SECONDS_MAX = 60  # of a whole run; only a hang takes so long
SKIPPED = 77
COMPLETION_MODES = ["windows", "immediate", "deferred", "mixed", "hostile"]


def driver(name):
    return os.path.join(DRIVERS, name + ".sys.so")


def example(name):
    return os.path.join(EXAMPLES, name + ".sys.so")


def run(*arguments, prefix=()):
    return subprocess.run([*prefix, WSKRUN, *arguments], capture_output=True, text=True, timeout=SECONDS_MAX)


class WskrunTest(unittest.TestCase):
    def assert_ends(self, result, status, *texts):
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, status, said)
        for text in texts:
            self.assertIn(text, said)


    def without(self, capability):
        """What takes the capability away, if we have it."""
        if os.geteuid() != 0:
            return []
        prefix = ["setpriv", f"--bounding-set=-{capability}", f"--inh-caps=-{capability}"]
        if shutil.which("setpriv") is None or subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
            self.skipTest("root, and the capability cannot be taken away")
        return prefix


class Usage(WskrunTest):
    def test_help_and_version(self):
        self.assert_ends(run("--help"), 0, "--completion", "REG_MULTI_SZ", "Exit status")
        self.assert_ends(run("--version"), 0, "0.")

    def test_no_driver(self):
        self.assert_ends(run(), 2, "no driver is named")

    def test_an_unknown_option(self):
        self.assert_ends(run("--no-such-option", driver("fine")), 2, "--no-such-option")

    def test_values_out_of_range_name_what_is_allowed(self):
        self.assert_ends(run("--processors", "0", driver("fine")), 2, "--processors", "1", "64")
        self.assert_ends(run("--completion", "soon", driver("fine")), 2, *COMPLETION_MODES)
        self.assert_ends(run("--sends", "acked", driver("fine")), 2, "buffered", "acknowledged")
        self.assert_ends(run("--for", "-1", driver("fine")), 2, "--for")

    def test_every_wrong_use_is_one_sentence_and_where_to_read_on(self):
        for arguments in [["--no-such-option"], ["--processors", "x"], ["--completion", "soon"], ["--gate", "open"],
                          ["--network", "token-ring"], ["--for", "soon"], ["--seed", "-1"], ["--set"], ["--set", "x"],
                          ["--fault", "x"]]:
            with self.subTest(arguments):
                result = run(driver("fine"), *arguments)
                self.assert_ends(result, 2)
                first, last = result.stderr.splitlines()
                self.assertTrue(first.startswith("wskrun: "), first)
                self.assertEqual(last, "Run wskrun --help for all options.")

    def test_a_misspelt_option_or_value(self):
        self.assert_ends(run("--procesors", "2", driver("fine")), 2, "no option --procesors; did you mean --processors?")
        self.assert_ends(run("--completion", "immediat", driver("fine")), 2, "did you mean immediate?")
        self.assertNotIn("did you mean", run("--xyzzy", driver("fine")).stderr)

    def test_a_former_name_of_an_option_is_still_taken_and_not_shown(self):
        self.assert_ends(run("--held-requests", "7", "--for", "0", driver("fine")), 0)
        self.assert_ends(run("--held-requests", "0", driver("fine")), 2, "--held-attempts 0")
        self.assertNotIn("held-requests", run("--help").stdout)
        self.assertNotIn("held-requests", run("--held-requestz", "7", driver("fine")).stderr)

    def test_former_names_of_values_are_still_taken(self):
        self.assert_ends(run("--completion", "inline", "--gate", "emulate", "--for", "0", driver("asks_for_its_gate")), 0,
                         'the gate is "accepted"')
        self.assertNotIn("inline", run("--completion", "soon", driver("fine")).stderr)

    def test_numbers_that_are_none(self):
        for option, values in [("--for", ["nan", "inf", "-inf", "1e400", "1e10", "9" * 400, "ten", "10s", "0x10"]),
                               ("--processors", ["nan", "65", "-1", "1.5", "9" * 400, "two"]),
                               ("--held-attempts", ["0", "-1", "1.5", "1000001", "9" * 400, "many"]),
                               ("--untaken-connections", ["0", "-1", "1.5", "1000001", "9" * 400, "many"])]:
            for value in values:
                with self.subTest(option, value=value):
                    result = run(f"{option}={value}", driver("fine"))
                    self.assert_ends(result, 2, option)
                    self.assertLess(max(map(len, result.stderr.splitlines())), 200)

    def test_two_drivers_of_one_name(self):
        self.assert_ends(run(driver("fine"), driver("fine")), 2, "two drivers would be named fine")

    def test_bad_parameters(self):
        for argument, text in [
            ("nonsense", "DRIVER.NAME=VALUE"),
            ("other.Port=1", "the drivers are fine"),
            ("fine.=1", "name of the value is missing"),
            ("fine.Port=4294967296", "--set-text"),
        ]:
            self.assert_ends(run("--set", argument, driver("fine")), 2, text)


    def test_bad_faults(self):
        for argument, texts in [
            ("nonsense", ["--fault", "NAME=nth:NUMBER"]),
            ("nonsense=nth:1", ["--fault", 'no fault "nonsense"', "pool_allocation", "short_send"]),
            ("pool_allocation=nth:0", ["--fault", "whole number from 1 on"]),
            ("pool_allocation=percent:101", ["--fault", "from 0 to 100"]),
        ]:
            self.assert_ends(run("--fault", argument, driver("fine")), 2, *texts)

    def test_help_lists_the_faults(self):
        self.assert_ends(run("--help"), 0, "--fault", "drop_disconnecting", "a connection is reset while a disconnect waits")


class Faults(WskrunTest):
    def run_echo(self, *arguments):
        return run("--for", "0", "--set", "echo_event.Port=0", *arguments, example("echo_event"))

    def test_a_fault_is_injected_and_counted(self):
        result = self.run_echo("--fault", "irp_allocation=nth:1")
        self.assert_ends(
            result, 1, "STATUS_INSUFFICIENT_RESOURCES", "faults: irp_allocation 1 of 1", "no leaks")

    def test_several_faults(self):
        result = self.run_echo("--fault", "irp_allocation=nth:100", "--fault", "listen=percent:100")
        self.assert_ends(result, 1, "STATUS_INSUFFICIENT_RESOURCES", "irp_allocation 0 of 2, listen 1 of 1")

    def test_a_seed_chooses_the_same_occasions(self):
        said = {self.run_echo("--seed", "7", "--fault", "irp_allocation=percent:50").stdout.splitlines()[-1]
                for _ in range(3)}
        self.assertEqual(len(said), 1, said)
        self.assertIn("faults: irp_allocation", said.pop())

    def test_without_faults_nothing_is_said_of_them(self):
        self.assertNotIn("faults", self.run_echo().stdout)


class Errors(WskrunTest):
    def test_a_missing_file(self):
        self.assert_ends(run("no_such_driver.sys.so"), 1, "no_such_driver.sys.so", "No such file")

    def test_a_file_that_is_no_module(self):
        self.assert_ends(run(__file__), 1, "is not a shared object")

    def test_no_driver_entry(self):
        self.assert_ends(run(driver("no_entry")), 1, "has no visible DriverEntry")

    def test_all_missing_functions(self):
        self.assert_ends(run(driver("missing_functions")), 1, "2 functions", "KeMissingOne, KeMissingTwo")

    def test_a_failing_driver_entry(self):
        self.assert_ends(run(driver("failing_entry")), 1, "driver failing_entry", "STATUS_DEVICE_NOT_READY")

    def test_drivers_before_the_failing_one_are_unloaded(self):
        self.assert_ends(run(driver("fine"), driver("failing_entry")), 1, "fine: goodbye")


class Parameters(WskrunTest):
    def run_with(self, *arguments):
        return run("--for", "0", *arguments, driver("parameters"))

    def test_each_kind(self):
        result = self.run_with(
            "--set", "parameters.Number=42", "--set", "parameters.Text=two words",
            "--set-list", "parameters.List=10.0.0.1,::1",
        )
        self.assert_ends(result, 0, "number: 42\n", "text: two words\n", "list: 10.0.0.1 ::1\n")

    def test_a_number_in_hexadecimal(self):
        self.assert_ends(self.run_with("--set", "parameters.Number=0x10"), 0, "number: 16\n")

    def test_a_value_that_no_driver_has_asked_for_is_named(self):
        result = self.run_with("--set", "parameters.Number=1", "--set", "parameters.Nummer=2")
        self.assert_ends(result, 0, "no driver asked for the registry value parameters.Nummer")
        self.assertEqual(result.stderr.count("no driver asked"), 1, result.stderr)

    def test_digits_as_text(self):
        self.assert_ends(self.run_with("--set-text", "parameters.Text=0042"), 0, "text: 0042\n")


class Ends(WskrunTest):
    def test_after_a_time(self):
        result = run("--for", "0", driver("fine"))
        self.assert_ends(result, 0, "driver fine: started", "fine: goodbye", "driver fine: unloaded", "no leaks")

    def test_each_completion_mode_and_processors(self):
        for mode in COMPLETION_MODES:
            result = run("--completion", mode, "--seed", "7", "--processors", "2", "--for", "0", driver("fine"))
            self.assert_ends(result, 0, "no leaks")

    def test_both_ways_of_sending(self):
        for sends in ("buffered", "acknowledged"):
            self.assert_ends(run("--sends", sends, "--for", "0", driver("fine")), 0, "no leaks")

    def test_a_leak(self):
        result = run("--for", "0", driver("leaking_pool"))
        self.assert_ends(result, 4, "leak: pool block", "Leak", "1234", "1 leak")

    def test_a_bug_check(self):
        self.assert_ends(run(driver("bug_check")), 3, "DRIVER_VERIFIER_DETECTED_VIOLATION")

    def test_a_bug_check_with_a_core(self):
        result = run("--core", driver("bug_check"))
        self.assert_ends(result, -signal.SIGABRT, "the loaded modules are in")
        kept = result.stderr.rsplit("the loaded modules are in ", 1)[1].splitlines()[0]
        self.assertTrue(os.path.isdir(kept))
        shutil.rmtree(kept)

    def test_a_driver_that_cannot_be_unloaded(self):
        self.assert_ends(run("--for", "0", driver("no_unload")), 0, "set no DriverUnload")

    def test_no_module_copies_are_left(self):
        for name, status in [("fine", 0), ("bug_check", 3), ("failing_entry", 1), ("no_unload", 0)]:
            with tempfile.TemporaryDirectory() as folder:
                result = subprocess.run(
                    [WSKRUN, "--for", "0", driver(name)],
                    env={**os.environ, "TMPDIR": folder}, capture_output=True, text=True, timeout=SECONDS_MAX,
                )
                self.assert_ends(result, status)
                self.assertEqual(list(pathlib.Path(folder).iterdir()), [])


    def test_what_a_killed_run_has_left_is_removed_by_the_next(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "TMPDIR": folder}
            for _ in range(2):
                process = subprocess.Popen([WSKRUN, driver("fine")], env=environment, stdout=subprocess.PIPE, text=True)
                self.assertIn("fine", process.stdout.readline())
                process.kill()
                process.communicate()
            self.assertNotEqual(list(pathlib.Path(folder).iterdir()), [])
            living = subprocess.Popen([WSKRUN, driver("fine")], env=environment, stdout=subprocess.PIPE, text=True)
            self.assertIn("fine", living.stdout.readline())
            folders = list(pathlib.Path(folder).iterdir())
            self.assertEqual(len(folders), 1, folders)
            subprocess.run([WSKRUN, "--for", "0", driver("fine")], env=environment, stdout=subprocess.DEVNULL, check=True)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), folders)  # of the one that lives
            living.terminate()
            living.communicate()
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_the_modules_of_a_core_are_kept_by_the_next_run(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "TMPDIR": folder}
            subprocess.run([WSKRUN, "--core", driver("bug_check")], env=environment, capture_output=True)
            kept = list(pathlib.Path(folder).rglob("bug_check.sys.so"))
            self.assertEqual(len(kept), 1)
            subprocess.run([WSKRUN, "--for", "0", driver("fine")], env=environment, capture_output=True, check=True)
            self.assertEqual(list(pathlib.Path(folder).rglob("*.so")), kept)

    def test_output_that_cannot_be_written(self):
        for arguments in [["--for", "0", driver("fine")], ["--network", "sim", "--for", "0.2", driver("fine")], ["--help"],
                          ["--version"], ["doctor"]]:
            with self.subTest(arguments), open("/dev/full", "w") as full:
                result = subprocess.run([WSKRUN, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                        timeout=SECONDS_MAX)
                self.assertEqual(result.returncode, 7, result.stderr)
                self.assertIn("standard output could not be written", result.stderr)
                self.assertIn("No space left", result.stderr)

    def test_output_that_cannot_be_written_hides_no_other_status(self):
        with open("/dev/full", "w") as full:
            result = subprocess.run([WSKRUN, "--for", "0", driver("leaking_pool")], stdout=full,
                                    stderr=subprocess.PIPE, text=True, timeout=SECONDS_MAX)
        self.assertEqual(result.returncode, 4, result.stderr)

    def test_a_reader_that_has_ended_wants_no_more(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run([WSKRUN, "--for", "0", driver("fine")], stdout=writer, timeout=SECONDS_MAX)
        os.close(writer)
        self.assertEqual(result.returncode, 0)

    def test_a_thread_that_outlives_its_driver(self):
        for network in [], ["--network", "sim"]:
            result = run(*network, "--for", "0.1", driver("thread_outlives"))
            self.assert_ends(result, 3, "rule: system-thread-outlived-machine", "Thread (thread_outlives.sys.so)",
                             "leak: thread")


class Crashes(WskrunTest):
    """What the processor finds is a bug check that names the driver's function, file and line."""

    def assert_crash(self, how, *texts, options=()):
        result = run(*options, "--set", f"crashes.How={how}", driver("crashes"))
        self.assert_ends(result, 3, "*** bug check", "stack:", "crashes.sys.so", *texts)
        return result.stderr

    def test_a_wild_write(self):
        self.assert_crash(0, "PAGE_FAULT_IN_NONPAGED_AREA", "The driver wrote to address 0x1234", "at Crash",
                          "parameter 1: 0x0000000000001234", "IRQL 0")

    def test_a_pointer_that_no_address_can_be(self):
        self.assert_crash(1, "KMODE_EXCEPTION_NOT_HANDLED", "parameter 1: 0x00000000C0000005", "at Crash")

    def test_a_call_through_null(self):
        said = self.assert_crash(2, "PAGE_FAULT_IN_NONPAGED_AREA", "The driver called address 0x0", "at Crash")
        self.assertIn("DriverEntry+", said)

    def test_a_division_by_zero(self):
        self.assert_crash(3, "KMODE_EXCEPTION_NOT_HANDLED", "parameter 1: 0x00000000C0000094", "at Crash")

    def test_an_instruction_that_does_not_exist(self):
        self.assert_crash(4, "KMODE_EXCEPTION_NOT_HANDLED", "parameter 1: 0x00000000C000001D", "at Crash")

    def test_a_breakpoint_without_a_debugger(self):
        self.assert_crash(5, "KMODE_EXCEPTION_NOT_HANDLED", "parameter 1: 0x0000000080000003",
                          "The driver called DbgBreakPoint at Crash")

    def test_a_bad_pointer_that_openwsk_follows(self):
        self.assert_crash(6, "PAGE_FAULT_IN_NONPAGED_AREA", "openwsk, and not the driver itself, read from address 0x5",
                          "called DbgPrint at Crash")

    def test_at_dispatch_level(self):
        self.assert_crash(7, "DRIVER_IRQL_NOT_LESS_OR_EQUAL", "IRQL 2", "at OnTimer+")

    def test_a_stack_that_is_used_up(self):
        self.assert_crash(8, "UNEXPECTED_KERNEL_MODE_TRAP", "parameter 1: 0x0000000000000008", "at NeverEnds",
                          "used up the stack")

    def test_in_a_simulation_it_can_be_replayed(self):
        for how in 0, 2, 8:
            self.assert_crash(how, "at ", "replay: ", "--seed 11", options=["--network", "sim", "--seed", "11"])

    def test_file_and_line(self):
        if shutil.which("eu-addr2line") is None and not list(pathlib.Path("/usr/lib").rglob("libdw.so.1")):
            self.skipTest("libdw is not installed")
        lines = pathlib.Path(__file__).with_name("drivers").joinpath("crashes.c").read_text().splitlines()
        number = 1 + next(i for i, line in enumerate(lines) if "0x1234" in line)
        self.assert_crash(0, f"(crashes.sys.so) at crashes.c:{number}")

    def test_with_a_core_it_ends_by_its_own_signal(self):
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run([WSKRUN, "--core", "--set", "crashes.How=0", driver("crashes")], text=True, cwd=folder,
                                    env={**os.environ, "TMPDIR": folder}, capture_output=True, timeout=SECONDS_MAX)
        self.assert_ends(result, -signal.SIGSEGV, "PAGE_FAULT_IN_NONPAGED_AREA", "the loaded modules are in")

    def test_a_signal_from_outside_is_no_crash(self):
        process = subprocess.Popen([WSKRUN, driver("fine")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.send_signal(signal.SIGSEGV)
        said = process.communicate(timeout=SECONDS_MAX)[1]
        self.assertEqual(process.returncode, -signal.SIGSEGV)
        self.assertNotIn("bug check", said)

    def test_a_debugger_stops_at_the_crash_and_at_a_bug_check(self):
        if shutil.which("gdb") is None:
            self.skipTest("gdb is not installed")
        said = self.debug(["run", "bt 3"], "--set", "crashes.How=0", driver("crashes"))
        self.assertIn("received signal SIGSEGV", said)
        self.assertIn("Crash", said)
        self.assertNotIn("*** bug check", said)
        said = self.debug(["break owsk::nt::ke::bug_check", "run", "bt"], driver("bug_check"))
        self.assertIn("DriverEntry", said)
        self.assertNotIn("*** bug check", said)

    def debug(self, commands, *arguments):
        options = [word for command in [*commands, "kill"] for word in ("-ex", command)]
        result = subprocess.run(["gdb", "-batch", "-nx", *options, "--args", WSKRUN, *arguments], text=True,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS_MAX)
        said = result.stdout + result.stderr
        if "ptrace" in said and "not permitted" in said:
            self.skipTest("gdb may not trace here")
        return said


class BadDrivers(WskrunTest):
    """Each ends with a bug check that names the rule and the place."""

    def assert_bug_check(self, name, *texts, options=()):
        self.assert_ends(run(*options, driver(name)), 3, "*** bug check", "stack:", f"{name}.sys.so", *texts)

    def test_a_wait_at_dispatch_level(self):
        self.assert_bug_check(
            "waits_at_dispatch", "IRQL_NOT_LESS_OR_EQUAL", "rule: waited-at-dispatch-level",
            "KeWaitForSingleObject was called at IRQL 2", "DriverEntry+",
        )

    def test_a_wait_in_a_completion_routine(self):
        for mode in COMPLETION_MODES:
            with self.subTest(mode):
                # In the driver's call, or from a processor.
                rule = {"windows": "rule: waited-in-callback", "immediate": "rule: waited-in-callback",
                        "deferred": "rule: waited-in-dpc"}.get(mode, "rule: waited-in-")
                self.assert_bug_check("waits_in_completion", rule, "KeWaitForSingleObject", "WaitsInRoutine",
                                      options=["--completion", mode])

    def test_a_completion_routine_that_frees_the_irp_and_returns_success(self):
        for mode in COMPLETION_MODES:
            with self.subTest(mode):
                self.assert_bug_check(
                    "frees_its_irp", "DRIVER_VERIFIER_DETECTED_VIOLATION", "rule: irp-freed-but-not-claimed",
                    "The completion routine FreesItsIrp (frees_its_irp.sys.so)", "STATUS_MORE_PROCESSING_REQUIRED",
                    options=["--completion", mode],
                )

    def test_an_irp_completed_twice(self):
        self.assert_bug_check(
            "completes_twice", "MULTIPLE_IRP_COMPLETE_REQUESTS",
            "it had been completed at DriverEntry+", "(completes_twice.sys.so)",
        )

    def test_an_irp_completed_that_the_provider_holds(self):
        for mode in COMPLETION_MODES:
            with self.subTest(mode):
                self.assert_bug_check(
                    "completes_a_pending_irp", "DRIVER_VERIFIER_IOMANAGER_VIOLATION",
                    "rule: irp-completed-while-pending", "DriverEntry+", options=["--completion", mode],
                )


    def test_threads_that_wait_for_each_others_spin_locks(self):
        said = run("--processors", "2", driver("spin_deadlock"))
        self.assert_ends(said, 3, "DPC_WATCHDOG_VIOLATION", "rule: spin-locks-deadlocked", "Thread (spin_deadlock.sys.so)",
                         " holds, and ", "where thread ")
        self.assertEqual(said.stderr.count("TakeBoth"), said.stderr.count("TakeBoth+"), said.stderr)
        self.assertGreaterEqual(said.stderr.count("TakeBoth+"), 2)


class BindTest(WskrunTest):
    def assert_cannot_listen(self, address, port, status, remedy, prefix=()):
        settings = ["--set", f"echo_irp.Port={port}", "--set", f"echo_irp.Address={address}"]
        self.assert_ends(
            run(*settings, example("echo_irp"), prefix=prefix), 1,
            f"cannot listen on {address}:{port}: {status}: ", remedy,
            f"driver echo_irp: its DriverEntry failed with {status}", "no leaks",
        )


class Binds(BindTest):
    """What cannot be bound is named with its address, the status and a remedy."""

    def test_a_port_that_another_program_holds(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.assert_cannot_listen("127.0.0.1", port, "STATUS_ADDRESS_ALREADY_EXISTS", "ss -ltnp")

    def test_a_port_that_another_wskrun_holds(self):
        other = subprocess.Popen(
            [WSKRUN, "--set", "echo_irp.Port=0", example("echo_irp")], stdout=subprocess.PIPE, text=True
        )
        try:
            port = other.stdout.readline().split("127.0.0.1:")[1].split()[0]
            self.assert_cannot_listen("127.0.0.1", port, "STATUS_ADDRESS_ALREADY_EXISTS", "ss -ltnp")
        finally:
            other.terminate()
            said = other.communicate(timeout=SECONDS_MAX)[0]
        self.assertEqual(other.returncode, 0, said)
        self.assertIn("no leaks", said)

    def test_an_address_that_is_not_ours(self):
        # 192.0.2.0/24 is for documentation: nobody has it.
        self.assert_cannot_listen("192.0.2.1", 0, "STATUS_INVALID_ADDRESS_COMPONENT", "ip address")


class LowPort(BindTest):
    """As its own suite, because it may have to be skipped as a whole."""

    PORT = 82

    def test_a_port_that_this_user_may_not_use(self):
        start = pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
        if start.exists() and int(start.read_text()) <= self.PORT:
            self.skipTest(f"everybody may use port {self.PORT} here")
        self.assert_cannot_listen("127.0.0.1", self.PORT, "STATUS_ACCESS_DENIED",
                                  "net.ipv4.ip_unprivileged_port_start", self.without("net_bind_service"))


class RunningTest(WskrunTest):
    """Talks to a wskrun that runs."""

    def start(self, path, options=(), descriptors=None):
        def limit():
            if descriptors is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        process = subprocess.Popen(
            [WSKRUN, *options, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=limit
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def read_until(self, process, text):
        """The lines up to the one with the text; a hang is ended by the time limit of the test."""
        lines = []
        for line in process.stdout:
            lines.append(line)
            if text in line:
                return "".join(lines)
        self.fail(f"ended without saying {text!r}:\n" + "".join(lines))

    def port_of(self, process):
        """Of the next listening socket."""
        line = self.read_until(process, "listening on 127.0.0.1:").splitlines()[-1]
        return int(line.split("127.0.0.1:")[1].split()[0])

    def end(self, process):
        """What it says from now on until it ends well."""
        process.terminate()
        said = process.stdout.read()
        self.assertEqual(process.wait(SECONDS_MAX), 0, said)
        return said


class Signals(RunningTest):
    def test_each_signal_unloads(self):
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            process = self.start(driver("fine"))
            self.read_until(process, "driver fine: started")
            process.send_signal(number)
            self.read_until(process, "no leaks")
            self.assertEqual(process.wait(SECONDS_MAX), 0)

    def test_during_driver_entry(self):
        process = self.start(driver("slow_entry"))
        self.read_until(process, "thinking")
        process.send_signal(signal.SIGINT)
        self.read_until(process, "after waiting for DriverEntry of slow_entry to return")
        self.read_until(process, "driver slow_entry: unloaded")
        self.assertEqual(process.wait(SECONDS_MAX), 0)

    def test_a_waiting_unload_says_for_what_and_the_third_signal_ends_it(self):
        process = self.start(driver("stuck_unload"))
        self.read_until(process, "driver stuck_unload: started")
        process.send_signal(signal.SIGINT)
        self.read_until(process, "stuck_unload: waiting")
        self.read_until(process, "still unloading after 3 seconds")
        process.send_signal(signal.SIGINT)
        self.read_until(process, "still waiting for DriverUnload of stuck_unload")
        process.send_signal(signal.SIGINT)
        self.read_until(process, "ended at once")
        self.assertEqual(process.wait(SECONDS_MAX), 130)

    def test_a_signal_after_the_time_is_over_says_for_what_the_unload_waits(self):
        process = self.start(driver("stuck_unload"), options=["--for", "0.1"])
        self.read_until(process, "stuck_unload: waiting")
        process.send_signal(signal.SIGINT)
        self.read_until(process, "still waiting for DriverUnload of stuck_unload")
        process.send_signal(signal.SIGINT)
        self.read_until(process, "ended at once")
        self.assertEqual(process.wait(SECONDS_MAX), 130)

    def test_an_unload_with_an_open_socket_says_so_every_few_seconds(self):
        process = self.start(driver("leaves_a_socket_open"))
        self.read_until(process, "driver leaves_a_socket_open: started")
        process.send_signal(signal.SIGINT)
        for seconds in 3, 6:
            said = self.read_until(process, f"still unloading after {seconds} seconds")
            self.assertIn("WskDeregister", said)
            self.assertIn("1 open socket", said)
        process.send_signal(signal.SIGINT)
        said = self.read_until(process, "still waiting for DriverUnload of leaves_a_socket_open")
        self.assertIn("1 open socket", said.splitlines()[-1])
        process.send_signal(signal.SIGTERM)
        said = self.read_until(process, "ended at once while waiting for DriverUnload of leaves_a_socket_open")
        self.assertIn("1 open socket", said.splitlines()[-1])
        self.assertEqual(process.wait(SECONDS_MAX), 130)


    def test_sigusr1_says_how_it_goes_and_stops_nothing(self):
        process = self.start(driver("leaves_a_socket_open"))
        self.read_until(process, "driver leaves_a_socket_open: started")
        for _ in range(3):
            process.send_signal(signal.SIGUSR1)
            said = self.read_until(process, "now: ").splitlines()
            self.assertEqual(said[-2], "so far: 0 connections accepted, 0 rejected, 0 aborted, 0 declined; "
                                       "0 bytes received, 0 bytes sent")
            self.assertIn("1 socket open: listening socket, not bound", said[-1])
        process.send_signal(signal.SIGINT)
        self.read_until(process, "Ctrl-C: unloading")
        process.send_signal(signal.SIGUSR1)
        self.read_until(process, "now: ")
        for said in "still waiting for", "ended at once":
            process.send_signal(signal.SIGINT)
            self.read_until(process, said)
        self.assertEqual(process.wait(SECONDS_MAX), 130)


class Attempts(RunningTest):
    """Conditional accept: the example gatekeeper decides, and the summary counts."""

    SETTINGS = ["--gate", "accepted", "--set", "gatekeeper.Port=0", "--set", "gatekeeper.OperatorPort=0",
                "--set-list", "gatekeeper.Allow=127.0.0.4", "--set-list", "gatekeeper.Deny=127.0.0.5",
                "--held-attempts", "4"]  # two from one address

    def setUp(self):
        self.process = self.start(example("gatekeeper"), self.SETTINGS)
        said = self.read_until(self.process, "driver gatekeeper: started")
        ports = {}
        for line in said.splitlines():
            if line.startswith("listening on 127.0.0.1:"):
                ports["(plain)" in line] = int(line.split(":")[1].split()[0])
        self.said, self.port, self.operator_port = said, ports[False], ports[True]

    def client(self, source, port=None):
        """A client that has connected, or has been rejected already."""
        client = socket.socket()
        self.addCleanup(client.close)
        client.settimeout(SECONDS_MAX)
        client.bind((source, 0))
        with contextlib.suppress(ConnectionResetError):
            client.connect(("127.0.0.1", port or self.port))
        return client

    def test_the_listener_names_gate_and_reason_in_one_sentence(self):
        self.assertIn('(conditional accept: gate "accepted": the driver is asked after the handshake', self.said)
        self.end(self.process)

    def test_the_summary_counts_verdicts(self):
        self.client("127.0.0.4")
        self.read_until(self.process, "connected")
        self.client("127.0.0.5")
        self.read_until(self.process, "denied")
        self.client("127.0.0.6")
        self.read_until(self.process, "waits for the operator")
        self.client("127.0.0.1", self.operator_port).sendall(b"accept 3\r\n")
        self.read_until(self.process, "connected")
        lost = self.client("127.0.0.7")
        self.read_until(self.process, "waits for the operator")
        lost.close()
        self.read_until(self.process, "request 4: the client has gone away")
        line = ("conditional accept: 4 attempts inspected (0 late), 2 pended, 2 accepted, 1 rejected, 1 aborted; "
                "0 retransmissions swallowed, 0 dropped at the bound\n")
        self.process.send_signal(signal.SIGUSR1)
        self.assertIn(line, self.read_until(self.process, "now: "))
        self.assertIn(line, self.end(self.process))

    def test_sigusr1_lists_who_is_in_line(self):
        for _ in range(2):
            self.client("127.0.0.6")
            self.read_until(self.process, "waits for the operator")
        last = self.client("127.0.0.6").getsockname()[1]
        line = f"held: 127.0.0.6:{last} at 127.0.0.1:{self.port}: in line, before WskInspectEvent, came "
        said = ""
        while line not in said:  # the kernel has connected it before wskrun hears of it
            self.process.send_signal(signal.SIGUSR1)
            said = self.read_until(self.process, "now: ")  # with what the signal before has listed
        self.end(self.process)

    def test_sigusr1_lists_what_is_held_with_age_and_state(self):
        self.client("127.0.0.6")
        self.read_until(self.process, "waits for the operator")
        self.process.send_signal(signal.SIGUSR1)
        # WskInspectEvent prints that it waits, and then returns.
        self.assertRegex(self.read_until(self.process, "held: ").splitlines()[-1],
                         rf"^held: 127\.0\.0\.6:\d+ at 127\.0\.0\.1:{self.port}: "
                         r"(pended|in WskInspectEvent), came \d+\.\d s ago$")
        self.client("127.0.0.1", self.operator_port).sendall(b"reject 1\r\n")
        self.read_until(self.process, "request 1: reject")
        self.process.send_signal(signal.SIGUSR1)
        self.read_until(self.process, "now: ")
        self.assertNotIn("held: ", self.end(self.process))


class Gates(WskrunTest):
    def test_a_driver_can_ask_for_its_gate(self):
        result = run("--gate", "accepted", "--for", "0", driver("asks_for_its_gate"))
        self.assert_ends(result, 0, 'the gate is "accepted": the driver is asked after the handshake', "no leaks",
                         "conditional accept: 0 attempts inspected")

    def test_strict_says_why_it_is_not_possible(self):
        result = run("--gate", "strict", "--for", "0", driver("fine"), prefix=self.without("net_raw"))
        self.assert_ends(result, 0, "--gate strict: SO_CONDITIONAL_ACCEPT will be refused", "CAP_NET_RAW")

    def test_without_a_conditional_listener_the_summary_says_nothing_of_it(self):
        self.assertNotIn("conditional accept", run("--for", "0", driver("fine")).stdout)


class Descriptors(RunningTest):
    def test_a_shortage_is_said_once_and_so_is_its_end(self):
        descriptors = 40
        process = self.start(example("echo_irp"), ["--set", "echo_irp.Port=0"], descriptors)
        port = self.port_of(process)
        clients = [socket.create_connection(("127.0.0.1", port), SECONDS_MAX) for _ in range(2 * descriptors)]
        said = self.read_until(process, "pauses, and clients wait: ")
        self.assertIn(f"accepting on 127.0.0.1:{port} pauses", said)
        self.assertIn("ulimit -n", said)
        for client in clients:
            client.close()
        said += self.read_until(process, f"accepting on 127.0.0.1:{port} continues")
        # Everybody is served again.
        with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as client:
            client.sendall(b"still there")
            self.assertEqual(client.recv(64), b"still there")
        said += self.end(process)
        self.assertEqual(said.count("pauses"), 1, said)
        self.assertEqual(said.count("continues"), 1, said)


class Memory(RunningTest):
    def test_a_limit_of_memory_makes_accepting_pause(self):
        """Clients alone cannot end a process: it lives on, and serves again when they are gone."""
        resource.setrlimit(resource.RLIMIT_NOFILE, (8000, max(8000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
        process = subprocess.Popen(
            [WSKRUN, "--gate", "accepted", "--set", "echo_event.Port=0", example("echo_event")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40)))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        port = self.port_of(process)
        # What it has now, and what a few hundred clients take.
        pages = int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + (2 << 20)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, 1 << 40))
        clients = []
        for _ in range(3000):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            clients.append(client)
        self.read_until(process, "pauses, and clients wait")
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"x" * 1000)
        for client in clients:
            client.close()
        with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as client:
            client.sendall(b"still there")
            self.assertEqual(client.recv(64), b"still there")
        self.end(process)


class Doctor(WskrunTest):
    def test_names_each_capability(self):
        result = run("doctor")
        self.assert_ends(result, 0, "kernel", "conditional accept", "gate \"", "descriptors",
                         "ports below 1024", "IPv6", "user namespaces")

    def test_says_how_to_get_the_better_gate(self):
        line = next(line for line in run("doctor").stdout.splitlines() if line.startswith("conditional accept"))
        if '"syn"' in line:
            self.assertIn("at the SYN", line)
        else:
            self.assertIn("asking at the SYN is not possible here: ", line)


if __name__ == "__main__":
    outcome = unittest.main(exit=False).result
    if outcome.skipped and len(outcome.skipped) == outcome.testsRun:
        sys.exit(SKIPPED)
    sys.exit(not outcome.wasSuccessful())
