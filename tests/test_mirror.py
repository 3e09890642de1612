"""The tests mirror the packages: every module has a file of tests of its name in the folder of its package."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("landscapes", "models", "objectives")
# A lesson is data. A new one is tested with all others and needs no file of tests.
DATA = "lessons"


def test_every_module_has_a_file_of_tests_of_its_name():
    missing = []
    for package in PACKAGES:
        for module in sorted((ROOT / package).rglob("*.py")):
            inside = module.relative_to(ROOT / "landscapes" if package == "landscapes" else ROOT)
            # The links `landscapes/models` and `landscapes/objectives` lead to packages that are looked at anyway.
            is_linked = package == "landscapes" and inside.parts[0] in PACKAGES
            if is_linked or inside.parts[0] == DATA or module.name.startswith("__"):
                continue
            folder = ROOT / "tests" / (inside.parts[0] if len(inside.parts) > 1 else "")
            if not any(folder.rglob(f"test_{module.name}")):
                missing.append(str(inside))
    assert not missing, f"add a test_<name>.py in the folder of the wing for {missing}"
