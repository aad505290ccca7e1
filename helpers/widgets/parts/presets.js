// Presets: examples that a menu offers, and that set several things at once.

import { menu } from "./controls.js";
import { setText } from "./elements.js";
import { alike } from "./numbers.js";
import { fromMessage } from "./state.js";
import { t } from "./texts.js";

const OWN = "custom";

/**
 * The presets that a trait holds by name: [{ name, title, … }], their arrays read. A preset
 * that is an array alone has it in `array`.
 */
export function presetsOf(model, trait = "_presets") {
  const read = (value) => (value?.shape ? fromMessage(value) : value);
  return Object.entries(model.get(trait)).map(([name, preset]) => {
    const fields = preset.shape ? { array: preset } : preset;
    const entries = Object.entries(fields).map(([field, value]) => [field, read(value)]);
    return { name, title: name.replaceAll("_", " "), ...Object.fromEntries(entries) };
  });
}

/**
 * A menu of presets. settingsOf(preset) are all the settings that choosing it sets:
 * onChoose(settings, preset) comes then. show(now) says which preset the settings on the
 * screen are, and returns it; where one of them is changed, its name says so, and the preset
 * can be chosen again. `own` is its name where they have nothing to do with any preset.
 */
export function presetMenu({
  label = t("Example"),
  presets,
  settingsOf,
  onChoose,
  own: ownText = t("your own numbers"),
}) {
  let now = {};
  let last; // the preset that was shown last
  const chosen = menu({
    label,
    options: [...presets.map(({ name, title }) => [name, t(title)]), [OWN, ""]],
    onChange(name) {
      const preset = presets.find((one) => one.name === name);
      if (preset) onChoose(settingsOf((last = preset)), preset);
      else show(now);
    },
  });
  const own = chosen.select.lastElementChild;
  const differing = (preset) =>
    Object.entries(settingsOf(preset)).filter(([name, value]) => !alike(value, now[name]));
  const fits = (preset) => !differing(preset).length;
  /** What it is made of, arrays and lists, is shown, with other settings. */
  const isBehind = (preset) =>
    differing(preset).every(([, value]) => typeof value !== "object") &&
    Object.values(settingsOf(preset)).some((value) => typeof value === "object");

  function show(settings) {
    now = settings;
    const match = last && fits(last) ? last : presets.find(fits);
    last = match ?? last ?? presets.find(isBehind);
    const text = last
      ? t("changed: {title}", { title: t(last.title) }) // first what a narrow menu must not cut off
      : ownText;
    setText(own, text);
    chosen.value = match?.name ?? OWN;
    return match;
  }
  return {
    element: chosen.element,
    show,
    /** What the menu says just now. */
    get text() {
      return chosen.select.selectedOptions[0].text;
    },
  };
}
