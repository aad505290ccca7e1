"""Re-run lessons from a fresh kernel and store their outputs.

``python tools/run_notebooks.py notebooks/01_kernels.ipynb ...``; without names, every
lesson. A notebook is written only when all its cells ran.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# Without the version: it would differ from machine to machine.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
VOLATILE = ("execution", "ExecuteTime", "collapsed", "scrolled", "outputId", "colab")


def is_bar(output: nbformat.NotebookNode) -> bool:
    """Say whether an output is a progress bar that has wiped itself out again.

    What is written after the last carriage return is what one sees.
    """
    if output.output_type != "stream":
        return False
    lines = output.text.split("\n")
    return "\r" in output.text and not any(
        line.split("\r")[-1].strip() for line in lines
    )


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop widget state, time stamps, bars and whatever else differs from run to run.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place, and returned.
    """
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": LANGUAGE}
    )
    for cell in notebook.cells:
        for key in VOLATILE:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if not is_bar(one)]
    return notebook


def run(path: Path, timeout: int = 600) -> None:
    """Run one notebook in its own folder and store it with its outputs.

    Parameters
    ----------
    path : Path
        The notebook.
    timeout : int
        Seconds that one cell may take.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        coalesce_streams=True,
    )
    # Where no page is open, what `interact` draws is an output like any other: so it is
    # stored, readers on GitHub see it, and nbval meets the same outputs again.
    client.widget_registry = {}
    client.execute()
    nbformat.write(tidy(notebook), path)


def main(arguments: list[str]) -> int:
    """Run the notebooks named, or all; stop at the first that fails."""
    paths = [Path(name) for name in arguments]
    for path in paths or sorted((ROOT / "notebooks").glob("*.ipynb")):
        start = time.perf_counter()
        try:
            run(path)
        except CellExecutionError as error:
            print(f"{path.name} stopped, and was not changed:\n{error}")
            return 1
        print(f"{path.name}: {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
