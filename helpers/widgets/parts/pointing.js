// Moving what is on a picture by keyboard and by dragging.

export const ARROWS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Let a canvas take the focus; onStep([rows, columns]) comes with every arrow key. */
export function arrowKeys(canvas, onStep) {
  canvas.tabIndex = 0;
  canvas.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    onStep(step);
  });
}

/**
 * What pictures.js's picture() asks about the pointer, for a picture that is taken hold of:
 * onGrab(place), then onDrag(place) until `watch(canvas)` sees it let go.
 */
export function dragging({ onGrab, onDrag }) {
  let held = false;
  const release = () => (held = false);
  return {
    pointing: {
      onPick: (place) => {
        held = true;
        onGrab(place);
      },
      onPoint: (place) => held && onDrag(place),
      onLeave: release,
    },
    watch(canvas) {
      const stage = canvas.parentElement;
      stage.style.cursor = "grab";
      stage.style.touchAction = "none"; // dragging it does not scroll the page
      stage.addEventListener("pointerup", release);
      stage.addEventListener("pointercancel", release);
    },
  };
}

/** For pictures that the pointer does nothing to. */
export const IDLE = { onPoint: () => {}, onPick: () => {}, onLeave: () => {} };
