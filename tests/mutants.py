"""Print the mutants that no test caught: ``python tests/mutants.py``, after ``pytestmut run``."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

RESULTS = Path("reports/data/mutants/results.json")
EQUIVALENTS = Path("tests/mutants.toml")
NEXT_STEP = f"""\
Next: write a test that notices it, and see that it does: `.nox/mutants/bin/pytestmut exec ID`.
Where no test can, because nobody could tell the difference, say why in {EQUIVALENTS.as_posix()}."""


NOTICED = ("killed", "broken", "timeout", "oom", "error")


class Edit(NamedTuple):
    """What a mutant changes: the whole lines, before and after."""

    file: str
    function: str
    find: str
    replace: str


def main() -> int:
    """Print the result; return 0 if every surviving mutant is known to be equivalent."""
    if not RESULTS.exists():
        sys.exit("no mutant was tried yet\n  hint: run `nox -s mutants`")
    run = json.loads(RESULTS.read_text(encoding="utf-8"))
    equivalents = read_equivalents()
    mutants = {mutant["id"]: mutant for mutant in run["mutants"] if mutant["id"] in run["results"]}
    verdicts = {name: verdict(run["results"][name]) for name in mutants}
    living = {name: edit(mutants[name]) for name in mutants if verdicts[name] not in NOTICED}
    new = [name for name in living if living[name] not in equivalents]
    for name in new:
        show(name, mutants[name]["span"]["line"], verdicts[name], living[name])
    files = {module["path"] for module in run["files"]}
    killed = {entry for entry, by_luck in equivalents.items() if not by_luck} - set(living.values())
    unused = sorted(entry for entry in killed if entry.file in files)
    for entry in unused:
        print(f"{EQUIVALENTS.as_posix()}: take this out, it is no survivor: {entry.file}: {entry.find}")
    tell(list(verdicts.values()), len(living), len(new))
    return 1 if new or unused else 0


def read_equivalents() -> dict[Edit, bool]:
    """Return the equivalent mutants, and whether a test may still catch one by chance."""
    reasons = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8")).get("equivalent", [])
    return {
        Edit(**mutant): reason.get("by_luck", False)
        for reason in reasons
        if reason["because"]
        for mutant in reason["mutants"]
    }


def verdict(result: dict[str, Any]) -> str:
    """Return the verdict; if the service does not start, no test caught the mutant."""
    if result["status"] == "killed" and result["reason"] != "test":
        return "broken"
    return str(result["status"])


def edit(mutant: dict[str, Any]) -> Edit:
    """Return the lines that the mutant changes, before and after."""
    source = Path(mutant["path"]).read_bytes()
    start, end = mutant["splice"]["start"], mutant["splice"]["end"]
    first = source.rfind(b"\n", 0, start) + 1
    last = (source + b"\n").index(b"\n", end)
    new = source[first:start] + bytes.fromhex(mutant["splice"]["replacement"]) + source[end:last]
    return Edit(mutant["path"], mutant["scope"], text(source[first:last]), text(new))


def text(lines: bytes) -> str:
    """Return the lines without their indentation."""
    return "\n".join(line.strip() for line in lines.decode().splitlines())


def show(name: str, line: int, word: str, change: Edit) -> None:
    """Print where the mutant is, and its diff."""
    print(f"\n{change.file}:{line} {change.function}  {word}, ID {name}")
    for sign, side in (("-", change.find), ("+", change.replace)):
        print("\n".join(f"  {sign} {row}" for row in side.splitlines()))


def tell(verdicts: list[str], living: int, new: int) -> None:
    """Print the numbers, and the next step."""
    killed, broken = verdicts.count("killed"), verdicts.count("broken")
    hanging, fatal = verdicts.count("timeout"), verdicts.count("error")
    print(f"\n{len(verdicts)} mutants: {killed} killed by a test, {hanging} hang one, {fatal} end pytest,")
    print(f"{broken} do not start, {living} are alive.")
    print(f"Of those alive, {living - new} are known to be equivalent and {new} are not.")
    print(NEXT_STEP if new else "The suites notice every change that anybody could notice.")


if __name__ == "__main__":
    sys.exit(main())
