"""The gate: every line and branch of one module ran."""

from collections.abc import Iterator

from winnow.measurement import Module

NEXT_STEP = "write a test that gets there, or delete the line if nothing ever can"


def gaps(module: Module) -> Iterator[str]:
    """Yield a sentence for each line and branch that keeps the gate shut, in the file's order."""
    for line in module.lines:
        where = f"{module.path}:{line.number} in {module.function_at(line.number) or 'the module itself'}"
        if line.state == "missed":
            yield f"{where}: never ran: {line.text.strip()}"
        elif line.state == "excluded":
            yield f"{where}: left out of the measurement: {line.text.strip()}"
        for target in line.untaken:
            yield f"{where}: never went on to {_place(target)}: {line.text.strip()}"


def _place(line: int) -> str:
    return f"line {line}" if line > 0 else "the end of the function"
