# SPDX-License-Identifier: MIT
"""Lets real clients go through every way that the three example drivers accept connections.

Starts wskrun with the drivers, checks what each client sees, stops wskrun and checks how it ended.
With a terminal it then serves until Ctrl-C. script/demo builds everything and calls this.

Who may not have the gate "syn" has the steps in a user and network namespace, where anybody may. No other
terminal reaches what listens in there, so the serving is done outside of it.
"""

import argparse
import os
import pathlib
import subprocess
import sys

import clients
import namespace
import server
import steps

HOST = "127.0.0.1"
STEPS_TIME_LIMIT_SECONDS = 5
SERVING_TIME_LIMIT_SECONDS = 120
DEFAULT_PORTS = {"echo_irp": 5001, "echo_event": 5002, "gatekeeper": 5003, "operator": 5004}
ANY_PORTS = dict.fromkeys(DEFAULT_PORTS, 0)  # the machine chooses
EXIT_INTERRUPTED = 130
EXIT_IMPOSSIBLE = 77  # what tests take for: skipped


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wskrun", required=True, type=pathlib.Path)
    parser.add_argument("--drivers", required=True, type=pathlib.Path, help="folder of the driver modules")
    parser.add_argument(
        "--gate", choices=("auto", "strict", "accepted"), default="auto",
        help="as wskrun's, with a namespace of its own where that is needed; strict: ends with status 77 if in vain",
    )
    parser.add_argument("--any-ports", action="store_true", help="do not try 5001 to 5004")
    parser.add_argument("--no-serve", action="store_true", help="end after the steps, also with a terminal")
    parser.add_argument(
        "--serve-inside", action="store_true",
        help="if the steps are in a namespace, serve there too, and say how to enter it",
    )
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # we are in the namespace
    parser.add_argument("wskrun_options", nargs="*", help="after --, such as -- --completion mixed")
    return parser.parse_args()


def choose_ports():
    ports = dict(DEFAULT_PORTS)
    for name, port in ports.items():
        if not clients.is_free(HOST, port):
            print(f"demo: port {port} is in use, {name} takes another one")
            ports[name] = 0
    return ports


def launch(arguments, ports, time_limit_seconds, echo_output):
    return server.Server(
        arguments.wskrun,
        [arguments.drivers / f"{name}.sys.so" for name in ("echo_irp", "echo_event", "gatekeeper")],
        [
            "--gate", arguments.gate,
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


def start(arguments, time_limit_seconds, echo_output):
    if not arguments.any_ports:
        try:
            return launch(arguments, choose_ports(), time_limit_seconds, echo_output).__enter__()
        except server.StartError as problem:
            if "cannot listen" not in str(problem):
                raise
            print("demo: a port was taken meanwhile, all drivers take others")
    return launch(arguments, ANY_PORTS, time_limit_seconds, echo_output)


def run_steps(arguments):
    """True if everything was as expected."""
    with start(arguments, STEPS_TIME_LIMIT_SECONDS, echo_output=False) as running:
        where = ", in a user and network namespace of the demo's own" if arguments.inside else ""
        print(f'demo: gate "{running.gate}"{where}: {running.gate_reason}', flush=True)
        as_expected, count = steps.run(running, STEPS_TIME_LIMIT_SECONDS)
        status = running.stop()  # before the report, which has its summary
    print(f"wskrun ended with status {status}; {running.last_line('summary: ') or 'it printed no summary'}")
    print(f"demo: {as_expected} of {count} steps as expected", flush=True)
    if as_expected == count and status == 0:
        return True
    print("demo: this is what wskrun printed:", *running.lines, sep="\n  ", file=sys.stderr)
    return False


def what_to_try(running, arguments):
    port = running.ports
    turned_away = "refused" if running.gate == "syn" else "connected, then reset"
    enter = f"nsenter -t {os.getpid()} -U -n --preserve-credentials"
    first = f"  {enter}   first: a shell in the namespace\n" if arguments.inside else ""
    return f"""
demo: serving until Ctrl-C. Try, in another terminal:
{first}\
  nc {HOST} {port['echo_irp']}                    echo_irp: what you type comes back
  nc {HOST} {port['echo_event']}                    echo_event: the same
  nc -s {steps.ALLOWED} {HOST} {port['gatekeeper']}       gatekeeper: allowed
  nc -v -s {steps.DENIED} {HOST} {port['gatekeeper']}    gatekeeper: denied ({turned_away})
  nc {HOST} {port['gatekeeper']}                    gatekeeper: waits for you, {SERVING_TIME_LIMIT_SECONDS} s at most
  nc {HOST} {port['operator']}                    you, the operator: list, accept N, reject N, help, quit
"""


def serve(arguments):
    with start(arguments, SERVING_TIME_LIMIT_SECONDS, echo_output=True) as running:
        print(what_to_try(running, arguments), flush=True)
        try:
            running.wait()
            print("demo: wskrun has ended by itself", file=sys.stderr)
        except KeyboardInterrupt:
            print()
        return running.stop() == 0


def may_serve(arguments):
    return sys.stdin.isatty() and sys.stdout.isatty() and not arguments.no_serve


def enters_namespace(arguments):
    """Whether the gate "syn" is wanted, and to be had in a namespace only."""
    if arguments.gate == "accepted":
        return False
    enter, reason = namespace.place_of_syn_gate(arguments.wskrun)
    if enter is None:
        print(f"demo: {reason}", flush=True)
        if arguments.gate == "strict":
            sys.exit(EXIT_IMPOSSIBLE)
    return bool(enter)


def run_inside(arguments):
    """This program once more, in the namespace; returns its exit status."""
    ending = [] if arguments.serve_inside else ["--no-serve"]
    command = [*namespace.ENTER, sys.executable, sys.argv[0], "--inside", *ending, *sys.argv[1:]]
    # In a session of its own: Ctrl-C is for us, and we tell it, once.
    child = subprocess.Popen(command, start_new_session=True)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        status = child.wait()
        return status if status >= 0 else EXIT_INTERRUPTED
    finally:
        child.kill()  # after a second Ctrl-C; wskrun then ends with it


def run_outside(arguments):
    """Returns the exit status."""
    if not namespace.is_loopback_up():
        raise server.StartError("the loopback interface is down here; bring it up first: ip link set lo up")
    if not enters_namespace(arguments):
        if not run_steps(arguments):
            return 1
    else:
        status = run_inside(arguments)
        if status != 0 or arguments.serve_inside:
            return status
        if may_serve(arguments):
            arguments.gate = "auto"
            print('demo: now outside of that namespace, where your other terminals are, so without the gate "syn";')
            print("      with it: script/demo --serve-inside, which says how to enter the namespace, or as root")
    return 0 if not may_serve(arguments) or serve(arguments) else 1


def run_within_namespace(arguments):
    server.end_with_parent()
    namespace.bring_loopback_up()
    return 0 if run_steps(arguments) and (not may_serve(arguments) or serve(arguments)) else 1


if __name__ == "__main__":
    server.end_on_signals()
    given = parse_arguments()
    try:
        sys.exit(run_within_namespace(given) if given.inside else run_outside(given))
    except KeyboardInterrupt:
        print("\ndemo: interrupted", file=sys.stderr)
        sys.stdout.flush()
        os._exit(EXIT_INTERRUPTED)
    except server.StartError as problem:
        sys.exit(f"demo: {problem}")
