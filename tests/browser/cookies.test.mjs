// The ground that the other tests stand on: this browser blocks third-party cookies, and partitioned ones come back.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startBrowser, until } from "./world.mjs";

let browser;
let server;
let port;
const seen = [];

before(async () => {
  browser = await startBrowser();
  server = createServer((request, answer) => {
    const address = new URL(request.url, "http://any");
    answer.setHeader("Content-Type", "text/html");
    if (address.pathname === "/outer") {
      answer.end(`<!doctype html><title>Outer</title><iframe src="http://127.0.0.1:${port}/set"></iframe>`);
    } else if (address.pathname === "/set") {
      answer.setHeader("Set-Cookie", [
        "loose=1; Path=/; Secure; SameSite=None",
        "__Host-parted=1; Path=/; Secure; SameSite=None; Partitioned",
      ]);
      answer.end('<!doctype html><title>Set</title><a href="/back">back</a>');
    } else {
      seen.push(request.headers.cookie ?? "");
      answer.end("<!doctype html><title>Back</title><p>back</p>");
    }
  });
  await new Promise((resolve) => server.listen(0, resolve));
  port = server.address().port;
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

/** The cookies that came back to a page which had set both. */
async function returned(address, within) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address);
  const before = seen.length;
  await within(page).getByRole("link", { name: "back" }).click();
  await until("the cookies came back", () => seen.length > before);
  await context.close();
  return seen.at(-1);
}

test("a page of another site in a frame keeps only its partitioned cookies", async () => {
  const framed = await returned(`http://localhost:${port}/outer`, (page) => page.frameLocator("iframe"));
  assert.match(framed, /__Host-parted=1/);
  assert.doesNotMatch(framed, /loose/, "third-party cookies are not blocked: the other tests would prove nothing");
});

test("the same page in a window of its own keeps both", async () => {
  const alone = await returned(`http://127.0.0.1:${port}/set`, (page) => page);
  assert.match(alone, /__Host-parted=1/);
  assert.match(alone, /loose=1/);
});
