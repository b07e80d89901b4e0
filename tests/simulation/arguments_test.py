# SPDX-License-Identifier: MIT
"""What the program says about its arguments."""

import os
import subprocess
import unittest

PROGRAM = os.environ["SIMULATION"]


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=60)


class Arguments(unittest.TestCase):
    def refuses(self, arguments, *said):
        done = run(*arguments)
        self.assertEqual(done.returncode, 2, done.stderr)
        for words in said:
            self.assertIn(words, done.stderr)

    def test_an_unknown_scenario_names_those_there_are(self):
        self.refuses(["--scenario", "nothing"], 'no scenario "nothing"', "accept_storm", "unload")

    def test_a_seed_that_is_no_number(self):
        self.refuses(["--seed", "12x"], '--seed: "12x" is no seed', "18446744073709551615")

    def test_a_seed_that_is_too_large(self):
        self.refuses(["--seed", "18446744073709551616"], "is no seed")

    def test_a_range_without_a_dash(self):
        self.refuses(["--seeds", "200"], "is no range", "1-200")

    def test_a_range_that_ends_before_it_begins(self):
        self.refuses(["--seeds", "9-3"], "is empty")

    def test_a_value_that_is_missing(self):
        self.refuses(["--scenario"], "--scenario needs a value")

    def test_an_unknown_option(self):
        self.refuses(["--sed", "1"], '"--sed" is no option')

    def test_a_capture_of_many_runs(self):
        self.refuses(["--capture", "file", "--seeds", "1-2"], "--capture is for one run")

    def test_the_list_says_what_each_is_about(self):
        done = run("--list")
        self.assertEqual(done.returncode, 0)
        self.assertGreaterEqual(len(done.stdout.splitlines()), 12)

    def test_a_trace_has_times_and_names(self):
        done = run("--scenario", "accept_storm", "--seed", "1", "--trace")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^ +0\.\d{9} server1: listening on ")

    def test_output_that_cannot_be_written(self):
        for arguments in ["--list"], ["--scenario", "accept_storm", "--trace"], ["--scenario", "accept_storm", "--digest"]:
            with self.subTest(arguments), open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, 1)
                self.assertIn("standard output could not be written: No space left", done.stderr)

    def test_a_capture_that_cannot_be_written(self):
        done = run("--scenario", "accept_storm", "--capture", "/dev/full")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the capture /dev/full could not be written completely: No space left", done.stderr)


if __name__ == "__main__":
    unittest.main()
