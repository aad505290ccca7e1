// FoolIt: a change that misleads a network, and chance beside it.

import { bestOf, productOf } from "../parts/arrays.js";
import { classOptions } from "../parts/classes.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { actions, bound, button, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { heavy, latest } from "../parts/heavy.js";
import { group, layout, line } from "../parts/layout.js";
import { counted } from "../parts/numbers.js";
import { pictureChooser } from "../parts/photos.js";
import { picture } from "../parts/pictures.js";
import { percent, probabilityBars } from "../parts/probabilities.js";
import { variable } from "../parts/saving.js";
import { each, getArray, listen, numbersFrom, photoMessage, share } from "../parts/state.js";
import { t } from "../parts/texts.js";
import {
  ANY, answerOf, attackOn, byChance, changeOf, HERE, misleadingJob, openedFrom, smallestJob,
} from "./fool_it_attack.js";
import { smallestText, verdict, waitingText } from "./fool_it_words.js";

const SEEDS = 10_000;
const PAUSE = 150; // ms without another input, after which the smallest strength is looked for
const WHITE = 255;
const BLANK = 200; // the gray of a picture that is not there

let attacks = 0; // on this page, so that each has a number

/** A digit, what was added to it where that is shown, and what the network answers. */
function answered(title, added) {
  const digit = picture({ caption: title, role: INPUT, framed: false });
  const change = added && picture({ caption: added, role: OUTPUT, framed: false });
  const bars = probabilityBars();
  const views = make("div", { class: "fi-views" }, ...[change, digit].filter(Boolean).map(
    ({ element }) => element,
  ));
  const element = make("div", { class: "fi-digit", role: "group", "aria-label": title }, views, bars.element);
  return {
    element,
    build: bars.build,
    busy: (is) => element.setAttribute("aria-busy", is),
    /** Nothing yet: gray. */
    blank(shape) {
      for (const view of [digit, change].filter(Boolean)) {
        view.paint({ shape, data: new Uint8Array(productOf(shape)).fill(BLANK) }, { low: 0, high: WHITE });
        view.describe(t("{title}, on its way", { title }));
      }
    },
    show(names, x, shares, before, strength) {
      digit.paint(x, { low: 0, high: WHITE });
      const best = bestOf(shares);
      digit.describe(
        t("{title}: the network sees {name}, {share}", {
          title,
          name: names[best],
          share: percent(shares[best]),
        }),
      );
      bars.show(shares);
      if (!change) return;
      const difference = changeOf(x, before);
      change.paint(difference, { signed: strength || 1 });
      const up = difference.data.reduce((sum, one) => sum + (one > 0), 0);
      const down = difference.data.reduce((sum, one) => sum + (one < 0), 0);
      change.describe(
        t("{added}: {up} became brighter, {down} darker", {
          added,
          up: counted(up, "pixel"),
          down: counted(down, "pixel"),
        }),
      );
    },
  };
}

export default function render({ model, el }) {
  const get = (name) => model.get(name);
  const set = (changes) => share(model, changes);
  const limits = get("_limits");
  const names = get("_class_names");
  const { description, data } = get("_network");
  const bytes = numbersFrom(data, Uint8Array);
  const network = openedFrom({ description, bytes });
  const misleading = latest(misleadingJob, HERE);
  const searching = heavy(smallestJob, HERE);
  let pause; // before the search begins
  let image; // the digit, its bytes read
  let painted; // the message that it came in
  let before; // what the network answers to it
  let asked; // what the attack depends on but for its strength
  let attack; // { number, at(strength) }
  let misled = {}; // the last misled digit: { of, attacked, after }
  let turn = 0; // counts what is asked for; of what comes late nothing older is shown
  let oldest = 0;
  let smallest = {};

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const [voice, smallestVoice] = [spoken(), spoken()];
  const pictures = pictureChooser({
    model,
    label: t("Picture"),
    pictures: get("_pictures"),
    named: "subject",
    onChoose: (next, subject) => set({ image: photoMessage(next), subject }),
  });
  const controls = {
    strength: bound(model, "strength", slider, {
      label: t("Strength"),
      min: 0,
      max: limits.strength,
      show: (n) => t("{n} of {most}", { n, most: WHITE }),
    }),
    target: bound(model, "target", menu, {
      label: t("Lead it to"),
      options: classOptions(t("any other class"), names),
    }),
    steps: bound(model, "steps", slider, {
      label: t("Steps"),
      min: 1,
      max: limits.steps,
    }),
  };
  const chance = button(t("Another chance"), () => set({ seed: (get("seed") + 1) % SEEDS }));
  const goThere = button(t("Go to the smallest"), () => set({ strength: smallest.strength }));

  // ---------------------------------------------------------------------------------- page
  const views = {
    before: answered(t("The digit")),
    after: answered(t("Misled"), t("What misleads")),
    noisy: answered(t("By chance"), t("As much by chance")),
  };
  for (const view of Object.values(views)) view.build(names);
  const [verdictLine, smallestLine] = [line("fi-verdict"), line("fi-smallest")];
  const frame = layout("FoolIt", {
    head: pictures.elements,
    scene: Object.values(views).map(({ element }) => element),
    strip: [verdictLine, smallestLine, message.element],
    settings: [
      group(
        t("The change"),
        controls.strength.element,
        controls.target.element,
        controls.steps.element,
        make(
          "p",
          { class: "hc-note hc-keys" },
          t("One step is fast gradient sign; of several, each looks anew."),
        ),
        actions(goThere, chance),
      ),
    ],
    foot: [
      make(
        "p",
        { class: "hc-note hc-keys" },
        t(
          "Changes: blue where a pixel became darker, red where brighter, full colour for the " +
            "whole strength. What is black or white already cannot go further that way.",
        ),
      ),
      voice.element,
      smallestVoice.element,
    ],
    python,
  });
  el.append(frame.root);

  function python() {
    const own = get("_own");
    const target = get("target");
    return pictures.call("picture", {
      network: own.network ? variable("model") : "mnist",
      class_names: own.class_names ? names : null,
      strength: get("strength"),
      target: target === ANY ? null : target,
      steps: get("steps"),
      seed: get("seed"),
    });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    pictures.follow();
    for (const { follow } of Object.values(controls)) follow();
    if (get("image") !== painted) {
      painted = get("image");
      image = getArray(model, "image");
      if (!misled.of) for (const view of [views.after, views.noisy]) view.blank(image.shape);
      before = answerOf(network, image);
      views.before.show(names, image, before);
      asked = undefined;
    }
    const [strength, target, steps] = ["strength", "target", "steps"].map(get);
    const aim = { label: bestOf(before), target, steps };
    turn += 1;
    if (asked !== `${target} ${steps}`) {
      asked = `${target} ${steps}`;
      attack = { number: ++attacks, at: attackOn(network, image, aim).at };
      oldest = turn;
      if (steps > 1) setText(verdictLine, waitingText(names, before));
      search(aim);
    }
    const noise = byChance(image, strength, get("seed"));
    mislead({ turn, image, before, aim, strength, noise, noisy: answerOf(network, noise) });
  }

  /** The misled digit: at once if it takes one step, else from beside the page. */
  function mislead(state) {
    const { number } = attack;
    const { aim, strength, image: picture } = state;
    const of = `${number} ${strength}`;
    const busy = (is) => {
      views.after.busy(is);
      verdictLine.setAttribute("aria-busy", is);
    };
    const take = (found) => {
      misled = { of, ...found };
      show(state);
    };
    busy(misled.of !== of && aim.steps > 1);
    if (misled.of === of) show(state);
    else if (aim.steps === 1) {
      const attacked = attack.at(strength);
      take({ attacked, after: answerOf(network, attacked) });
    } else
      misleading.run(
        { number, description, bytes, picture, aim, strength },
        {
          onDone(found) {
            if (state.turn >= oldest) take(found);
            if (state.turn === turn) busy(false);
          },
          onError(sentence) {
            if (state.turn !== turn) return;
            setText(verdictLine, sentence);
            voice.say(sentence);
            busy(false);
          },
        },
      );
  }

  /** What belongs together, all at once: digits, answers, the sentence. */
  function show(state) {
    const { aim, strength, noise, noisy } = state;
    const { attacked, after } = misled;
    const answers = { before: state.before, after, noisy };
    oldest = state.turn;
    views.after.show(names, attacked, after, state.image, strength);
    views.noisy.show(names, noise, noisy, state.image, strength);
    setText(verdictLine, verdict(names, answers, { aim, strength }));
    voice.say(verdictLine.textContent);
  }

  /** The smallest strength, found beside the page once no more is asked for. */
  function search(aim) {
    const say = (found) => {
      smallest = found;
      setText(smallestLine, smallestText(names, found, aim, limits.strength));
      goThere.disabled = !found.strength;
    };
    const end = (sentence) => {
      smallestLine.setAttribute("aria-busy", false);
      smallestVoice.say(sentence);
    };
    const begin = () =>
      searching.run(
        { description, bytes, picture: image, aim, most: limits.strength },
        {
          onProgress: say,
          onDone(found) {
            say(found);
            end(smallestLine.textContent);
          },
          onError(sentence) {
            message.say(sentence);
            setText(smallestLine, "");
            end("");
          },
        },
      );
    clearTimeout(pause);
    searching.cancel();
    message.clear();
    say({ tried: 0 });
    smallestLine.setAttribute("aria-busy", true);
    smallestVoice.say("");
    pause = setTimeout(begin, PAUSE);
  }

  update();
  const stop = listen(
    model,
    each(["image", "subject", "strength", "target", "steps", "seed"], update),
  );
  return () => {
    stop();
    clearTimeout(pause);
    misleading.close();
    searching.close();
    voice.stop();
    smallestVoice.stop();
    frame.close();
  };
}
