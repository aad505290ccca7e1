// FoolIt: a change that misleads a network, and chance beside it.

import { INPUT, OUTPUT } from "../parts/colours.js";
import { actions, bound, button, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { heavy } from "../parts/heavy.js";
import { group, layout, line } from "../parts/layout.js";
import { counted } from "../parts/numbers.js";
import { pictureChooser } from "../parts/photos.js";
import { picture } from "../parts/pictures.js";
import { percent, probabilityBars } from "../parts/probabilities.js";
import { variable } from "../parts/saving.js";
import { each, getArray, listen, numbersFrom, photoMessage, share } from "../parts/state.js";
import { t } from "../parts/texts.js";
import {
  ANY, answerOf, attackOn, bestOf, byChance, changeOf, HERE, openedFrom, smallestJob,
} from "./fool_it_attack.js";
import { smallestText, verdict } from "./fool_it_words.js";

const SEEDS = 10_000;
const WHITE = 255;

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
  const job = heavy(smallestJob, HERE);
  let image; // the digit, its bytes read
  let painted; // the message that it came in
  let before; // what the network answers to it
  let asked; // what the attack depends on but for its strength
  let attack;
  let smallest = null;

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
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
      show: (n) => counted(n, "gray level"),
    }),
    target: bound(model, "target", menu, {
      label: t("Lead it to"),
      options: [
        [ANY, t("any other class")],
        ...names.map((name, k) => [k, t("{name}", { name })]),
      ],
    }),
    steps: bound(model, "steps", slider, {
      label: t("Steps"),
      min: 1,
      max: limits.steps,
      show: (n) => (n === 1 ? t("1: fast gradient sign") : String(n)),
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
  const [verdictLine, smallestLine] = [line("fi-verdict"), line()];
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
      before = answerOf(network, image);
      views.before.show(names, image, before);
      asked = undefined;
    }
    const [strength, target, steps] = ["strength", "target", "steps"].map(get);
    const aim = { label: bestOf(before), target, steps };
    const asks = `${target} ${steps}`;
    if (asks !== asked) {
      asked = asks;
      attack = attackOn(network, image, aim);
      search(aim);
    }
    const attacked = attack(strength);
    const noisy = byChance(image, strength, get("seed"));
    const answers = {
      before,
      after: answerOf(network, attacked),
      noisy: answerOf(network, noisy),
    };
    views.after.show(names, attacked, answers.after, image, strength);
    views.noisy.show(names, noisy, answers.noisy, image, strength);
    setText(verdictLine, verdict(names, answers, { aim, strength }));
    voice.say(verdictLine.textContent);
  }

  /** The smallest strength, found beside the page. */
  function search(aim) {
    const say = (found) => {
      smallest = found;
      setText(smallestLine, smallestText(names, found, aim, aim.steps, limits.strength));
      smallestLine.setAttribute("aria-busy", found === null);
      goThere.disabled = !found?.strength;
    };
    message.clear();
    say(null);
    job.run(
      { description, bytes, picture: image, aim, most: limits.strength },
      {
        onDone: say,
        onError(sentence) {
          message.say(sentence);
          setText(smallestLine, "");
          smallestLine.setAttribute("aria-busy", false);
        },
      },
    );
  }

  update();
  const stop = listen(
    model,
    each(["image", "subject", "strength", "target", "steps", "seed"], update),
  );
  return () => {
    stop();
    job.close();
    voice.stop();
    frame.close();
  };
}
