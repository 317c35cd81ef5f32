"""``python -m bench`` lists the benchmarks, ``python -m bench NAME`` runs one."""

import ast
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(arguments: list[str]) -> None:
    """Run the benchmark of this name with the other arguments; without a name, list all."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    if not arguments:
        print("\n".join(f"nox -s bench -- {name}\n    {first_line(name)}" for name in names))
    elif arguments[0] in names:
        sys.argv = arguments
        runpy.run_module(f"bench.{arguments[0]}", run_name="__main__", alter_sys=True)
    else:
        sys.exit(f"no benchmark '{arguments[0]}'\n  hint: choose {' or '.join(names)}")


def first_line(name: str) -> str:
    """Return the first line of a benchmark's docstring, without importing it."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


if __name__ == "__main__":
    main(sys.argv[1:])
