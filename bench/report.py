# SPDX-License-Identifier: MIT
"""Medians and ratios out of the samples, as a table or as JSON."""

import statistics

YARDSTICK = "plain"
LESS_IS_BETTER = {"us"}


def _ratio(ours, plain, unit):
    """Above 1: faster than the plain server."""
    return plain / ours if unit in LESS_IS_BETTER else ours / plain


def _summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summarise(samples):
    """`samples`: a list of rounds, {result: {server: {"value", "unit", "cpu_us"}}}."""
    results = {}
    for result, servers in samples[0].items():
        results[result] = {}
        for server, first in servers.items():
            rounds = [each[result] for each in samples]
            row = {
                "unit": first["unit"],
                "value": _summary([each[server]["value"] for each in rounds]),
                "cpu_us": _summary([each[server]["cpu_us"] for each in rounds]),
            }
            if server != YARDSTICK:
                row["ratio"] = _summary(
                    [_ratio(each[server]["value"], each[YARDSTICK]["value"], first["unit"]) for each in rounds]
                )
                row["cpu_ratio"] = _summary(
                    [each[server]["cpu_us"] / each[YARDSTICK]["cpu_us"] for each in rounds]
                )
            results[result][server] = row
    return results


def _spread(summary):
    return f"{summary['median']:.2f} ({summary['min']:.2f}-{summary['max']:.2f})"


def table(results):
    """Markdown."""
    lines = [
        "| measurement | server | median | ratio to plain (min-max) | CPU us per operation | its ratio (min-max) |",
        "|---|---|---|---|---|---|",
    ]
    for result, servers in results.items():
        for server, row in servers.items():
            digits = 1 if row["unit"] in LESS_IS_BETTER else 0
            value = f"{row['value']['median']:.{digits}f} {row['unit']}"
            ratio = _spread(row["ratio"]) if "ratio" in row else "1"
            cpu_ratio = _spread(row["cpu_ratio"]) if "cpu_ratio" in row else "1"
            lines.append(
                f"| {result} | {server} | {value} | {ratio} | {row['cpu_us']['median']:.1f} | {cpu_ratio} |"
            )
    return "\n".join(lines)
