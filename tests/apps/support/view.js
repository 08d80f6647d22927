// One view in a host: what a person sees and does there, and what the host and the network saw of it.
import assert from "node:assert/strict";

const CAPABILITIES = {
  openLinks: {},
  downloadFile: {},
  serverTools: {},
  serverResources: {},
  logging: {},
  updateModelContext: { text: {} },
  message: { text: {} },
};
/** The clock of the browser agrees with the tenant's. */
export const NOW = Date.parse("2026-06-30T15:00:00Z");
const PATIENCE = { timeout: 10_000, polling: 50 };

/** Opens a view in the plain host and shows it the result of a tool. */
export async function openView(browser, stage, options) {
  const { view, tool, args = {}, width = 1000, height = 700, context = {}, capabilities = CAPABILITIES } = options;
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  const problems = watch(page);
  await page.evaluateOnNewDocument(pinClock, NOW);
  await page.goto(`${stage.origin}/plain.html`);
  const shown = { theme: "light", locale: "en-US", timeZone: "America/New_York", displayMode: "inline", ...context };
  const containerDimensions = { width, maxHeight: 2000 };
  const start = { view, height, capabilities, context: { ...shown, containerDimensions, ...toolInfo(tool) } };
  await page.evaluate((start) => window.host.open(start), start);
  const frame = page.frames().find((each) => each.parentFrame() === page.mainFrame());
  const opened = new View(page, frame, problems);
  if (options.waiting) return opened;
  const result = options.result ?? (await stage.call(tool, args));
  await opened.show(args, result);
  return opened;
}

/** The tool that a host names to the view. */
function toolInfo(name) {
  return name ? { toolInfo: { tool: { name, inputSchema: { type: "object" } } } } : {};
}

function pinClock(now) {
  const Actual = Date;
  window.Date = class extends Actual {
    constructor(...parts) {
      super(...(parts.length ? parts : [now]));
    }
    static now() {
      return now;
    }
  };
}

/** Everything that a view must never cause. */
function watch(page) {
  const problems = [];
  page.on("pageerror", (error) => problems.push(`error: ${error?.stack ?? error}`));
  page.on("dialog", (dialog) => (problems.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("popup", () => problems.push("a window was opened"));
  page.on("console", (line) => {
    if (["error", "warn"].includes(line.type())) problems.push(`console: ${line.text()}`);
  });
  page.on("request", (request) => {
    const inside = request.frame()?.parentFrame();
    if (inside && !request.isNavigationRequest() && !request.url().startsWith("data:")) {
      problems.push(`request: ${request.url()}`);
    }
    if (inside && request.isNavigationRequest() && !request.url().includes("/view/")) {
      problems.push(`navigation: ${request.url()}`);
    }
  });
  return problems;
}

class View {
  constructor(page, frame, problems) {
    Object.assign(this, { page, frame, problems });
  }

  async show(args, result) {
    await this.page.evaluate((args, result) => window.host.show(args, result), args, result);
    await this.settle();
  }

  /** Two frames, and no answer of the program outstanding. */
  async settle() {
    await this.page.waitForFunction(() => window.host.seen.waiting === 0, PATIENCE);
    await this.frame.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** Messages of one method that the view sent. */
  async seen(method) {
    const all = await this.page.evaluate(() => [...window.host.seen]);
    return all.filter((message) => message.method === method).map(({ params }) => params);
  }

  /** Tools that the view called, with their arguments. */
  async calls(name) {
    const calls = await this.seen("tools/call");
    return calls.filter((call) => !name || call.name === name).map((call) => call.arguments);
  }

  text() {
    return this.frame.evaluate(() => document.body.innerText);
  }

  has(words) {
    const wanted = typeof words === "string" ? { text: words } : { pattern: words.source, flags: words.flags };
    return this.frame.waitForFunction(({ text, pattern, flags }) => {
      const all = document.body.innerText;
      return pattern ? new RegExp(pattern, flags).test(all) : all.includes(text);
    }, PATIENCE, wanted).catch(async () => assert.fail(`${words} is not in:\n${await this.text()}`));
  }

  /** The visible element with this role whose name matches, or one that appears soon. */
  async find(role, name) {
    const wanted = { role, pattern: name.source ?? `^${escape(name)}$`, flags: name.flags ?? "" };
    const found = await this.frame.waitForFunction(matching, PATIENCE, wanted).catch(() => undefined);
    if (!found) assert.fail(`no ${role} named ${name}; there are ${await this.names(role)}`);
    return found.asElement();
  }

  async count(role, name) {
    return (await this.names(role)).filter((each) => name.test(each)).length;
  }

  names(role) {
    return this.frame.evaluate((role) => [...document.querySelectorAll("*")]
      .filter((each) => each.computedRole === role && each.checkVisibility())
      .map((each) => each.computedName), role);
  }

  async click(role, name, options) {
    const element = await this.find(role, name);
    await element.click(options);
    await this.settle();
  }

  /** Chooses an option of a select by its words. */
  async choose(name, option) {
    const element = await this.find("combobox", name);
    const value = await element.evaluate((select, source) => {
      const words = new RegExp(source);
      return [...select.options].find((each) => words.test(each.text))?.value;
    }, option.source ?? `^${escape(option)}$`);
    assert.notEqual(value, undefined, `${name} has no option ${option}`);
    await element.select(value);
    await this.settle();
  }

  async type(name, words) {
    const element = await this.find("textbox", name);
    await element.click({ count: 3 });
    await element.type(words);
    await this.settle();
  }

  /** Cells of the rows of data that are shown. */
  rows() {
    return this.frame.evaluate(() => [...document.querySelectorAll("tbody tr")]
      .filter((row) => row.checkVisibility())
      .map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
  }

  async change(part) {
    await this.page.evaluate((part) => window.host.change(part), part);
    await this.settle();
  }

  /** Presses Tab till the element is reached, as a person without a mouse does. */
  async tabTo(role, name) {
    for (let presses = 0; presses < 200; presses += 1) {
      await this.page.keyboard.press("Tab");
      if (await this.frame.evaluate(focused, { role, pattern: name.source ?? `^${escape(name)}$`, flags: name.flags ?? "" })) return;
    }
    assert.fail(`Tab does not reach a ${role} named ${name}`);
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
    await this.settle();
  }

  /** Nothing went wrong that a person would not see; ends the view. */
  async close() {
    const problems = [...this.problems];
    await this.page.close();
    assert.deepEqual(problems, []);
  }
}

function escape(words) {
  return words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function matching({ role, pattern, flags }) {
  const name = new RegExp(pattern, flags);
  return [...document.querySelectorAll("*")].find(
    (each) => each.computedRole === role && each.checkVisibility() && name.test(each.computedName),
  );
}

function focused({ role, pattern, flags }) {
  const active = document.activeElement;
  if (active?.computedRole !== role || !new RegExp(pattern, flags).test(active.computedName)) return false;
  const { outlineStyle, boxShadow } = getComputedStyle(active);
  if (outlineStyle === "none" && boxShadow === "none") throw new Error(`the focus on ${active.computedName} cannot be seen`);
  return true;
}
