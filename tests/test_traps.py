"""The list of traps in traps.md names tests that exist, and every test that carries a trap's number."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
TRAPS = 42


def listed() -> dict[int, str]:
    """What the table says of each trap."""
    rows = re.findall(r"^\| T(\d+) [^|]+ \| (.+) \|$", (HERE / "traps.md").read_text(), re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return {int(number): text for number, text in rows}


def carried() -> dict[int, set[tuple[str, str]]]:
    """(file, test) of every test that carries a trap's number, as test_t14_t16_… carries two."""
    result: dict[int, set[tuple[str, str]]] = {}
    for path in HERE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (numbers := re.match(r"test((?:_t\d\d)+)_", node.name)):
                for number in re.findall(r"\d\d", numbers[1]):
                    result.setdefault(int(number), set()).add((str(path.relative_to(HERE)), node.name))
    return result


def test_every_trap_names_its_tests_or_a_reason():
    table, tests = listed(), carried()
    assert sorted(table) == list(range(1, TRAPS + 1))
    for number, text in table.items():
        named = set(re.findall(r"`([^`]+)`: `([^`]+)`", text))
        assert named == tests.get(number, set()), f"T{number}"
        assert named or text.startswith("not yet: "), f"T{number}"
