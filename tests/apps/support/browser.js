// Chromium, without a window.
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts the browser, or fails with what is missing. */
export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!executablePath || !existsSync(executablePath)) {
    throw new Error("Chromium is not installed: install the package chromium, or set CHROMIUM to its path.");
  }
  const args = ["--disable-dev-shm-usage", "--hide-scrollbars"];
  const pictures = ["--disable-gpu", "--font-render-hinting=none", "--force-color-profile=srgb", "--lang=en-US"];
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return puppeteer.launch({ executablePath, headless: true, args: [...args, ...pictures, ...root] });
}
