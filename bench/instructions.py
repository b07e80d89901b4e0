# SPDX-License-Identifier: MIT
"""Instructions of a server for one operation, counted by callgrind: steady where times are not.

Each server runs twice, for a few operations and for many; what starting and ending take is the same in both and
goes out with the difference. Only instructions of the process itself are seen, none of the kernel's.
"""

import contextlib
import pathlib
import re
import shutil
import tempfile

import place
import rivals
from parts import SPEED, Part
from server import Server

COUNTED = {"accepts_1": (200, 1200, "instructions_accept"), "round_trip_1": (500, 5500, "instructions_echo")}
SECONDS_MAX = 120

_TOTAL = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)


class Echoes(Part):
    """The echo servers as subjects, as those of rivals.Rivals are."""

    counted = COUNTED

    @property
    def names(self):
        return self.field.names

    @contextlib.contextmanager
    def start(self, name, measurement, before=()):
        with Server(name, [*before, *self.field.command(name)], self.server_place, self.notes) as server:
            yield lambda *what: self._measure(server, *what)

    def _measure(self, server, *what):
        self.client.measure(server, *what)
        server.wait_until_quiet()


class Instructions(Part):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        if shutil.which("valgrind") is None:
            raise place.Failure("--instructions needs valgrind; script/bootstrap installs it")
        chosen = self.chosen.only
        kinds = [Echoes] if any(name in SPEED for name in chosen) else []
        kinds += [kind for name, kind in rivals.KINDS.items() if name in chosen]
        self._parts = [kind(*arguments) for kind in kinds]
        if not self._parts:
            raise place.Failure(f"--instructions counts none of {', '.join(chosen)}")

    def round(self, number):
        results = {}
        for part in self._parts:
            for measurement, (few, many, result) in part.counted.items():
                results[result] = self._count(part, measurement, few, many)
        return results

    def _count(self, part, measurement, few, many):
        samples = {}
        for name in part.names:
            difference = self._total(part, name, measurement, many) - self._total(part, name, measurement, few)
            # A warm-up goes before, a tenth of it.
            samples[name] = {"value": difference / ((many - few) * 1.1), "unit": "instructions"}
        return samples

    def _total(self, part, name, measurement, operations):
        with tempfile.TemporaryDirectory(prefix="openwsk-bench-") as folder:
            out = pathlib.Path(folder) / "callgrind.out"
            callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
            with part.start(name, measurement, callgrind) as measure:
                measure(measurement, f"{operations}x", SECONDS_MAX)
            total = _TOTAL.search(out.read_text(encoding="utf-8")) if out.exists() else None
        if total is None:
            raise place.Failure(f"callgrind has counted nothing for {name}")
        return int(total[1])
