// The host's theme, language and size, applied to the document.

const DEFAULT_MAX_HEIGHT = 900;

export function applyContext({ theme, styles, locale, displayMode, containerDimensions = {}, safeAreaInsets }) {
  const root = document.documentElement;
  if (theme === "light" || theme === "dark") root.style.colorScheme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (name.startsWith("--") && typeof value === "string") root.style.setProperty(name, value);
  }
  if (locale) root.dataset.locale = locale;
  const fills = displayMode === "fullscreen" || containerDimensions.height !== undefined;
  root.dataset.fit = fills ? "fill" : "grow";
  const limit = Math.min(containerDimensions.maxHeight ?? DEFAULT_MAX_HEIGHT, DEFAULT_MAX_HEIGHT);
  root.style.setProperty("--max-height", `${limit}px`);
  for (const side of ["top", "right", "bottom", "left"]) {
    root.style.setProperty(`--inset-${side}`, `${safeAreaInsets?.[side] ?? 0}px`);
  }
}

/// Reports the size of the view's content whenever it changes.
export function watchSize(report) {
  const main = document.querySelector("main");
  let last = "";
  const measure = () => {
    const width = Math.ceil(document.documentElement.clientWidth);
    const height = Math.ceil(main.getBoundingClientRect().height);
    if (last === `${width} ${height}`) return;
    last = `${width} ${height}`;
    report({ width, height });
  };
  new ResizeObserver(() => requestAnimationFrame(measure)).observe(main);
  measure();
}
