"""What the files in ``reports/data`` say: are the suites green, and does the gate hold?"""

from dataclasses import dataclass
from typing import Self

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.measurement import Measurement, Module
from winnow.results import Run


@dataclass(frozen=True)
class Verdict:
    """The runs of the last command, and their measurement if it took one."""

    runs: tuple[Run, ...]
    measurement: Measurement | None
    gate_path: str

    @classmethod
    def load(cls, config: Config) -> Self:
        """Read what the last command left.

        Raises  WinnowError where it left nothing.
        """
        runs = tuple(Run.load(path) for path in sorted(config.data.glob("*test.json")))
        if not runs:
            raise WinnowError("there are no results in reports/data", "run `nox -s tests` first")
        measured = (config.data / "coverage.json").exists()
        gate_path = config.gate.relative_to(config.root).as_posix()
        return cls(runs, Measurement.load(config) if measured else None, gate_path)

    @property
    def green(self) -> bool:
        """Whether every suite is green."""
        return all(run.state == "green" for run in self.runs)

    @property
    def gate(self) -> Module | None:
        """The gated module as it was measured; None where it was not."""
        return self.measurement.module(self.gate_path) if self.measurement else None

    @property
    def gate_holds(self) -> bool | None:
        """Whether every line and branch of the gated module ran; None where nothing was measured."""
        if self.measurement is None:
            return None
        return self.gate is not None and self.gate.complete
