// Texts in the language of the page.

/**
 * A text, with {name} replaced by values.name. Where the page has another language's text for
 * it, in `handsOnConvnetsTexts` by the English one, that is taken.
 */
export function t(text, values = {}) {
  const words = globalThis.handsOnConvnetsTexts?.[text] ?? text;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
