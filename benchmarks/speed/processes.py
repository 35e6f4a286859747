"""Processor time and memory of processes, from Linux's /proc."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # per second
PROC = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """The processor time of a process, its descendants, and its ended children."""
    own: dict[int, int] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for each, stat in stats().items():
        own[each] = sum(map(int, stat[11:15]))
        children[int(stat[1])].append(each)

    def total(process: int) -> int:
        return own.get(process, 0) + sum(map(total, children[process]))

    return total(pid) / TICKS


def children_of(pid: int) -> list[int]:
    return [each for each, stat in stats().items() if int(stat[1]) == pid]


def stats() -> dict[int, list[str]]:
    """The fields of /proc/PID/stat after the command's name, by process id. See proc_pid_stat(5)."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text()
            except OSError:  # it has ended
                continue
            found[int(folder.name)] = text.rpartition(")")[2].split()
    return found


@dataclass(frozen=True)
class Memory:
    """The memory of a process in megabytes.

    ``rss`` counts pages that several processes share fully for each of them, ``pss`` in equal parts, and
    ``private`` not at all.
    """

    rss: float
    pss: float
    private: float


def memory_of(pid: int) -> Memory:
    lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024, private / 1024)
