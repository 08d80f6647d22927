// Browser, pages and program for the cases of one file.
import { after, before, beforeEach } from "node:test";
import { startBrowser } from "./browser.js";
import { startStage } from "./stage.js";
import { openView } from "./view.js";

/** Starts everything before the first case of a file and ends it after the last. */
export function setup(settings) {
  const scene = {};
  before(async () => {
    scene.browser = await startBrowser();
    scene.stage = await startStage(settings);
    scene.open = (options) => openView(scene.browser, scene.stage, options);
    scene.call = scene.stage.call;
  });
  beforeEach(() => {
    scene.stage.requests.length = 0;
    scene.stage.answer = () => undefined;
  });
  after(async () => {
    scene.stage?.stop();
    await scene.browser?.close();
  });
  return scene;
}

/** The record of a ticket as the tenant has it now. */
export async function ticket(scene, id) {
  const { content } = await scene.call("get-ticket", { id, include: ["notes", "timeEntries"] });
  return JSON.parse(content[0].text);
}

/** Calls of a tool that the program got from a view with a confirmation code. */
export function confirmed(scene, tool) {
  return scene.stage.requests.filter(({ params }) => params.name === tool && params.arguments.confirm);
}
