"""The results in the data folder: whether the suites pass, and whether the gate passes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from winnow.commands import command
from winnow.config import Config
from winnow.errors import WinnowError
from winnow.runs.coverage import REPORT, Measurement
from winnow.runs.gate import Gate
from winnow.runs.results import Run


@dataclass(frozen=True)
class Summary:
    """The runs of the last command, and their coverage if it was measured."""

    runs: tuple[Run, ...]
    measurement: Measurement | None
    gate_path: str

    @classmethod
    def load(cls, config: Config) -> Self:
        """Load the results of the last command: each JSON file except coverage's is a run.

        Raises  WinnowError if there are none.
        """
        paths = sorted(path for path in config.data.glob("*.json") if path.name != REPORT)
        if not paths:
            folder = config.shown(config.data)
            raise WinnowError("no-results", folder=folder, command=command("tests", data=folder))
        measured = (config.data / REPORT).exists()
        runs = tuple(Run.load(path) for path in paths)
        return cls(runs, Measurement.load(config) if measured else None, config.shown(config.gate))

    @property
    def green(self) -> bool:
        """Whether every suite passed."""
        return all(run.state == "green" for run in self.runs)

    @cached_property
    def gate(self) -> Gate:
        """The gate of the project."""
        return Gate.of(self.gate_path, self.measurement)
