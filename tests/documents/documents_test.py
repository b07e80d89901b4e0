# SPDX-License-Identifier: MIT
"""Every command of README, docs and examples does what the document says, as typed and in the order in which they stand.
Usage: documents_test.py dev|release: the documents whose commands belong to that preset.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import documents
import sandbox

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
SECONDS_MAX = 600

DOCUMENTS = {
    "dev": ["README.md", "examples/README.md", "examples/echo_irp/README.md", "examples/echo_event/README.md",
            "examples/proxy/README.md", "examples/fetch/README.md", "examples/gatekeeper/README.md",
            "examples/datagram_echo/README.md", "examples/driver_test/README.md",
            "docs/simulation.md", "docs/sanitizers.md", "docs/conformance.md", "docs/man/wskrun.1"],
    "release": ["docs/performance.md", "docs/soak.md"],
}

# Too much for a test: what is tried has these words more.
SHORTER = {
    "bench/run": "--rounds 1 --seconds 0.02 --only accepts",
    "bench/run --only accepts,gates --rounds 5": "--rounds 1 --seconds 0.02",
    "bench/run --only connecting,proxy,datagrams": "--rounds 1 --seconds 0.02",
    "bench/run --instructions": "--rounds 1 --servers plain,echo_irp --only accepts,datagrams",
    "bench/run --markdown F --svg F --json F": "--rounds 1 --seconds 0.02 --only accepts",
    "script/soak": "--short",
    "script/soak syn_flood killed": "--short",
    "script/soak syn_resets --minutes 60": "--short --minutes 0.01",
    "script/demo": "--no-serve",
}

# Tried by something else.
ELSEWHERE = {
    "script/test": "it runs this test",
    "python3 -m http.server 8080": "examples.drivers runs that server, and fetch",
    "wskrun --set-text fetch.Service=8080 build/dev/examples/fetch.sys.so": "likewise",
    "cmake --build build-tsan": "builds all once more; the preset tsan builds and tests the same",
    "cmake --install build-tsan --prefix ~/openwsk-tsan": "needs that build; packaging.thread_sanitizer installs it",
    "script/soak --preset asan --short": "the preset asan runs these as hard.*",
}

# What the reader has beside the checkout: a driver, and in the man page's folder some more.
READERS_FILES = {
    "mydriver/mydriver.c": "tests/packaging/project/hello.c",
    "man/echo.sys.so": "build/dev/examples/echo_irp.sys.so",
    "man/echo_event.sys.so": "build/dev/examples/echo_event.sys.so",
    "man/gatekeeper.sys.so": "build/dev/examples/gatekeeper.sys.so",
    "man/lossy.toml": "examples/echo_event/lossy.toml",
}

# What is typed into a client's terminal, and what it shows then. A client that waits is looked at last.
DIALOGUES = {
    "nc 127.0.0.1 5001": [("hello\n", "hello")],
    "nc 127.0.0.1 5002": [("hello\n", "hello")],
    "nc 127.0.0.1 5005": [("hello\n", "hello")],
    "nc -v -s 127.0.0.5 127.0.0.1 5003": [("", "refused")],
    "nc 127.0.0.1 5004": [("list\n", "request 2"), ("accept 2\n", "accepted")],
}
WAITING = {"nc 127.0.0.1 5003": ("request 2", "welcome")}


class Failure(Exception):
    pass


class Terminal:
    """A program that goes on while others run: what it has printed so far, and what is typed into it."""

    def __init__(self, command, text, environment, folder, log):
        self.command = command
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(["bash", "-c", f"exec {text}"], cwd=folder, env=environment,
                                            stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, text=True)

    def type(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def await_text(self, text):
        deadline = time.monotonic() + SECONDS_MAX
        while text not in self.log.read_text(errors="replace"):
            ended = self.process.poll() is not None
            if (ended and text not in self.log.read_text(errors="replace")) or time.monotonic() > deadline:
                raise Failure(f'{self.command.place}: "{self.command.text}" did not say "{text}", but:\n'
                              + self.log.read_text(errors="replace"))
            time.sleep(0.02)

    def end(self, signal_name):
        subprocess.run(["kill", f"-{signal_name}", str(self.process.pid)], check=False)
        return self.process.wait(SECONDS_MAX)


class Reader:
    """Reads documents and types what stands in them."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.server = None
        self.waiting = []
        self.count = 0

    def without_comment(self, command):
        return re.sub(r"\s{2,}# .*", "", command.text)

    def log(self):
        self.count += 1
        return self.folder / f"output{self.count}"

    def read(self, document, lists):
        where = self.folder / "reader/man" if document.endswith(".1") else CHECKOUT
        for commands in lists:
            for command in commands:
                started = time.monotonic()
                print(f"{command.place}: {command.text}", flush=True)
                self.carry_out(command, where)
                print(f"    ({time.monotonic() - started:.1f} s)", flush=True)
            self.end_of_serving()

    def carry_out(self, command, where):
        text = self.without_comment(command)
        if text in ELSEWHERE:
            print(f"    not here: {ELSEWHERE[text]}")
        elif text.startswith("nc "):
            self.connect(command, text, where)
        else:
            self.end_of_serving()
            serves = text.startswith("wskrun ") and not re.search(r"--for |--network sim|wskrun doctor", text)
            if serves:
                self.server = Terminal(command, text, self.environment, where, self.log())
                self.server.await_text("listening on")
            else:
                self.run(command, text, where)

    def run(self, command, text, where):
        typed = "run\n" if text.startswith("gdb ") and "-ex run" not in text else ""
        log = self.log()
        with log.open("w") as output:
            result = subprocess.run(["bash", "-c", f"{text} {SHORTER.get(text, '')}"], cwd=where, env=self.environment,
                                    input=typed, stdout=output, stderr=subprocess.STDOUT, text=True, timeout=SECONDS_MAX)
        printed = log.read_text(errors="replace")
        missing = documents.missing_output(command, printed)
        if text.startswith("gdb ") and "exited normally" not in printed:
            missing = "[... exited normally]"
        if result.returncode != 0 or missing is not None:
            reason = f"exit status {result.returncode}" if missing is None else f'no such line: "{missing}"'
            raise Failure(f'{command.place}: "{command.text}": {reason}. It printed:\n{printed}')

    def connect(self, command, text, where):
        client = Terminal(command, text, self.environment, where, self.log())
        if text in WAITING:
            server_says, client_says = WAITING[text]
            self.server.await_text(server_says)
            self.waiting.append((client, client_says))
            return
        for typed, shown in DIALOGUES[text]:
            if typed:
                client.type(typed)
            client.await_text(shown)
        client.end("INT")

    def compile(self, document, name):
        """What a document shows of C++ is code that can be compiled with what has been installed."""
        text = f"g++ -std=c++20 -fsyntax-only -Wall -Werror $(pkg-config --cflags openwsk) {name}"
        self.run(documents.Command(document, text, []), text, CHECKOUT)

    def end_of_serving(self):
        for client, shown in self.waiting:
            client.await_text(shown)
            client.end("INT")
        self.waiting = []
        if self.server is not None:
            status = self.server.end("INT")
            if status != 0:
                raise Failure(f"{self.server.command.place}: exit status {status} after Ctrl-C:\n"
                              + self.server.log.read_text())
            self.server = None


def place_files(folder, files):
    """The reader's own files, and those that the documents show."""
    for name, source in READERS_FILES.items():
        target = CHECKOUT / name if name.startswith("mydriver") else folder / "reader" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / source, target)
    for name, text in files.items():
        (CHECKOUT / name).parent.mkdir(parents=True, exist_ok=True)
        (CHECKOUT / name).write_text(text)


def check_all_are_read():
    """Wrong documents, and documents with commands that nobody tries."""
    known = {name for names in DOCUMENTS.values() for name in names}
    faults = []
    found = {}
    for path in sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md"), *CHECKOUT.glob("docs/man/*"),
                        *CHECKOUT.glob("examples/**/*.md")]):
        name = str(path.relative_to(CHECKOUT))
        found[name] = documents.read(name, path.read_text())
        faults += found[name].faults
        if found[name].lists and name not in known:
            faults.append(f"{name} has commands and is in no list of documents_test.py")
    if faults:
        raise Failure("\n".join(faults))
    return found


def main():
    part = sys.argv[1]
    sandbox.enter("OWSK_DOCUMENTS")
    folder = pathlib.Path(os.environ["OWSK_DOCUMENTS"])
    try:
        found = check_all_are_read()
        environment = sandbox.prepare(folder, CHECKOUT)
        names = DOCUMENTS[part]
        place_files(folder, {name: text for document in names for name, text in found[document].files.items()})
        reader = Reader(folder, environment)
        for name in names:
            reader.read(name, found[name].lists)
            for shown in found[name].files:
                if shown.endswith(".cpp"):
                    reader.compile(name, shown)
        count = sum(len(commands) for name in names for commands in found[name].lists)
        print(f"documents: {count} commands of {len(names)} documents do what is said")
    except Failure as failure:
        print(failure)
        sys.exit(1)


main()
