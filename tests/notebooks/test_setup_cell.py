"""The setup cell as Colab meets it: a notebook alone, a fresh Python, a local address.

The Python is a new virtual environment that sees the heavy packages installed beside
this test, but not the course's own; pip reaches a local folder and the local address.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
import stamp
from nbclient import NotebookClient

VERSION = stamp.read_project().version
LESSONS = sorted((stamp.ROOT / "notebooks").glob("*.ipynb"))
PARTS = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "requirements.txt",
    "helpers",
    "data",
)
# Put in the place of the real requirements that are installed anyway.
STAND_INS = """
standin-missing>=1.0
standin-old>=2.0
standin-elsewhere>=1.0; sys_platform == "nowhere"
"""
PROBE = "import google.colab, helpers; print(helpers.__file__)"
LIST = (
    "import json; from importlib import metadata; "
    "print(json.dumps({d.name: d.version for d in metadata.distributions()}))"
)


def make_wheel(folder: Path, name: str, version: str, requires: str = "") -> Path:
    """Write the smallest wheel: one empty module."""
    module = name.replace("-", "_")
    path = folder / f"{module}-{version}-py3-none-any.whl"
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    if requires:
        metadata += f"Requires-Dist: {requires}\n"
    wheel_info = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}.py", "")
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", wheel_info)
        wheel.writestr(f"{info}/RECORD", "")
    return path


def make_archive(path: Path) -> None:
    """Zip the course as GitHub does, with stand-ins among its requirements."""
    with zipfile.ZipFile(path, "w") as archive:
        for part in PARTS:
            top = stamp.ROOT / part
            for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
                inside = file.relative_to(stamp.ROOT)
                if file.is_dir() or {"__pycache__", "cache"} & set(inside.parts):
                    continue
                text = file.read_bytes()
                if part == "requirements.txt":
                    text += STAND_INS.encode()
                archive.writestr(f"name-{VERSION}/{inside.as_posix()}", text)


@pytest.fixture(scope="module")
def bare_environment(tmp_path_factory) -> Path:
    """A virtual environment with pip that sees all that is installed here but us."""
    folder = tmp_path_factory.mktemp("python")
    visible = folder / "visible"
    visible.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        ours = entry.name.startswith(("hands_on_convnets", "__editable__", "helpers"))
        if not ours and entry.suffix != ".pth" and entry.name != "__pycache__":
            (visible / entry.name).symlink_to(entry)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    own = site_packages(folder / "venv")
    # Some Pythons bring an old setuptools: the one installed here is to build us.
    for pattern in (
        "setuptools*",
        "pkg_resources",
        "_distutils_hack",
        "distutils*.pth",
    ):
        for entry in own.glob(pattern):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    (own / "visible.pth").write_text(f"{visible}\n")
    return folder / "venv"


def site_packages(environment: Path) -> Path:
    """Find a virtual environment's own packages."""
    return next(environment.glob("lib/python*/site-packages"))


@pytest.fixture
def address():
    """Serve the course under an address like GitHub's; note what was asked for."""
    served = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            served["requests"].append(self.path)
            found = self.path == f"/owner/name/archive/refs/tags/v{VERSION}.zip"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/zip")
            self.end_headers()
            if found:
                self.wfile.write(served["archive"].read_bytes())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    served.update(
        requests=[], address=f"http://127.0.0.1:{server.server_port}/owner/name"
    )
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


class Colab:
    """A made-up Colab: a folder with one notebook, a Python, stand-ins."""

    def __init__(self, folder: Path, environment: Path, notebook: dict):
        self.folder = folder
        self.content = folder / "content"
        self.wheels = folder / "wheels"
        self.python = folder / "venv" / "bin" / "python"
        self.notebook = notebook
        shutil.copytree(environment, folder / "venv", symlinks=True)
        self.site_packages = site_packages(folder / "venv")
        for path in (
            self.content,
            self.wheels,
            folder / "standin" / "google" / "colab",
        ):
            path.mkdir(parents=True)
        (folder / "standin/google/colab/__init__.py").touch()
        for version in ("1.0", "2.0"):
            make_wheel(self.wheels, "standin-old", version)
        self.pip("install", "--no-deps", "standin-old==1.0")

    def environ(self) -> dict[str, str]:
        """Variables that keep pip to the local folder and away from this machine's."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))
        }
        return kept | {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_NO_BUILD_ISOLATION": "false",  # pip reads it so: false switches it off
            "PIP_RETRIES": "0",
            "PYTHONPATH": str(self.folder / "standin"),
        }

    def pip(self, *arguments: str) -> None:
        """Run this Python's pip."""
        command = [self.python, "-m", "pip", "--quiet", *arguments]
        subprocess.run(command, env=self.environ(), check=True)

    def versions(self) -> dict[str, str]:
        """List everything this Python sees installed, with its version."""
        done = subprocess.run(
            [self.python, "-c", LIST],
            env=self.environ(),
            cwd=self.content,
            capture_output=True,
            check=True,
        )
        return json.loads(done.stdout)

    def run(self, repository: str, probe: str = PROBE) -> tuple[str, str]:
        """Run setup cell and probe in a fresh kernel; return what each showed."""
        project = stamp.Project(VERSION, repository)
        notebook = stamp.stamp_notebook(self.notebook, "01_small", project)
        setup = [
            c for c in notebook["cells"] if "setup" in c["metadata"].get("tags", [])
        ]
        cells = [nbformat.v4.new_code_cell("".join(c["source"])) for c in setup]
        cells.append(nbformat.v4.new_code_cell(probe))
        alone = nbformat.v4.new_notebook(cells=cells)
        kernel = self.folder / "jupyter" / "kernels" / "colab"
        kernel.mkdir(parents=True, exist_ok=True)
        launch = [
            str(self.python),
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ]
        spec = {"argv": launch, "display_name": "Colab", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec))
        client = NotebookClient(
            alone,
            timeout=120,
            kernel_name="colab",
            allow_errors=True,
            resources={"metadata": {"path": str(self.content)}},
        )
        client.execute(env=self.environ())
        return tuple("\n".join(map(shown, cell["outputs"])) for cell in alone.cells)


def shown(output: dict) -> str:
    """Give an output as a person reads it."""
    if output["output_type"] == "error":
        return "\n".join(output["traceback"])
    return output.get("text") or output["data"]["text/plain"]


@pytest.fixture
def colab(tmp_path, monkeypatch, bare_environment, address, good_notebook):
    """A fresh made-up Colab, and the course at a local address."""
    address["archive"] = tmp_path / "course.zip"
    make_archive(address["archive"])
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return Colab(tmp_path, bare_environment, good_notebook)


def test_brings_helpers_and_what_is_missing_and_then_nothing(colab, address):
    make_wheel(colab.wheels, "standin-missing", "1.2", requires="standin-old>=1.0")
    before = colab.versions()
    assert "hands-on-convnets" not in before
    setup, probe = colab.run(address["address"])
    after = colab.versions()

    new = {"hands-on-convnets": VERSION, "standin-missing": "1.2"}
    assert after == before | new
    assert str(colab.site_packages / "helpers") in probe
    lines = [line for line in setup.splitlines() if line and "restart" not in line]
    assert lines == [
        "standin-old 1.0 is installed; the course was written for >=2.0. "
        "It was left as it is.",
        "Installed standin-missing. Nothing that was here before was changed.",
    ]
    assert len(address["requests"]) == 1
    # What the explorers need in the browser came along.
    in_clone = (stamp.ROOT / "helpers/widgets").glob("*/*.[jc]s*")
    brought = (colab.site_packages / "helpers/widgets").glob("*/*.[jc]s*")
    assert {p.name for p in brought} == {p.name for p in in_clone}

    colab.pip("install", "--no-deps", "--upgrade", "standin-old==2.0")
    before = colab.versions()
    setup, probe = colab.run(address["address"])
    assert setup == ""
    assert str(colab.site_packages / "helpers") in probe
    assert len(address["requests"]) == 1
    assert colab.versions() == before


def test_nothing_is_upgraded_for_the_sake_of_what_is_missing(colab, address):
    make_wheel(colab.wheels, "standin-missing", "1.2", requires="standin-old>=2.0")
    before = colab.versions()
    setup, probe = colab.run(address["address"])
    assert "Could not install standin-missing." in setup
    assert "Traceback" not in setup
    assert "helpers" in probe
    assert colab.versions() == before | {"hands-on-convnets": VERSION}


def test_package_out_of_reach_is_a_sentence(colab, address):
    setup, _ = colab.run(address["address"])
    assert "Could not install standin-missing. Check the network" in setup
    assert "Traceback" not in setup


def test_address_out_of_reach_is_a_sentence(colab):
    setup, _ = colab.run("http://127.0.0.1:9/owner/name")
    assert "Check the network and run this cell again." in setup
    assert "Traceback" not in setup
    assert len([line for line in setup.splitlines() if line.strip()]) < 10, setup


def test_namesake_that_is_installed_does_not_matter(colab, address):
    make_wheel(colab.wheels, "standin-missing", "1.2")
    (colab.site_packages / "helpers.py").write_text("")
    _, probe = colab.run(address["address"])
    assert str(colab.site_packages / "helpers" / "__init__.py") in probe


def test_namesake_in_the_folder_is_named(colab, address):
    (colab.content / "helpers.py").write_text("")
    setup, _ = colab.run(address["address"])
    assert str(colab.content / "helpers.py") in setup
    assert "Traceback" not in setup


def test_without_an_address_a_sentence_says_what_to_do(colab, address):
    make_wheel(colab.wheels, "standin-missing", "1.2")
    setup, _ = colab.run("https://example.invalid/owner/name")
    assert "Upload the course as a zip file" in setup
    assert "Traceback" not in setup
    # ... and what it says works.
    shutil.copy(address["archive"], colab.content / "course.zip")
    colab.pip("install", "--no-deps", str(colab.content / "course.zip"))
    setup, probe = colab.run("https://example.invalid/owner/name")
    assert "Installed standin-missing." in setup
    assert str(colab.site_packages / "helpers") in probe


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_has_this_very_setup_cell(path, good_notebook):
    """So what is tested above with a made-up lesson holds for every real one."""
    project = stamp.Project(VERSION, "http://127.0.0.1:9/owner/name")
    real = json.loads(path.read_text(encoding="utf-8"))
    cells = [
        [
            stamp.source(c)
            for c in notebook["cells"]
            if c["metadata"].get("tags") == ["setup"]
        ]
        for notebook in (
            stamp.stamp_notebook(real, path.stem, project),
            stamp.stamp_notebook(good_notebook, "01_small", project),
        )
    ]
    assert cells[0] == cells[1] == [stamp.setup_cell(project)]
