# SPDX-License-Identifier: MIT
"""Runs a command as root of an emulated machine, with an installed kernel and the files of this one.

For what this machine does not give: more CPUs than it has, more descriptors than it allows, another kernel. The
command starts in the same folder. What it writes is gone with the machine, but for what it writes into build/machine.
There is no network but the loopback interface. Everything takes 5 to 20 times as long as outside.
"""

import argparse
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import initramfs

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT / "build/machine"
EMULATOR = "qemu-system-x86_64"
CPUS_MAX = 255
TOOLS = (EMULATOR, "busybox", "cpio", "modprobe")
# A CPU that hangs for a minute, in the kernel or in the emulator, ends the machine, and its last words say so. Whether
# the timer interrupts in time is no question to an emulator that shares its CPU; the kernel would panic.
KERNEL_OPTIONS = "console=ttyS0 panic=-1 softlockup_panic=1 watchdog_thresh=30 no_timer_check"
NOT_RUN = 125  # as env(1) and others say that it was not the command that failed
REMEDY = "`script/bootstrap machine` installs what a machine is made of"


class NoMachine(Exception):
    """What to tell the user."""


def cpus(text):
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= CPUS_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {CPUS_MAX}")
    return int(text)


def memory(text):
    if not re.fullmatch(r"[1-9][0-9]{0,5}[MG]", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 512M or 4G")
    return text


def options():
    parser = argparse.ArgumentParser(
        prog="script/machine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )
    add = parser.add_argument
    add("--cpus", type=cpus, default=os.cpu_count(), metavar="N", help="as many as there are here, unless given")
    add("--memory", type=memory, default="4G", metavar="SIZE", help="as 512M or 4G; 4G unless given")
    add("--kernel", metavar="VERSION", help="of those in /boot; the newest unless given")
    add("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="and its arguments")
    chosen = parser.parse_args()
    if chosen.command[:1] == ["--"]:
        del chosen.command[0]
    if not chosen.command:
        parser.error("which COMMAND is to be run?")
    return chosen


def tool(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise NoMachine(f"there is no {name}; {REMEDY}")
    return found


def version_order(kernel):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", kernel)]


def kernels():
    images = pathlib.Path("/boot").glob("vmlinuz-*")
    versions = [image.name.removeprefix("vmlinuz-") for image in images]
    return sorted((one for one in versions if pathlib.Path("/lib/modules", one).is_dir()), key=version_order)


def choose_kernel(wanted):
    available = kernels()
    if not available:
        raise NoMachine(f"/boot has no kernel with its modules in /lib/modules; {REMEDY}")
    if wanted is not None and wanted not in available:
        raise NoMachine(f"there is no kernel {wanted} in /boot with its modules in /lib/modules, only {', '.join(available)}")
    kernel = wanted or available[-1]
    if not os.access(f"/boot/vmlinuz-{kernel}", os.R_OK):
        raise NoMachine(f"/boot/vmlinuz-{kernel} may be read by root only; `sudo chmod +r /boot/vmlinuz-{kernel}`")
    return kernel


def share(tag, path, **options):
    settings = "".join(f",{name}={value}" for name, value in options.items())
    return [
        "-fsdev", f"local,id={tag},path={path},security_model=none,multidevs=remap{settings}",
        "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
    ]


def emulate(chosen, kernel, start, console):
    """What the command prints comes from the second serial line; the first is the kernel's."""
    subprocess.run(
        [
            tool(EMULATOR), "-accel", "tcg", "-smp", str(chosen.cpus), "-m", chosen.memory,
            "-kernel", f"/boot/vmlinuz-{kernel}", "-initrd", start, "-append", KERNEL_OPTIONS,
            "-nodefaults", "-no-reboot", "-display", "none", "-serial", f"file:{console}", "-serial", "stdio",
            *share("host", "/", readonly="on"), *share("shared", SHARED),
        ],
        stdin=subprocess.DEVNULL,
        check=False,
    )


def run(chosen):
    if platform.machine() != "x86_64":
        raise NoMachine(f"the emulated machine is an x86_64, this one is not ({platform.machine()})")
    kernel = choose_kernel(chosen.kernel)
    for name in TOOLS:
        tool(name)
    SHARED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SHARED, prefix="run-") as name:
        folder = pathlib.Path(name)
        start, console, status = folder / "start.gz", folder / "console", folder / "status"
        initramfs.write(
            start, busybox=tool("busybox"), kernel=kernel, command=chosen.command, shared=SHARED, status=status,
        )
        emulate(chosen, kernel, start, console)
        if not status.exists():
            last = console.read_text(errors="replace").splitlines()[-20:] if console.exists() else []
            raise NoMachine("\n".join(["the machine ended before the command did; its kernel said last:", *last]))
        return int(status.read_text(encoding="utf-8"))


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    chosen = options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        return run(chosen)
    except (NoMachine, OSError, subprocess.CalledProcessError) as problem:
        print(f"script/machine: {problem}", file=sys.stderr)
        return NOT_RUN
    except KeyboardInterrupt:
        print("script/machine: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
