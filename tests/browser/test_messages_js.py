"""Arrays on their way to the page: parts/state.js takes bytes in whatever form."""

import numpy as np
import pytest
from lab_browser import closing
from stage import load

from helpers.widgets.parts.traits import to_message

# The bytes of the message stand `offset` bytes into a larger buffer.
READ = """([{ shape, dtype, data }, form, offset]) => {
  const larger = new Uint8Array([...new Array(offset).fill(255), ...data, 255, 255]);
  const form_of = {
    ArrayBuffer: () => new Uint8Array(data).buffer,
    "ArrayBuffer of another page": () => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      const buffer = new frame.contentWindow.ArrayBuffer(data.length);
      new Uint8Array(buffer).set(data);
      return buffer;
    },
    Float64Array: () => new Float64Array(new Uint8Array(data).buffer),
  };
  const view = () => new globalThis[form](larger.buffer, offset, data.length);
  const read = state.fromMessage({ shape, dtype, data: (form_of[form] ?? view)() });
  return { ...read, data: [...read.data], type: read.data.constructor.name };
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/state.js")
        yield page


@pytest.mark.parametrize("offset", [0, 3, 8])
@pytest.mark.parametrize(
    "form",
    [
        *("DataView", "ArrayBuffer", "ArrayBuffer of another page"),
        *("Uint8Array", "Uint8ClampedArray", "Int8Array", "Float64Array"),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "uint8"])
def test_bytes_in_whatever_form(page, dtype, form, offset):
    array = (np.arange(16).reshape(2, 8) * 1.7).astype(dtype)
    message = to_message(array, None)
    message["data"] = list(message["data"])
    read = page.evaluate(READ, [message, form, offset])
    assert read["shape"] == [2, 8]
    assert read["type"] == "Float64Array"
    assert read["data"] == array.ravel().tolist()
