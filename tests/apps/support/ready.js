// Fails with one sentence if the tests cannot run at all.
import { startBrowser } from "./browser.js";
import { startServer } from "./server.js";

try {
  const browser = await startBrowser();
  await browser.close();
  const server = await startServer();
  server.stop();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
