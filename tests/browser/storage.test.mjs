// Launches in a frame whose cookies never come back: the LMS's page keeps a value for us, and a window of our own opens.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COURSES, PEOPLE, startBrowser, startSandbox, until, Visitor } from "./world.mjs";

let browser;
let sandbox;
let teacher;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowser(["--disable-features=PartitionedCookies"]), startSandbox()]);
  teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** Opens the course where the LMS keeps values as `mode` says; gives the tool's frame. */
async function openWith(mode) {
  const form = new URLSearchParams({ dialect: "plain", login: "post", storage: mode });
  await fetch(`${sandbox.lms}/settings`, { method: "POST", body: form, redirect: "manual" });
  await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
  return teacher.page.frameLocator("section iframe");
}

for (const mode of ["canvas", "brightspace", "blackboard", "sakai"]) {
  test(`as ${mode} keeps values, the tool opens in a window of its own`, async () => {
    const frame = await openWith(mode);
    await frame.locator("h1", { hasText: "Open in a new window" }).waitFor();
    assert.deepEqual(await teacher.context.cookies(sandbox.tool), [], "the frame kept no cookie");
    const [opened] = await Promise.all([
      teacher.context.waitForEvent("page"),
      frame.getByRole("button", { name: /Open in a new window/ }).click(),
    ]);
    await opened.waitForURL(`${sandbox.tool}/c/**`);
    await opened.locator("h1", { hasText: "Cell Biology Lab" }).waitFor();
    await opened.getByRole("link", { name: "History" }).click();
    await opened.locator("h1", { hasText: "History" }).waitFor();
    await opened.close();
    await teacher.context.clearCookies({ domain: "127.0.0.1" });
  });
}

for (const mode of ["silent", "absent", "elsewhere"]) {
  test(`a storage that is ${mode} leads to the page with the way back`, async () => {
    const frame = await openWith(mode);
    await frame.locator("h1", { hasText: "Your browser does not let us open here" }).waitFor();
    await until("it is on the page with the way back", () => frame.getByRole("link", { name: "Back to the course" }).isVisible());
    assert.deepEqual(await teacher.context.cookies(sandbox.tool), []);
  });
}

test("a storage that gives back another value opens nothing", async () => {
  const frame = await openWith("wrong-value");
  await frame.locator("code", { hasText: "launch-state" }).waitFor();
  assert.deepEqual(await teacher.context.cookies(sandbox.tool), []);
});
