// The picture of where covering a patch hurts; covering.js computes it beside the page.

import { bestOf } from "./arrays.js";
import { OUTPUT } from "./colours.js";
import { HERE, coveringJob, middleOf } from "./covering.js";
import { heavy } from "./heavy.js";
import { square } from "./numbers.js";
import { picture } from "./pictures.js";
import { percent } from "./probabilities.js";
import { t } from "./texts.js";

/**
 * Where covering a patch lowers the probability of the winner: want({ description, bytes,
 * picture, side, label, step, cover }, name of the class), as `coveringJob` takes it, or null
 * for nothing. onCover(middle) comes with a click on a place.
 */
export function coveringView(onCover, onError) {
  let step = 1; // pixels from one place to the next
  const view = picture({
    caption: "",
    role: OUTPUT,
    framed: false,
    onPoint: () => {},
    onLeave: () => {},
    onPick: (place) => onCover(middleOf(place, step)),
  });
  view.element.hidden = true;
  const job = heavy(coveringJob, HERE);
  const show = (falls, name, side) => {
    const most = falls.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    view.paint(falls, { signed: most || 1 });
    view.caption(t("Where covering hurts “{name}”", { name }));
    const { shape, data } = falls;
    const worst = bestOf(data);
    const place = [Math.floor(worst / shape[1]), worst % shape[1]];
    const [row, column] = middleOf(place, step);
    view.describe(
      t(
        "Covering {size} around row {row}, column {column} takes most from “{name}”: " +
          "{fall} of its probability. Red: it falls; blue: it rises.",
        {
          size: square(side),
          row,
          column,
          name,
          fall: percent(Math.max(0, data[worst])),
        },
      ),
    );
  };
  const busy = (is) => view.element.setAttribute("aria-busy", is);
  return {
    element: view.element,
    want(input, name) {
      view.element.hidden = !input;
      if (!input) {
        busy(false);
        return job.cancel();
      }
      step = input.step ?? 1;
      busy(true);
      return job.run(input, {
        onProgress: ({ falls }) => show(falls, name, input.side),
        onDone(falls) {
          show(falls, name, input.side);
          busy(false);
        },
        onError(sentence) {
          onError(sentence);
          busy(false);
        },
      });
    },
    close: job.close,
  };
}
