// Launches in a frame whose cookies never come back: the LMS's page keeps a value for us, and a window of our own opens.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COURSES, PEOPLE, startBrowserWithoutFrameCookies, startSandbox, until, Visitor } from "./world.mjs";

let browser;
let sandbox;
let teacher;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowserWithoutFrameCookies(), startSandbox()]);
  await keep("canvas");
  teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** Who keeps values for the tool from now on. */
async function keep(mode) {
  const form = new URLSearchParams({ dialect: "plain", login: "post", storage: mode });
  await fetch(`${sandbox.lms}/settings`, { method: "POST", body: form, redirect: "manual" });
}

/** The tool's cookies beside those of its own windows. */
async function frameCookies() {
  const all = await teacher.context.cookies(sandbox.tool);
  return all.filter((cookie) => cookie.partitionKey !== "http://127.0.0.1");
}

/** Opens the course where the LMS keeps values as `mode` says; gives the tool's frame. */
async function openWith(mode) {
  await keep(mode);
  await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
  return teacher.page.frameLocator("section iframe");
}

for (const mode of ["canvas", "brightspace", "blackboard", "sakai"]) {
  test(`as ${mode} keeps values, the tool opens in a window of its own`, async () => {
    const frame = await openWith(mode);
    await frame.locator("h1", { hasText: "Open in a new window" }).waitFor();
    assert.deepEqual(await frameCookies(), [], "the frame kept no cookie");
    const [opened] = await Promise.all([
      teacher.context.waitForEvent("page"),
      frame.getByRole("button", { name: /Open in a new window/ }).click(),
    ]);
    await opened.waitForURL(`${sandbox.tool}/c/**`);
    await opened.locator("h1", { hasText: "Badges in this course" }).waitFor();
    await opened.getByRole("link", { name: "History" }).click();
    await opened.locator("h1", { hasText: "History" }).waitFor();
    await opened.close();
  });
}

for (const mode of ["silent", "absent", "elsewhere"]) {
  test(`a storage that is ${mode} leads to the page with the way back`, async () => {
    const frame = await openWith(mode);
    await frame.locator("h1", { hasText: "Your browser does not let us open here" }).waitFor();
    await until("it is on the page with the way back", () => frame.getByRole("link", { name: "Back to the course" }).isVisible());
    assert.deepEqual(await frameCookies(), []);
  });
}

test("a storage that is still loading when the tool asks is asked again", async () => {
  const asks = () => teacher.page.frames().some((frame) => frame.url().startsWith(`${sandbox.tool}/lti/login`));
  await teacher.page.route("**/storage-frame/*", async (route) => {
    await until("the tool has begun", asks);
    await route.continue();
  });
  const frame = await openWith("canvas");
  await frame.locator("h1", { hasText: "Open in a new window" }).waitFor();
  await teacher.page.unroute("**/storage-frame/*");
});

test("a storage that gives back another value opens nothing", async () => {
  const frame = await openWith("wrong-value");
  await frame.locator("code", { hasText: "launch-state" }).waitFor();
  assert.deepEqual(await frameCookies(), []);
});
