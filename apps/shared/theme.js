// The host's theme and size, applied to the document.

const DEFAULT_MAX_HEIGHT = 900;

export function applyContext({ theme, styles, displayMode, containerDimensions = {} }) {
  const { dataset, style } = document.documentElement;
  if (theme) style.colorScheme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (name.startsWith("--")) style.setProperty(name, value);
  }
  dataset.fit = displayMode === "fullscreen" || containerDimensions.height ? "fill" : "grow";
  style.setProperty("--max-height", `${Math.min(containerDimensions.maxHeight ?? DEFAULT_MAX_HEIGHT, DEFAULT_MAX_HEIGHT)}px`);
}

/// Reports the size of the view's content whenever it changes.
export function watchSize(report) {
  const main = document.querySelector("main");
  let last;
  const measure = () => {
    const { width, height } = main.getBoundingClientRect();
    const size = { width: Math.ceil(width), height: Math.ceil(height) };
    if (last !== JSON.stringify(size)) report(size);
    last = JSON.stringify(size);
  };
  new ResizeObserver(() => requestAnimationFrame(measure)).observe(main);
  measure();
}
