# SPDX-License-Identifier: MIT
"""script/machine: what it refuses, and what a command finds in the machine."""

import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

import machine

SCRIPT = machine.ROOT / "script/machine"
SKIPPED = 77
BOOT_SECONDS_MAX = 300


def run(*arguments, **options):
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False, **options)


def why_none():
    """Why there can be no machine here, or nothing."""
    try:
        machine.choose_kernel(None)
        for name in machine.TOOLS:
            machine.tool(name)
    except machine.NoMachine as reason:
        return str(reason)
    return None


def folder_of(pid):
    """The folder of its own that a running script/machine has: its emulator starts from there."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    for child in children:
        arguments = pathlib.Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8").split("\0")
        if "-initrd" in arguments:
            return pathlib.Path(arguments[arguments.index("-initrd") + 1]).parent
    raise AssertionError(f"no emulator among the children of {pid}: {children}")


class Refusals(unittest.TestCase):
    def refused(self, *arguments, status=2):
        ended = run(*arguments)
        self.assertEqual(ended.returncode, status, ended.stderr)
        self.assertEqual(ended.stdout, "")
        return ended.stderr

    def test_no_command(self):
        self.assertIn("which COMMAND is to be run?", self.refused())
        self.assertIn("which COMMAND is to be run?", self.refused("--cpus", "2", "--"))

    def test_a_number_of_cpus_that_no_machine_has(self):
        for text in ("0", "256", "two", "-1"):
            self.assertIn("is no number from 1 to 255", self.refused("--cpus", text, "true"))

    def test_a_size_without_unit(self):
        self.assertIn("'4' is no size such as 512M or 4G", self.refused("--memory", "4", "true"))

    def test_an_option_that_is_meant_for_the_command_needs_none(self):
        self.assertIn("unrecognized arguments: --cores", self.refused("--cores", "2", "true"))

    def test_the_newest_kernel_is_the_one_with_the_highest_numbers(self):
        versions = ["6.1.0-9-amd64", "6.1.0-56-amd64", "5.10.0-100-amd64"]
        self.assertEqual(max(versions, key=machine.version_order), "6.1.0-56-amd64")

    def test_an_unknown_kernel_is_answered_with_the_known_ones(self):
        if not machine.kernels():
            self.skipTest("there is no kernel in /boot")
        said = self.refused("--kernel", "0.0", "true", status=machine.NOT_RUN)
        for known in machine.kernels():
            self.assertIn(known, said)


@unittest.skipIf(why_none(), why_none())
class Machine(unittest.TestCase):
    def test_the_command_is_root_among_our_files_and_what_it_writes_is_gone(self):
        with tempfile.TemporaryDirectory(dir=machine.ROOT / "build") as name:
            here = pathlib.Path(name)
            (here / "ours").write_text("ours\n", encoding="utf-8")
            kept = machine.SHARED / here.name
            command = f"id -u; nproc; ulimit -Hn; cat ours; echo new > theirs; cat theirs; echo kept > '{kept}'; exit 7"
            ended = run("--cpus", "3", "bash", "-c", command, cwd=here, timeout=BOOT_SECONDS_MAX)
            self.addCleanup(lambda: kept.unlink(missing_ok=True))
            self.assertEqual(ended.stdout.split(), ["0", "3", "1048576", "ours", "new"], ended.stderr)
            self.assertEqual(ended.returncode, 7)
            self.assertEqual([path.name for path in here.iterdir()], ["ours"])
            self.assertEqual(kept.read_text(encoding="utf-8"), "kept\n")

    def test_too_little_memory_is_told_with_what_the_kernel_said(self):
        ended = run("--memory", "64M", "true", timeout=BOOT_SECONDS_MAX)
        self.assertEqual(ended.returncode, machine.NOT_RUN)
        self.assertIn("the machine ended before the command did", ended.stderr)

    def test_ctrl_c_ends_the_machine_and_leaves_nothing(self):
        with tempfile.TemporaryFile("w+") as said:

            def what_was_said():
                said.seek(0)
                return said.read()

            command = [SCRIPT, "bash", "-c", "echo started; sleep 1000"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as ours:
                line = ours.stdout.readline()
                if line != "started\n":
                    self.fail(f"{line!r}, exit status {ours.wait(timeout=BOOT_SECONDS_MAX)}: {what_was_said()}")
                folder = folder_of(ours.pid)
                self.assertTrue(folder.is_dir())
                ours.send_signal(signal.SIGINT)
                self.assertEqual(ours.wait(timeout=BOOT_SECONDS_MAX), 130)
                self.assertEqual(ours.stdout.read(), "")  # its last writer is gone
            self.assertEqual(what_was_said(), "script/machine: interrupted\n")
        self.assertFalse(folder.exists())


if __name__ == "__main__":
    suite = sys.argv[1]
    if suite == "Machine" and why_none():
        print(f"skipped: {why_none()}")
        sys.exit(SKIPPED)
    unittest.main()
