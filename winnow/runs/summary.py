"""What the files in ``reports/data`` say: are the suites green, and does the gate hold?"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.runs.coverage import REPORT, Measurement
from winnow.runs.gate import Gate
from winnow.runs.results import Run


@dataclass(frozen=True)
class Summary:
    """The runs of the last command, and their measurement if it took one."""

    runs: tuple[Run, ...]
    measurement: Measurement | None
    gate_path: str

    @classmethod
    def load(cls, config: Config) -> Self:
        """Read what the last command left: each JSON file but coverage's is a run.

        Raises  WinnowError where it left nothing.
        """
        paths = sorted(path for path in config.data.glob("*.json") if path.name != REPORT)
        if not paths:
            raise WinnowError("there are no results in reports/data", "run `nox -s tests` first")
        measured = (config.data / REPORT).exists()
        gate_path = config.gate.relative_to(config.root).as_posix()
        runs = tuple(Run.load(path) for path in paths)
        return cls(runs, Measurement.load(config) if measured else None, gate_path)

    @property
    def green(self) -> bool:
        """Whether every suite is green."""
        return all(run.state == "green" for run in self.runs)

    @cached_property
    def gate(self) -> Gate:
        """The gate, as it was measured."""
        return Gate.of(self.gate_path, self.measurement)
