"""A page that asks a real kernel: JupyterLab, anywidget's messages, a Keras model."""

from playwright.sync_api import expect

MODEL = """import keras, time
from helpers.networks import training
from helpers.widgets import WhyMap
training.seed(2)
x = keras.Input((32, 32, 3))
y = keras.layers.Conv2D(6, 3, padding="same", activation="relu", name="one")(x)
z = keras.layers.Conv2D(6, 3, padding="same", activation="relu", name="two")(y)
y = keras.layers.MaxPooling2D(4)(keras.layers.Add(name="both")([y, z]))
y = keras.layers.Dense(4)(keras.layers.Flatten()(y))
why = WhyMap(keras.Model(x, y), class_names=["a", "b", "c", "d"])
why"""
# A kernel answers beside a busy cell where it has subshells, and behind it elsewhere;
# so that it takes long everywhere, the answer itself waits.
SLOW = """import pathlib
from helpers.networks import probe
quick = probe.occlusion
def slow(*given, **more):
    while not pathlib.Path("enough").exists():
        time.sleep(0.05)
    return quick(*given, **more)
probe.occlusion = slow
print("slow")"""
SAY = "print(why.in_kernel, why.method, why.guess)"


def test_a_kernel_answers_takes_long_and_is_gone(browser, lab):
    name = lab.write("asks.ipynb", MODEL, SLOW, SAY)
    with lab.open(browser, name) as notebook:
        notebook.run(0, seconds=300)
        cell = notebook.cell(0)
        answers, why = cell.locator(".wm-answers"), cell.locator(".wm-map").first
        expect(answers).to_have_attribute("aria-busy", "false")
        expect(why).to_have_attribute("aria-busy", "false")
        expect(why.locator("figcaption")).to_have_text("Grad-CAM")
        method = cell.get_by_role("combobox", name="Method")
        method.select_option("saliency")
        expect(why.locator("figcaption")).to_have_text("Saliency")
        told = notebook.run(2)
        assert told.startswith("True saliency ")
        guess = told.split()[-1]
        expect(cell.locator(".wm-guess")).to_contain_text(f"It sees: {guess} (")

        assert notebook.run(1).strip() == "slow"
        method.select_option("occlusion")
        status = cell.get_by_role("status").filter(has_text="The kernel computes…")
        expect(status).to_be_visible()
        (lab.folder / "enough").touch()
        expect(why.locator("figcaption")).to_have_text("Occlusion")
        expect(status).not_to_be_visible()
        assert notebook.errors() == []

        lab.stop_kernel(name)
        method.select_option("saliency")
        gone = cell.get_by_role("alert").filter(has_text="The kernel does not answer")
        expect(gone).to_be_visible()
        expect(why.locator("figcaption")).to_have_text("Occlusion")  # the last good one
