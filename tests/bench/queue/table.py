"""The rows and how they are printed: per second, in U, against the floor, against the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench._machine import machine, unit_s
from tests.bench.queue.cost import Cost

UNIT_S = 0.011  # of the machine that targets in milliseconds are for
RATIO_MAX = 2.0  # of what the floor does in a second to what the product does


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `floor` what the bare driver took for the same, `target` jobs per second."""

    name: str
    cost: Cost
    floor: Cost | None = None
    target: float | None = None
    cpu_ms_max: float | None = None


class Table:
    """Measures U when it is made and when it is printed."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._before = unit_s()
        self._rows: list[Callable[[float], str]] = []

    def add(self, row: Row) -> None:
        self._rows.append(lambda unit: _line(row, unit))

    def fact(self, name: str, text: str) -> None:
        self._rows.append(lambda _: f"{name:<34} {text}")

    def print(self) -> None:
        after = unit_s()
        unit = (self._before + after) / 2
        print(f"\n{self._title}\n{machine()}")
        print(f"U = {unit * 1e3:.2f} ms (before {self._before * 1e3:.2f}, after {after * 1e3:.2f})")
        print(
            f"{'':<34} {'/s':>7} {'U each':>7} {'CPU ms':>7} {'p50 ms':>7} {'p99 ms':>7}"
            f" {'stmts':>6} {'trips':>6} {'commits':>7}"
            f" {'floor /s':>9} {'CPU ms':>7} {'x time':>7} {'x CPU':>6}  target"
        )
        for row in self._rows:
            print(row(unit))


def _line(row: Row, unit: float) -> str:
    cost = row.cost
    line = f"{row.name:<34} {cost.rate:7.0f} {1 / cost.rate / unit:7.3f} {cost.cpu_ms:7.3f}"
    times = (f"{cost.at_ms(0.5):7.2f}", f"{cost.at_ms(0.99):7.2f}") if cost.spent_s else ("", "")
    line += f" {times[0]:>7} {times[1]:>7}"
    traffic, count = cost.traffic, cost.count
    if traffic.trips:
        line += f" {traffic.statements / count:6.2f} {traffic.trips / count:6.2f}"
        line += f" {traffic.commits / count:7.3f}"
    else:
        line += " " * 22
    return f"{line} {_against(row)}  {_target(row, unit)}".rstrip()


def _against(row: Row) -> str:
    if row.floor is None:
        return " " * 33
    cost, floor = row.cost, row.floor
    slower, dearer = floor.rate / cost.rate, cost.cpu_ms / floor.cpu_ms
    return f"{floor.rate:9.0f} {floor.cpu_ms:7.3f} {slower:7.2f} {dearer:6.2f}"


def _target(row: Row, unit: float) -> str:
    told = []
    if row.target is not None:
        told.append(f">= {row.target:.0f}/s {_met(row.cost.rate >= row.target)}")
    if row.floor is not None:
        slower = row.floor.rate / row.cost.rate
        told.append(f"<= {RATIO_MAX:g}x {_met(slower <= RATIO_MAX)}")
    if row.cpu_ms_max is not None:
        share, most = row.cost.cpu_ms / 1e3 / unit, row.cpu_ms_max / 1e3 / UNIT_S
        told.append(f"{share:.3f} U of CPU, <= {most:.3f} {_met(share <= most)}")
    return ", ".join(told)


def _met(met: bool) -> str:  # noqa: FBT001  (the answer to a question)
    return "met" if met else "MISSED"
