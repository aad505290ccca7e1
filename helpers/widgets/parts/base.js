// Everything by its old name, until each explorer imports from the rooms themselves.

export * from "./controls.js";
export * from "./elements.js";
export * from "./numbers.js";
export * from "./photos.js";
export * from "./pictures.js";
export * from "./state.js";
export { explorer } from "./old_layout.js";
