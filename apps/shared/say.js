export function say(text) {
  document.querySelector("main").textContent = text;
}
