# SPDX-License-Identifier: MIT
"""Medians and ratios out of the samples, and the tables that show them."""

import statistics
from dataclasses import dataclass

YARDSTICK = "plain"
DRIVER = "driver"  # where there is one alone
RIVALS = ("connects_", "proxied_", "datagrams_")
NO_GATE = "no_gate"  # echo_event beside conditional accept
LESS_IS_BETTER = {"us"}
SMALLEST_CROWD = "crowd_100_"


def _summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def _ratios(samples, result, server, other, key):
    """`samples`: of all rounds. Other is (result, server) for what the value is divided by."""
    pairs = [(each[result][server][key], each[other[0]][other[1]][key]) for each in samples]
    return _summary([ours / theirs for ours, theirs in pairs]) if all(theirs for _, theirs in pairs) else None


def _inverse(summary):
    if summary is None or summary["min"] == 0:
        return None
    return {"median": 1 / summary["median"], "min": 1 / summary["max"], "max": 1 / summary["min"]}


def _faster(samples, result, server, other, unit):
    ratio = _ratios(samples, result, server, other, "value")
    return _inverse(ratio) if unit in LESS_IS_BETTER else ratio


def _row(samples, result, server, yardstick):
    first = samples[0][result][server]
    row = {"unit": first["unit"], "value": _summary([each[result][server]["value"] for each in samples])}
    row["ratio"] = _faster(samples, result, server, (result, yardstick), first["unit"])
    if "cpu_us" in first:
        row["cpu_us"] = _summary([each[result][server]["cpu_us"] for each in samples])
        row["cpu_ratio"] = _ratios(samples, result, server, (result, yardstick), "cpu_us")
    if result.startswith("crowd_"):
        smallest = SMALLEST_CROWD + result.split("_", 2)[2]
        if server in samples[0].get(smallest, {}):
            row["growth"] = _faster(samples, result, server, (smallest, server), first["unit"])
    return row


def _yardstick(result):
    return NO_GATE if result.startswith("conditional_") else YARDSTICK


def summarise(samples):
    """`samples`: a list of rounds, {result: {server: sample}}. In each result the yardstick comes first."""
    results = {}
    for result, servers in samples[0].items():
        if any(sample["unit"] == "lost" for sample in servers.values()):
            continue  # these are counted, see lost()
        yardstick = _yardstick(result)
        everywhere = [name for name in servers if all(name in each.get(result, {}) for each in samples)]
        if yardstick in everywhere:
            results[result] = {name: _row(samples, result, name, yardstick) for name in everywhere}
    return results


def lost(samples):
    """(connections lost, connections made) in all accept measurements, of each server."""
    found = {}
    for servers in (servers for each in samples for servers in each.values()):
        for name, sample in servers.items():
            if sample["unit"] == "lost":
                gone, made = found.get(name, (0, 0))
                found[name] = (gone + int(sample["value"]), made + sample["operations"])
    return found


# ---- Tables -------------------------------------------------------------------------------------


@dataclass
class Table:
    title: str
    says: str  # how to read it
    header: list
    rows: list

    def text(self):
        lines = [self.header, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
        return "\n".join([f"{self.title}: {self.says}", *(f"  {line}" for line in shown)])

    def markdown(self):
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join([f"**{self.title}**: {self.says}", "", *(f"| {' | '.join(line)} |" for line in lines)])


def number(value):
    """Three digits that count, and no more."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(summary):
    if summary is None:
        return "-"
    return f"{number(summary['median'])} ({number(summary['min'])}-{number(summary['max'])})"


def _measured(row, key, unit):
    return f"{number(row[key]['median'])} {unit}"


def _compare(results, title, says, value_key, ratio_key, unit=None):
    """The yardstick's own value, and the ratios of the others to it."""
    if not results:
        return None
    names = list(dict.fromkeys(name for servers in results.values() for name in servers))
    rows = []
    for result, servers in results.items():
        cells = []
        for name in names:
            row = servers.get(name)
            if row is None:
                cells.append("-")
            elif name == next(iter(servers)):
                cells.append(_measured(row, value_key, unit or row["unit"]))
            else:
                cells.append(spread(row[ratio_key]))
        rows.append([result, *cells])
    return Table(title, says, ["measurement", *names], rows)


def _absolute(results, title, says, key="value"):
    if not results:
        return None
    names = list(dict.fromkeys(name for servers in results.values() for name in servers))
    rows = [
        [result, *(spread(servers[name].get(key)) if name in servers else "-" for name in names)]
        for result, servers in results.items()
    ]
    return Table(title, says, ["measurement", *names], rows)


def _some(results, wanted):
    return {result: servers for result, servers in results.items() if wanted(result, next(iter(servers.values())))}


def speed_results(results):
    special = ("memory_", "conditional_", "instructions_", *RIVALS)
    return _some(results, lambda result, _: not result.startswith(special))


def rival_results(results):
    return _some(results, lambda result, _: result.startswith(RIVALS))


def gate_results(results):
    return _some(results, lambda result, _: result.startswith("conditional_"))


def cpu_results(results):
    with_cpu = _some(results, lambda _, row: "cpu_us" in row)
    return {result.removesuffix("_p50"): servers for result, servers in with_cpu.items()}


def _lost_table(samples):
    rows = [[name, str(gone), str(made)] for name, (gone, made) in lost(samples).items()]
    if not rows:
        return None
    says = "connections that were reset, refused or ended early, and datagrams that did not come back; must be 0"
    return Table("Lost", says, ["server", "lost", "of"], rows)


def tables(samples):
    results = summarise(samples)
    instructions = _some(results, lambda _, row: row["unit"] == "instructions")
    made = [
        _compare(
            speed_results(results), "Speed",
            "plain as measured, others as ratio to plain: median (min-max) of the rounds; above 1 is faster, "
            "for times too", "value", "ratio",
        ),
        _compare(
            cpu_results(speed_results(results)), "CPU time of the server for each operation",
            "plain in microseconds, others as ratio to plain; above 1 is more work", "cpu_us", "cpu_ratio", "us",
        ),
        _compare(
            rival_results(results), "Connecting, a proxy, datagrams",
            "plain as measured, others as ratio to plain; above 1 is faster, for times too", "value", "ratio",
        ),
        _compare(
            cpu_results(rival_results(results)), "CPU time of the connector, the proxy, the datagram echo",
            "plain in microseconds for each operation, others as ratio to plain; above 1 is more work",
            "cpu_us", "cpu_ratio", "us",
        ),
        _absolute(
            _some(results, lambda result, row: "growth" in row and not result.startswith(SMALLEST_CROWD)),
            "Crowds", "ratio to the same server among 100 connections; below 1 is slower", "growth",
        ),
        _absolute(
            _some(results, lambda result, _: result.startswith("memory_")),
            "Memory of an idle connection in bytes",
            "growth of the server's resident set, of its share of it, of its own (anonymous) pages; "
            "kernel: the kernel's, of both ends, others' noise included",
        ),
        _compare(
            gate_results(results), "Gates",
            "echo_event, which has no gate, as measured; conditional accept as ratio to it; above 1 is faster",
            "value", "ratio",
        ),
        _compare(
            cpu_results(gate_results(results)), "CPU time of the server with a gate",
            "echo_event in microseconds, conditional accept as ratio to it; above 1 is more work",
            "cpu_us", "cpu_ratio", "us",
        ),
        _absolute(instructions, "Instructions for each operation", "in user space, median (min-max) of the rounds"),
        _compare(
            instructions, "Instructions, compared", "plain as counted, others as ratio to plain; above 1 is more work",
            "value", "ratio",
        ),
        _lost_table(samples),
    ]
    return [table for table in made if table is not None]


def page(measured, markdown=False):
    """Everything that is to be said: what was measured where, the tables, the notes."""
    about = measured["machine"]
    head = [
        f"{about['cores']} cores, {about['processor']}, Linux {about['kernel']}, load {about['load']:.1f} before; "
        f"{len(measured['rounds'])} rounds, {measured['seconds']:g} s for each measurement"
    ]
    shown = tables(measured["rounds"])
    parts = head + [table.markdown() if markdown else table.text() for table in shown]
    if measured["notes"]:
        bullet = "- " if markdown else "  "
        parts.append("\n".join(["Notes:", *([""] if markdown else []), *(bullet + note for note in measured["notes"])]))
    return "\n\n".join(parts)
