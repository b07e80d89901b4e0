# SPDX-License-Identifier: MIT
"""Lets real clients go through every way that the three example drivers accept connections.

Starts wskrun with the drivers, checks what each client sees, stops wskrun and checks how it ended.
With a terminal it then serves until Ctrl-C. script/demo builds everything and calls this.
"""

import argparse
import os
import pathlib
import sys

import clients
import server
import steps

HOST = "127.0.0.1"
STEPS_TIME_LIMIT_SECONDS = 5
SERVING_TIME_LIMIT_SECONDS = 120
DEFAULT_PORTS = {"echo_irp": 5001, "echo_event": 5002, "gatekeeper": 5003, "operator": 5004}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wskrun", required=True, type=pathlib.Path)
    parser.add_argument("--drivers", required=True, type=pathlib.Path, help="folder of the driver modules")
    parser.add_argument("--any-ports", action="store_true", help="do not try 5001 to 5004")
    parser.add_argument("--no-serve", action="store_true", help="end after the steps, also with a terminal")
    parser.add_argument("wskrun_options", nargs="*", help="after --, such as -- --completion mixed")
    return parser.parse_args()


def choose_ports(any_ports):
    """Port 0 lets the machine choose."""
    ports = dict.fromkeys(DEFAULT_PORTS, 0) if any_ports else dict(DEFAULT_PORTS)
    for name, port in ports.items():
        if port != 0 and not clients.is_free(HOST, port):
            print(f"demo: port {port} is in use, {name} takes another one")
            ports[name] = 0
    return ports


def start(arguments, ports, time_limit_seconds, echo_output):
    return server.Server(
        arguments.wskrun,
        [arguments.drivers / f"{name}.sys.so" for name in ("echo_irp", "echo_event", "gatekeeper")],
        [
            "--set", f"echo_irp.Port={ports['echo_irp']}",
            "--set", f"echo_event.Port={ports['echo_event']}",
            "--set", f"gatekeeper.Port={ports['gatekeeper']}",
            "--set", f"gatekeeper.OperatorPort={ports['operator']}",
            "--set", f"gatekeeper.TimeLimitSeconds={time_limit_seconds}",
            "--set-list", f"gatekeeper.Allow={steps.ALLOWED}",
            "--set-list", f"gatekeeper.Deny={steps.DENIED}",
            *arguments.wskrun_options,
        ],
        names=list(ports),
        echo_output=echo_output,
    )


def run_steps(arguments, ports):
    """True if everything was as expected."""
    with start(arguments, ports, STEPS_TIME_LIMIT_SECONDS, echo_output=False) as running:
        as_expected, count = steps.run(running, STEPS_TIME_LIMIT_SECONDS)
        status = running.stop()  # before the report, which has its summary
    print(f"wskrun ended with status {status}; {running.last_line('summary: ') or 'it printed no summary'}")
    print(f"demo: {as_expected} of {count} steps as expected")
    if as_expected == count and status == 0:
        return True
    print("demo: this is what wskrun printed:", *running.lines, sep="\n  ", file=sys.stderr)
    return False


def serve(arguments, ports):
    with start(arguments, ports, SERVING_TIME_LIMIT_SECONDS, echo_output=True) as running:
        port = running.ports
        print(f"""
demo: serving until Ctrl-C. Try, in another terminal:
  nc {HOST} {port['echo_irp']}                 echo_irp: what you type comes back
  nc {HOST} {port['echo_event']}                 echo_event: the same
  nc -s {steps.ALLOWED} {HOST} {port['gatekeeper']}    gatekeeper: allowed
  nc -s {steps.DENIED} {HOST} {port['gatekeeper']}    gatekeeper: denied
  nc {HOST} {port['gatekeeper']}                 gatekeeper: waits, for {SERVING_TIME_LIMIT_SECONDS} s at most, until you are
  nc {HOST} {port['operator']}                 the operator: list, accept N, reject N, help, quit
""", flush=True)
        try:
            running.wait()
            print("demo: wskrun has ended by itself", file=sys.stderr)
        except KeyboardInterrupt:
            print()
        return running.stop() == 0


def main():
    arguments = parse_arguments()
    ports = choose_ports(arguments.any_ports)
    if not run_steps(arguments, ports):
        return 1
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if on_terminal and not arguments.no_serve:
        return 0 if serve(arguments, ports) else 1
    return 0


if __name__ == "__main__":
    server.end_on_signals()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ndemo: interrupted", file=sys.stderr)
        sys.stdout.flush()
        os._exit(130)
    except server.StartError as problem:
        sys.exit(f"demo: {problem}")
