# SPDX-License-Identifier: MIT
"""Who takes part in the comparison, and how each server is started."""

from place import Failure
from report import YARDSTICK
from server import Server

PROGRAMS = {YARDSTICK: "plain_echo", "asio": "asio_echo", "libuv": "uv_echo"}
DRIVERS = ("echo_irp", "echo_event")
SERVERS = (*PROGRAMS, *DRIVERS)
# Drivers with other options; only where they are asked for.
VARIANTS = {f"{name}_acknowledged": (name, ("--sends", "acknowledged")) for name in DRIVERS}
OPTIONAL = {"asio": "libasio-dev", "libuv": "libuv1-dev"}  # in Debian


class Lineup:
    """The servers that were chosen and are built, in the order of the tables: the yardstick first."""

    def __init__(self, build, chosen):
        self._build = build
        self.notes = []
        self.names = [name for name in (*SERVERS, *VARIANTS) if name in chosen or name == YARDSTICK]
        for name, package in OPTIONAL.items():
            if name in self.names and not self._path(name).exists():
                self.names.remove(name)
                self.notes.append(f"{name} left out: not built; it needs {package} and a new build")
        needed = [self.wskrun, self.echo_client, *(self._path(name) for name in self.names)]
        missing = [str(path) for path in needed if not path.exists()]
        if missing:
            raise Failure(
                "\n  ".join(["not built:", *missing])
                + "\nBuild it with: cmake --preset release && cmake --build --preset release"
            )

    @property
    def wskrun(self):
        return self._build / "tools/wskrun/wskrun"

    @property
    def echo_client(self):
        return self._build / "bench/echo_client"

    def bench(self, name):
        return self._build / "bench" / name

    def example(self, name):
        return self._build / f"examples/{name}.sys.so"

    def _path(self, name):
        if name in PROGRAMS:
            return self.bench(PROGRAMS[name])
        return self.example(VARIANTS[name][0] if name in VARIANTS else name)

    def command(self, name):
        if name in PROGRAMS:
            return [self._path(name)]
        return self.driver_command(self._path(name), VARIANTS[name][1] if name in VARIANTS else ())

    def driver_command(self, module, options=()):
        driver = module.name.removesuffix(".sys.so")
        return [self.wskrun, *options, "--set", f"{driver}.Port=0", module]

    @property
    def conditional_module(self):
        return self.bench("drivers/conditional_echo/conditional_echo.sys.so")

    def start(self, name, place):
        return Server(name, self.command(name), place, self.notes)

    def order(self, number):
        """Each server is the first one in turn, in case that being first matters."""
        return rotated(self.names, number)


def rotated(names, number):
    shift = number % len(names)
    return names[shift:] + names[:shift]
