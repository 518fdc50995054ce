"""The wheel holds what a user needs and nothing else; every requirement is pinned."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from importlib.metadata import distributions
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import zoo

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOUND = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
PACKAGES = [
    ".".join(path.parent.relative_to(ROOT).parts)
    for pattern in FOUND
    for path in (ROOT / pattern.rstrip("*")).rglob("__init__.py")
]
EXTRAS = PROJECT["project"]["optional-dependencies"]
MEBIBYTE = 2**20


def pins() -> dict[str, str]:
    """Return the constraints as canonical name -> version; any other line is an error."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    matches = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9a-z.]*)", row) for row in rows]
    wrong = [row for row, match in zip(rows, matches, strict=True) if match is None]
    assert not wrong, f"not `name==version`: {wrong}"
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def requirements() -> list[Requirement]:
    """Return every direct requirement: the base and all extras."""
    texts = PROJECT["project"]["dependencies"] + [
        text for extra in EXTRAS.values() for text in extra
    ]
    return [Requirement(text) for text in texts]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Build the wheel from a copy of the checkout, without the network."""
    if importlib.util.find_spec("setuptools") is None or importlib.util.find_spec("pip") is None:
        pytest.skip("building a wheel needs pip and setuptools in this environment")
    folder = tmp_path_factory.mktemp("wheel")
    unwanted = shutil.ignore_patterns(
        ".git", ".venv*", "build", "dist", "*.egg-info", "__pycache__", "runs"
    )
    shutil.copytree(ROOT, folder / "source", ignore=unwanted)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--wheel-dir", str(folder), str(folder / "source")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def shipped(wheel: zipfile.ZipFile) -> set[str]:
    """Return the wheel's files but its metadata."""
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_wheel_is_small_and_plain(wheel: zipfile.ZipFile):
    assert Path(str(wheel.filename)).name == f"regzoo-{zoo.__version__}-py3-none-any.whl"
    assert Path(str(wheel.filename)).stat().st_size < 60 * MEBIBYTE


def test_wheel_holds_every_module_artefact_and_recipe(wheel: zipfile.ZipFile):
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package.replace(".", "/")).glob("*.py")
    }
    further = [("zoo/artifacts", "**/*"), ("training/recipes", "**/*.toml")]
    further += [("training", "**/*.j2"), ("contracts/genes/known", "*")]
    for folder, pattern in further:
        found = {
            p.relative_to(ROOT).as_posix() for p in (ROOT / folder).glob(pattern) if p.is_file()
        }
        assert found, f"{folder} is empty"
        expected |= found
    assert expected <= shipped(wheel), sorted(expected - shipped(wheel))


def test_wheel_holds_nothing_else(wheel: zipfile.ZipFile):
    """No test, no data set, no checkpoint: only modules, type markers, recipes and artefacts."""
    folders = {package.replace(".", "/") for package in PACKAGES}

    def allowed(path: PurePosixPath) -> bool:
        if path.is_relative_to("zoo/artifacts"):
            named = path.name == "LICENSE" or path.suffixes == [".tsv", ".gz"]
            return named or path.suffix in {".csv", ".json", ".onnx", ".safetensors", ".md"}
        if path.is_relative_to("contracts/genes/known") and path.suffix != ".py":
            return path.name == "README.md" or path.suffixes == [".txt", ".gz"]
        if path.is_relative_to("training/recipes"):
            return path.suffix == ".toml"
        if path.is_relative_to("training") and path.suffix == ".j2":
            return True
        return str(path.parent) in folders and (path.suffix == ".py" or path.name == "py.typed")

    assert not [name for name in shipped(wheel) if not allowed(PurePosixPath(name))]


def test_every_entry_is_under_ten_megabytes():
    for folder in (ROOT / "zoo" / "artifacts").iterdir():
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert size < 10 * MEBIBYTE, f"{folder.name}: {size / MEBIBYTE:.1f} MB"


def test_wheel_metadata(wheel: zipfile.ZipFile):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(wheel.read(name).decode())
    assert metadata["License-Expression"] == "Apache-2.0"
    assert set(metadata["Requires-Python"].split(",")) == {">=3.11", "<3.14"}
    base = [
        Requirement(text)
        for text in metadata.get_all("Requires-Dist", [])
        if "extra ==" not in text
    ]
    assert {"numpy", "pydantic", "pooch"} <= {requirement.name for requirement in base}
    heavy = {"torch", "onnxruntime", "onnxruntime-gpu", "onnx", "lightning", "bentoml"}
    assert not heavy & {requirement.name for requirement in base}


def test_wheel_behaves_like_the_checkout(wheel: zipfile.ZipFile, tmp_path: Path):
    wheel.extractall(tmp_path / "site")
    script = "import json, zoo; print(json.dumps([zoo.__file__, zoo.__version__, zoo.names()]))"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    printed = subprocess.check_output(
        [sys.executable, "-W", "error", "-c", script], cwd=tmp_path, env=environment, text=True
    )
    file, version, names = json.loads(printed)
    assert Path(file).is_relative_to(tmp_path)
    assert version == zoo.__version__ == PROJECT["project"]["version"]
    bundled = ROOT / "zoo" / "artifacts"
    assert names == sorted(folder.name for folder in bundled.iterdir() if folder.is_dir())
    assert names


def test_every_direct_requirement_is_pinned_within_its_range():
    pinned = pins()
    for requirement in requirements():
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in constraints.txt"
        assert requirement.specifier.contains(version), f"{requirement} but pinned {version}"


def test_runtimes_are_never_installed_together():
    installed = {canonicalize_name(found.name) for found in distributions()}
    assert not {"onnxruntime", "onnxruntime-gpu"} <= installed
    for name, texts in EXTRAS.items():
        runtimes = [text for text in texts if text.startswith("onnxruntime")]
        assert len(runtimes) == (name in {"cpu", "gpu"}), name


def test_commands_are_attached_by_entry_point():
    for target in PROJECT["project"]["entry-points"]["regzoo.commands"].values():
        module, function = target.split(":")
        text = (ROOT / f"{module.replace('.', '/')}.py").read_text()
        assert f"def {function}(" in text or f"\n{function} = " in text
