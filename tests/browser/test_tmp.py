from test_every_explorer import SHOWN, SMALL, MOVES, DRAG
from hands import watched, RESTS


def test_x(browser):
    name = "UnitBrowser"
    with watched(browser, SMALL.get(name, SHOWN[name])(), new=True) as page:
        page.evaluate(
            f"""async (times) => {{
              const move = (k) => {{ {DRAG + MOVES[name]} }};
              for (let k = 0; k < times; k++) {{
                move(k);
                if (k % 20 === 0) await new Promise((done) => setTimeout(done));
              }}
            }}""",
            100,
        )
        for _ in range(5):
            page.wait_for_timeout(1000)
            print(
                page.evaluate(
                    "[...document.querySelectorAll('[data-running=true], [aria-busy=true]')].map(e=>e.outerHTML.slice(0,200))"
                ),
                page.evaluate(
                    "[model.get('layer'), model.get('unit'), model.get('patch'), model.get('order')]"
                ),
                page.page_errors(),
            )
