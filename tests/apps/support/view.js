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
const PATIENCE = { timeout: 8_000, polling: 50 };

/** Opens a view in the plain host and shows it the result of a tool. */
export async function openView(browser, stage, options) {
  const { view, tool, args = {}, width = 1000, height = 700, context = {}, capabilities = CAPABILITIES } = options;
  const { page, problems } = await openPage(browser, `${stage.origin}/plain.html`, { width, height });
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

/** Opens a view in the host that is made of the reference implementation. */
export async function openInReference(browser, stage, { view, tool, args, context = {} }) {
  const { page, problems } = await openPage(browser, `${stage.origin}/reference.html`, { width: 1000, height: 700 });
  const { url, token } = stage.server;
  const html = process.env.AUTOTASK_VIEWS ? await stage.html(view) : undefined;
  const given = { url, token, tool, args, html, sandbox: stage.sandbox, context };
  const opened = await page.evaluate((given) => window.host.open(given), given);
  const frame = page.frames().find((each) => each.parentFrame()?.parentFrame() === page.mainFrame());
  return Object.assign(new View(page, frame, problems), { opened });
}

async function openPage(browser, url, viewport) {
  const page = await browser.newPage();
  await page.setViewport(viewport);
  const problems = watch(page);
  await page.evaluateOnNewDocument(pinClock, NOW);
  await page.evaluateOnNewDocument(nameElements);
  await page.goto(url);
  return { page, problems };
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
    // The client of the reference implementation requests a stream, which a stateless program does not have.
    const stream = line.location().url?.endsWith("/mcp");
    if (["error", "warn"].includes(line.type()) && !stream) problems.push(`console: ${line.text()}`);
  });
  page.on("request", (request) => {
    const inside = request.frame()?.parentFrame();
    if (inside && !request.isNavigationRequest() && !request.url().startsWith("data:")) {
      problems.push(`request: ${request.url()}`);
    }
    if (inside && request.isNavigationRequest() && !/\/view\/|\/sandbox\.html$/.test(request.url())) {
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

  /** No answer of the program is outstanding, and what came is shown. */
  async settle() {
    const shown = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await this.frame.evaluate(shown);
    await this.page.waitForFunction(() => window.host.seen.waiting === 0, PATIENCE);
    await this.frame.evaluate(shown);
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
    return this.frame.evaluate(() => window.words(document.body));
  }

  has(words) {
    const wanted = typeof words === "string" ? { text: words } : { pattern: words.source, flags: words.flags };
    return this.frame.waitForFunction(({ text, pattern, flags }) => {
      const all = window.words(document.body);
      return pattern ? new RegExp(pattern, flags).test(all) : all.includes(text);
    }, PATIENCE, wanted).catch(async () => assert.fail(`${words} is not in: ${(await this.text()).slice(0, 3000)}`));
  }

  /** The visible element with this role whose name matches, or one that appears soon. */
  async find(role, name, nth = 0) {
    const wanted = { role, pattern: name.source ?? `^${escape(name)}$`, flags: name.flags ?? "", nth };
    const found = await this.frame.waitForFunction(matching, PATIENCE, wanted).catch(() => undefined);
    if (!found) assert.fail(`no ${role} named ${name}; there are ${await this.names(role)}`);
    return found.asElement();
  }

  async count(role, name) {
    return (await this.names(role)).filter((each) => name.test(each)).length;
  }

  names(role) {
    return this.frame.evaluate((role) => window.named(role).map(([, name]) => name), role);
  }

  async click(role, name, options) {
    const element = await this.find(role, name);
    // Rows that come into view may move others.
    await element.scrollIntoView();
    await this.settle();
    await element.click(options);
    await this.settle();
  }

  /** Chooses an option by its words, of the `nth` select with this name. */
  async choose(name, option, nth = 0) {
    const element = await this.find("combobox", name, nth);
    const value = await element.evaluate((select, source) => {
      const words = new RegExp(source);
      return [...select.options].find((each) => words.test(each.text))?.value;
    }, option.source ?? `^${escape(option)}$`);
    assert.notEqual(value, undefined, `${name} has no option ${option}`);
    await element.select(value);
    await this.settle();
  }

  /** Replaces the words in a field. */
  async fill(name, words, role = name === "Search" ? "searchbox" : "textbox") {
    const element = await this.find(role, name, role === "combobox" ? "last" : 0);
    await element.click({ count: 3 });
    await element.press("Backspace");
    await element.type(words);
    await this.settle();
  }

  /** Width and height of the first picture, once it is loaded. */
  async picture() {
    const size = () => {
      const image = document.querySelector("canvas[role=img]");
      return image && [image.width, image.height];
    };
    return (await this.frame.waitForFunction(size, PATIENCE)).jsonValue();
  }

  /** Cells of the rows of data that are shown. */
  rows() {
    return this.frame.evaluate(() => [...document.querySelectorAll("tbody tr")]
      .filter((row) => row.checkVisibility())
      .map((row) => [...row.cells].map(window.words)));
  }

  async change(part) {
    await this.page.evaluate((part) => window.host.change(part), part);
    await this.settle();
  }

  send(method, params) {
    return this.page.evaluate((method, params) => window.host.send(method, params), method, params);
  }

  /** Nothing in the tenant's text ran or became markup. */
  async inert() {
    const ran = await this.frame.evaluate(() => [window.ran ?? 0, document.querySelectorAll("img:not([src^='data:']), svg[onload], body script:not([type])").length]);
    assert.deepEqual(ran, [0, 0]);
    assert.deepEqual(await this.seen("ran"), []);
  }

  back(role, name) {
    return this.tabTo(role, name, true);
  }

  /** Presses Tab until the element is reached, as a person without a mouse does. */
  async tabTo(role, name, backwards = false) {
    for (let presses = 0; presses < 200; presses += 1) {
      if (backwards) await this.page.keyboard.down("Shift");
      await this.page.keyboard.press("Tab");
      if (backwards) await this.page.keyboard.up("Shift");
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

function matching({ role, pattern, flags, nth }) {
  const name = new RegExp(pattern, flags);
  return window.named(role).filter(([, each]) => name.test(each)).at(nth === "last" ? -1 : nth)?.[0];
}

function focused({ role, pattern, flags }) {
  const active = document.activeElement;
  const found = window.named(role).find(([each]) => each === active);
  if (!found || !new RegExp(pattern, flags).test(found[1])) return false;
  const { outlineStyle, boxShadow } = getComputedStyle(active);
  if (outlineStyle === "none" && boxShadow === "none") throw new Error(`the focus on ${found[1]} cannot be seen`);
  return true;
}

/** Lets a test name elements as a screen reader does; axe-core checks that these names exist. */
function nameElements() {
  const roles = {
    button: "button, summary, [role=button]",
    checkbox: "input[type=checkbox]",
    combobox: "select, input[list]",
    searchbox: "input[type=search]",
    textbox: "textarea, input:not([type]), input[type=text]:not([list]), input[type=number], input[type=date], input[type=time]",
    heading: "h1, h2, h3",
    link: "a[href]",
    img: "img, svg[role=img], [role=img]",
    region: "[role=region]",
  };
  const name = (each) => each.getAttribute("aria-label") ?? each.labels?.[0]?.innerText ?? each.getAttribute("alt") ?? each.textContent;
  // Rows far below are not laid out, so that they have no innerText.
  window.words = (each) => {
    const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (data.trim() && parentElement.checkVisibility()) found.push(data.trim());
    }
    return found.join("\n");
  };
  window.named = (role) => [...document.querySelectorAll(roles[role])]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }))
    .map((each) => [each, name(each).replace(/\s+/g, " ").replace(/[ ↑↓▲▼]+$/, "").trim()]);
}
