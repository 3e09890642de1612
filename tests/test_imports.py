"""Who may import whom: the rules of the house, read from the source."""

import ast
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import landscapes

ROOT = Path(__file__).parent.parent
HOUSE = ("landscapes", "models", "objectives", "app")
INSIDE = ("models/", "objectives/")  # at the top of a checkout landscapes.models and landscapes.objectives
FILES = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "app.py", *(p for name in HOUSE[:3] for p in (ROOT / name).rglob("*.py")))
)

ARRAYS = {"jax", "jaxtyping", "numpy"}
KNOBS = {"annotated_types"}
# From the ground up: a wing imports the ground, itself and the wings before it.
GROUND = (
    "xla_flags",
    "registry",
    "display",
    "progress",
    "immutable",
    "packages",
    "array_files",
    "arguments",
    "precision",
    "random_key",
    "filter_axes",
    "varied_parameters",
    "reparametrization",
    "knobs",
    "objective",
    "loss_function",
    "batch_source",
    "streamed_loss",
    "plane",
    "problem",
)
WINGS = (
    "adapters",
    "evaluation",
    "optimization",
    "slices",
    "curvature",
    "directions",
    "connectivity",
    "tradeoffs",
    "games",
    "formulas",
    "storage",
    "tables",
    "recipes",
    "scenes",
    "figures",
    "exports",
)
ENGINE = WINGS[: WINGS.index("recipes")]

# For each file, by the first pattern that fits: the packages of others that it may import.
PACKAGES: list[tuple[str, set[str]]] = [
    ("models/*", {*ARRAYS, *KNOBS, "flax"}),
    ("objectives/datasets.py", {*ARRAYS, *KNOBS, "sklearn"}),
    ("objectives/*", {*ARRAYS, *KNOBS, "optax"}),
    ("landscapes/adapters/*", {*ARRAYS, "flax"}),
    ("landscapes/evaluation/compilation.py", {"jax", "platformdirs"}),
    ("landscapes/optimization/checkpoint_files.py", {*ARRAYS, "safetensors", "orbax"}),
    ("landscapes/slices/conversion.py", {"numpy", "xarray"}),
    ("landscapes/slices/persistent_minima.py", {"numpy", "jaxtyping", "scipy", "gudhi"}),
    ("landscapes/curvature/rayleigh_ritz.py", {*ARRAYS, "threadpoolctl"}),
    ("landscapes/formulas/derivatives.py", {"sympy"}),
    ("landscapes/formulas/*", ARRAYS),
    ("landscapes/recipes/catalog/own_*", {*ARRAYS, *KNOBS}),
    ("landscapes/tables/parquet.py", {"numpy", "pyarrow"}),
    ("landscapes/tables/*", {"numpy"}),
    ("landscapes/recipes/catalog/datasets.py", {"numpy", *KNOBS}),
    ("landscapes/recipes/catalog/*", {*ARRAYS, "flax"}),
    ("landscapes/recipes/binding.py", ARRAYS),
    ("landscapes/recipes/*", set()),
    ("landscapes/scenes/*", ARRAYS),
    ("landscapes/openings/*", {"numpy"}),
    ("landscapes/figures/paper/*", {"numpy", "plotly", "matplotlib", "contourpy"}),
    ("landscapes/figures/stage_widget.py", {"plotly", "anywidget", "ipywidgets", "traitlets"}),
    ("landscapes/figures/*", {"numpy", "plotly"}),
    ("landscapes/exports/animation.py", {"numpy", "imageio", "imageio_ffmpeg"}),
    ("landscapes/exports/meshes.py", {"numpy", "plotly", "trimesh"}),
    ("landscapes/exports/*", {"numpy", "plotly"}),
    ("landscapes/lessons/*", set()),
    ("landscapes/views/*", {"streamlit", "starlette", "plotly", "segno", *ARRAYS, *KNOBS}),
    ("landscapes/__main__.py", set()),
    ("landscapes/commands/*", set()),
    ("landscapes/__init__.py", {"lazy_loader"}),
    ("landscapes/progress.py", {"tqdm"}),
    ("landscapes/*", {*ARRAYS, *KNOBS, "optax", "scipy"}),
    ("app.py", {"streamlit"}),
]


def parts(file: str) -> list[str]:
    """The parts of the house that a file may import, as patterns of module names."""
    top, *rest = file.removesuffix(".py").split("/")
    if f"{top}/" in INSIDE:
        return [f"landscapes.{top}*"]
    if top == "app":
        return ["landscapes.views*"]
    ground = [f"landscapes.{name}" for name in GROUND]
    room = rest[0]
    if room in ("__init__", "__main__"):
        return ["landscapes.xla_flags" if room == "__init__" else "landscapes.commands"]
    if room == "commands":
        below = ["landscapes*", "!landscapes.models*", "!landscapes.objectives*"]
        return below if rest[-1] in ("app", "warm") else [*below, "!landscapes.views*"]
    if room in GROUND:
        return ground[: GROUND.index(room)]
    if room == "lessons":
        return ["landscapes.registry", "landscapes.recipes.recipe", "landscapes.lessons*"]
    if room == "openings":
        wings = [f"landscapes.{wing}*" for wing in WINGS[: WINGS.index("scenes") + 1]]
        return [*ground, *wings, "landscapes.openings*"]
    if room == "views":
        return ["landscapes*", "!landscapes.models.*", "!landscapes.objectives.*"]
    if room == "formulas":
        return [*ground, "landscapes.formulas*"]
    below = [f"landscapes.{wing}*" for wing in WINGS[: WINGS.index(room) + 1]]
    if rest[:2] == ["recipes", "catalog"]:
        return [*ground, *below, "landscapes.models*", "landscapes.objectives*"]
    if room in ("recipes", *ENGINE):
        below.append("!landscapes.recipes.catalog*")
    return [*ground, *below]


@cache
def imports(file: str) -> dict[str, bool]:
    """Every module that a file imports, anywhere in it, and whether it does so when it runs."""
    tree = ast.parse((ROOT / file).read_text())
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    result: dict[str, bool] = {}
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # Models and objectives find each other in a checkout and in the installed package alike.
            top = file.partition("/")[0] if file.startswith(INSIDE) else ""
            assert not node.level or top, f"{file} imports relatively; name the module in full"
            module = f"landscapes.{top}.{node.module}".removesuffix(".None") if node.level else node.module
            assert module is not None
            assert all(alias.name != "*" for alias in node.names), f"{file} imports everything of {module}"
            # `from package import module` imports the module.
            inner = [f"{module}.{alias.name}" for alias in node.names]
            names = [name if module_file(name) else module for name in inner]
        for name in names:
            assert name.partition(".")[0] not in HOUSE[1:3], f"{file} must import landscapes.{name}"
            result[name] = result.get(name, False) or id(node) not in for_types
    return result


def module_file(name: str) -> str | None:
    """The file of a module of the house."""
    path = name.replace(".", "/")
    if path.startswith(tuple(f"landscapes/{inside}" for inside in INSIDE)):
        path = path.removeprefix("landscapes/")
    return next((file for file in (f"{path}.py", f"{path}/__init__.py") if file in FILES), None)


def allowed(name: str, patterns: list[str]) -> bool:
    last = False
    for pattern in patterns:
        if fnmatchcase(name, pattern.lstrip("!")):
            last = not pattern.startswith("!")
    return last


@pytest.mark.parametrize("file", FILES)
def test_a_file_imports_what_its_place_allows(file):
    packages = next(names for pattern, names in PACKAGES if fnmatchcase(file, pattern))
    for name in imports(file):
        package = name.partition(".")[0]
        if package in HOUSE:
            assert allowed(name, parts(file)), f"{file} must not import {name}"
        else:
            assert package in packages or package in sys.stdlib_module_names, f"{file} must not import {package}"


@pytest.mark.parametrize(
    ("package", "places"),
    [
        ("streamlit", ["app.py", "landscapes/views/*"]),
        ("plotly", ["landscapes/figures/*", "landscapes/exports/*", "landscapes/views/*"]),
        ("flax", ["models/*", "landscapes/recipes/catalog/building.py", "landscapes/adapters/nnx_module.py"]),
        ("landscapes.models", ["models/*", "landscapes/recipes/catalog/*", "landscapes/views/*"]),
        ("landscapes.objectives", ["objectives/*", "landscapes/recipes/catalog/*", "landscapes/views/*"]),
        ("sklearn", ["objectives/datasets.py"]),
        ("pyarrow", ["landscapes/tables/parquet.py"]),
        ("imageio", ["landscapes/exports/animation.py"]),
        ("matplotlib", ["landscapes/figures/paper/*"]),
        ("safetensors", ["landscapes/optimization/checkpoint_files.py"]),
        ("orbax", ["landscapes/optimization/checkpoint_files.py"]),
        ("xarray", ["landscapes/slices/conversion.py"]),
        ("tqdm", ["landscapes/progress.py"]),
        ("optax", ["landscapes/optimization/*", "objectives/transcripts.py"]),
        ("sympy", ["landscapes/formulas/derivatives.py"]),
    ],
)
def test_a_package_is_known_in_few_places(package, places):
    users = {file for file in FILES if any(f"{name}.".startswith(f"{package}.") for name in imports(file))}
    assert users
    strange = {file for file in users if not any(fnmatchcase(file, place) for place in places)}
    assert not strange


def test_imports_never_run_in_circles():
    """In any order of the layers above, data flows one way."""
    edges = {
        file: {
            module_file(name) for name, runs in imports(file).items() if runs and name.partition(".")[0] in HOUSE
        }
        for file in FILES
    }
    done: set[str] = set()

    def visit(file: str, trail: tuple[str, ...]) -> None:
        assert file not in trail, " → ".join((*trail, file))
        if file not in done:
            for following in edges[file] - {None, file}:
                visit(str(following), (*trail, file))
            done.add(file)

    for file in FILES:
        visit(file, ())


def test_few_places_load_a_later_package_by_its_name():
    """An import by name escapes the rules above: results load figures, and a problem the kinds of direction."""
    sources = {file: (ROOT / file).read_text() for file in FILES}
    loaded = {file: set(re.findall(r'import_module\("([^"]+)"\)', text)) for file, text in sources.items()}
    assert {file: names for file, names in loaded.items() if names} == {
        "landscapes/display.py": {"landscapes.figures.notebook", "landscapes.figures.results"},
        "landscapes/problem.py": {"landscapes.directions"},
    }
    # Registries and commands load files of their own packages.
    others = {file for file, text in sources.items() if "import_module(f" in text}
    own = re.compile(r"landscapes/registry.py|(.*/)?(models|objectives|commands)/__init__.py")
    assert {file for file in others if not own.fullmatch(file)} == set()


def test_the_library_loads_neither_the_pages_nor_the_models():
    """A researcher who imports it gets arrays and optimizers, and no server."""
    heavy = {"streamlit", "plotly", "flax", "orbax", "sklearn", "sympy", "imageio"}
    heavy |= {"landscapes.models", "landscapes.objectives"}
    names = set(landscapes.__all__) - {*WINGS, "lessons", "models", "objectives"} | {*ENGINE}
    code = f"import sys; from landscapes import {', '.join(names)}; sys.exit({heavy} & {{*sys.modules}} or 0)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def test_the_command_does_not_wait_for_jax():
    code = "import sys, landscapes; assert not {'jax', 'numpy', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def test_public_names_come_from_the_library_alone():
    stub = ast.parse((ROOT / "landscapes" / "__init__.pyi").read_text())
    imported = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    modules = {f"landscapes.{node.module}": node for node in imported if node.module}
    above = WINGS[WINGS.index("recipes") :]
    assert {name for name in modules if name.split(".")[1] in above} == {"landscapes.recipes.recipe"}
    names = sorted(alias.name for node in modules.values() for alias in node.names)
    wings = [alias.name for node in imported if not node.module for alias in node.names]
    assert {*WINGS} <= {*wings}
    assert sorted(landscapes.__all__) == sorted([*names, *wings])
    for module, node in modules.items():
        for alias in node.names:
            assert getattr(landscapes, alias.name) is getattr(import_module(module), alias.name)


@pytest.mark.parametrize("wing", WINGS)
def test_exported_names_of_wing_exist(wing):
    module = import_module(f"landscapes.{wing}")
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    # A name that is a module and a function means one or the other, as the order of imports has it.
    assert [name for name in module.__all__ if module_file(f"landscapes.{wing}.{name}")] == []


def test_no_file_has_a_name_like_utils():
    assert not {"utils", "helpers", "common", "misc"} & {Path(file).stem for file in FILES}
