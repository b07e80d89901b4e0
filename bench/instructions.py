# SPDX-License-Identifier: MIT
"""Instructions of a server for one operation, counted by callgrind: steady where times are not.

Each server runs twice, for a few operations and for many; what starting and ending take is the same in both and
goes out with the difference. Only instructions of the process itself are seen, none of the kernel's.
"""

import pathlib
import re
import shutil
import tempfile

import place
from parts import Part, in_order
from server import Server

OPERATIONS = {"accepts_1": (200, 1200), "round_trip_1": (500, 5500)}
RESULTS = {"accepts_1": "instructions_accept", "round_trip_1": "instructions_echo"}
SECONDS_MAX = 120

_TOTAL = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)


class Instructions(Part):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        if shutil.which("valgrind") is None:
            raise place.Failure("--instructions needs valgrind; script/bootstrap installs it")

    def round(self, number):
        results = {}
        for measurement, (few, many) in OPERATIONS.items():
            for name in self.field.order(number):
                difference = self._total(name, measurement, many) - self._total(name, measurement, few)
                # A warm-up goes before, a tenth of it.
                sample = {"value": difference / ((many - few) * 1.1), "unit": "instructions"}
                results.setdefault(RESULTS[measurement], {})[name] = sample
        return in_order(results, self.field.names)

    def _total(self, name, measurement, operations):
        with tempfile.TemporaryDirectory(prefix="openwsk-bench-") as folder:
            out = pathlib.Path(folder) / "callgrind.out"
            callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
            server = Server(name, [*callgrind, *self.field.command(name)], self.server_place, self.notes)
            with server:
                self.client.measure(server, measurement, f"{operations}x", SECONDS_MAX)
                server.wait_until_quiet()
            total = _TOTAL.search(out.read_text(encoding="utf-8")) if out.exists() else None
        if total is None:
            raise place.Failure(f"callgrind has counted nothing for {name}")
        return int(total[1])
