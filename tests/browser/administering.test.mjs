// Signing in and setting up as an operator; the list of people read again, and an LMS looked after, inside the LMS's frame.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readRoster } from "./steps.mjs";
import { COURSES, PEOPLE, startBrowser, startSandbox, until, Visitor } from "./world.mjs";

let browser;
let sandbox;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowser(), startSandbox()]);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** A fresh API key of the simulated Factory, for the client that is no organisation here yet, and the Factory's address. */
async function apiKey(page) {
  await page.goto(`${sandbox.factory}/keys`);
  const client = page.locator("select[name=client] option", { hasText: "Fernhill" });
  await page.locator("select[name=client]").selectOption(await client.getAttribute("value"));
  await page.getByRole("button", { name: "Generate an API key" }).click();
  const key = await page.locator("textarea.key").inputValue();
  return { key, address: await page.locator("p code").first().innerText() };
}

test("a printed link signs an operator in once, who sets an organisation up with the keyboard at hand", async () => {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  const see = (heading) => page.locator("h1", { hasText: heading }).waitFor();
  const { key, address } = await apiKey(page);
  await page.goto(sandbox.operator);
  await see("Sign in to Badgebridge");
  await page.getByRole("button", { name: "Sign in" }).press("Enter");
  await see("This installation");

  await page.goto(`${sandbox.tool}/operator/organisations`);
  await page.getByLabel("Name of the new organisation").fill("Fernhill College");
  await page.keyboard.press("Enter");
  await see("Set up Badgebridge");
  assert.match(await page.locator("main").innerText(), /0 of 5 steps done/);

  // connecting, with one mistake
  await page.getByRole("link", { name: "Connect Badge Factory" }).press("Enter");
  await page.getByLabel("Another address").first().fill(address);
  await page.getByRole("button", { name: "Connect", exact: true }).press("Enter");
  await page.locator("#errors").waitFor();
  assert.match(await page.title(), /^Error: /);
  await page.getByLabel("Another address").first().fill(address);
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Connect", exact: true }).press("Enter");
  await until("the Factory answers", async () => {
    await page.goto(`${sandbox.tool}/admin/factory`);
    return /Connected\. The Factory answers\./.test(await page.locator("main").innerText());
  });

  // an LMS: which one, then the shortest way
  await page.goto(`${sandbox.tool}/admin/lms/new`);
  await page.getByRole("link", { name: "Moodle" }).press("Enter");
  await page.getByRole("button", { name: "Make a link" }).press("Enter");
  assert.match(await page.getByLabel("Registration link").inputValue(), /\/lti\/register\//);

  // disconnected again, after the name was typed
  await page.goto(`${sandbox.tool}/admin/factory`);
  await page.getByRole("link", { name: "Disconnect" }).press("Enter");
  await page.getByLabel("Type the organisation’s name").fill("fernhill");
  await page.getByRole("button", { name: "Disconnect" }).press("Enter");
  await page.locator("#errors").waitFor();
  await page.getByLabel("Type the organisation’s name").fill("Fernhill College");
  await page.getByRole("button", { name: "Disconnect" }).press("Enter");
  await page.getByText("Disconnected. What waits goes out").waitFor();

  const stranger = await browser.newContext();
  const late = await stranger.newPage();
  await late.goto(sandbox.operator);
  const sign = late.getByRole("button", { name: "Sign in" });
  if ((await sign.count()) > 0) await sign.click();
  await late.locator("h1", { hasText: "does not work any more" }).waitFor();
  await Promise.all([context.close(), stranger.close()]);
});

test("in the frame a teacher has the list of people read again", async () => {
  const teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
  const tool = await teacher.open(COURSES.biology);
  await tool.home();
  await tool.root.locator("a.btn.main").click();
  await tool.see("Which badge?");
  const badge = tool.root.getByRole("radio", { name: "Lab Safety" });
  // the page may be drawn anew while the first reading of badges ends
  await until("it is chosen", async () => (await badge.check({ force: true }).catch(() => {}), badge.isChecked()));
  await tool.button("Continue").click();
  await tool.see("Who gets this badge?");
  await readRoster(tool);
  await tool.button("Read again").click();
  await until("it was asked for", async () => /being read/.test(await tool.text()));
  await readRoster(tool);
  await teacher.close();
});

test("in the frame an administrator of the LMS looks after it, and after nothing else", async () => {
  const administrator = await Visitor.signIn(browser, sandbox, PEOPLE.administrator);
  const tool = await administrator.open(COURSES.biology);
  // the demo LMS's administrators arrive as teachers, too, as Moodle's do
  await tool.root.locator("nav").getByRole("link", { name: "LMS" }).click();
  await until("the LMS's page is open", () => tool.address().endsWith("/lms"));
  await tool.root.locator("#name").fill("Our campus");
  await tool.button("Save").click();
  await tool.root.getByText("Saved.").waitFor();
  await tool.see("Our campus");
  await tool.link("Deployments waiting").click();
  await tool.see("Deployments waiting");
  await tool.root.locator("nav").getByRole("link", { name: "Feeds" }).click();
  await tool.see("Feeds");
  // and no page of the administration
  await administrator.page.goto(`${sandbox.tool}/admin`);
  await administrator.page.locator("h1", { hasText: "Sign in first" }).waitFor();
  await administrator.close();
});
