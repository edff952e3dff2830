// The tool registers itself in the demo LMS as its administrator sees it: in a frame that keeps no cookie, in a tab, and
// with invitations that serve no more.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { COURSES, PEOPLE, startBrowserWithoutFrameCookies, startSandbox, until, Visitor } from "./world.mjs";

let browser;
let sandbox;
let administrator;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowserWithoutFrameCookies(), startSandbox()]);
  administrator = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** A new registration address. */
async function invite(...more) {
  const networks = ["--allow-network", "localhost=127.0.0.0/8", "--allow-network", "localhost=::1/128"];
  const made = await sandbox.command("registration", "link", "--organisation", "Marlowe Polytechnic", ...networks, ...more);
  return made.url;
}

/** One whose time is over: invitations last an hour at least, so its end is moved. */
async function expired() {
  const address = await invite();
  const past = "UPDATE invitation SET expires_at = 1 WHERE registration_id IS NULL";
  const script = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1], timeout=10); d.execute(sys.argv[2]); d.commit()";
  await promisify(execFile)("python3", ["-c", script, `${sandbox.data}/badgebridge.db`, past]);
  return address;
}

/** Gives the address to the LMS, which opens it as `habit` says; the tool's page: a frame, or a tab. */
async function begin(address, habit) {
  const page = administrator.page;
  await page.goto(`${sandbox.lms}/register`);
  await page.getByLabel("The tool’s registration address").fill(address);
  await page.getByLabel("As this LMS does it").selectOption(habit);
  await page.getByRole("button", { name: "Add" }).click();
  if (habit !== "brightspace") return page.frameLocator("#registration");
  const [tab] = await Promise.all([
    administrator.context.waitForEvent("page"),
    page.getByRole("link", { name: "Open the tool’s registration page" }).click(),
  ]);
  return tab;
}

const see = (root, heading) => root.locator("h1", { hasText: heading }).waitFor();

/** Confirms on the tool's page and closes it; the registration's id. */
async function confirm(root, waits) {
  await see(root, "Connect this LMS to Badgebridge");
  const text = await root.locator("main").innerText();
  assert.ok(text.includes(sandbox.lms) && text.includes("Marlowe Polytechnic"), text);
  await root.getByRole("button", { name: "Register" }).click();
  await see(root, "Registered");
  const pending = root.getByText("ask the operator of Badgebridge to enable the registration");
  assert.equal(await pending.count(), waits ? 1 : 0);
  const id = await root.locator("main code").last().innerText();
  await root.getByRole("button", { name: "Close" }).click();
  await administrator.page.getByText("The tool’s page is closed.").waitFor();
  return id;
}

/** The LMS's administrator switches on what registered itself last; its client id. */
async function activate() {
  await administrator.page.goto(`${sandbox.lms}/register`);
  const row = administrator.page.locator("form", { has: administrator.page.getByRole("button", { name: "Activate" }) });
  const client = await row.locator("code").innerText();
  await row.getByRole("button", { name: "Activate" }).click();
  await administrator.page.locator("form", { hasText: client }).getByText("active").waitFor();
  return client;
}

/** Opens the tool through the registration, in a window. */
async function launch(client) {
  await administrator.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
  const [opened] = await Promise.all([
    administrator.context.waitForEvent("page"),
    administrator.page.getByRole("link", { name: `Open what registered itself as ${client}` }).click(),
  ]);
  await opened.locator("h1").waitFor();
  await opened.waitForLoadState();
  return opened;
}

/** Waits until launches of the registration reach the course's pages. */
async function lands(client) {
  await until("a launch reaches the course", async () => {
    const opened = await launch(client);
    const landed = await opened.waitForURL(`${sandbox.tool}/c/**`, { timeout: 2_000 }).then(
      () => true,
      () => false,
    );
    const role = landed && (await opened.locator("body").getAttribute("data-role"));
    await opened.close();
    return role === "staff";
  });
}

test("in a frame that keeps no cookie the tool registers, waits, is enabled and launches", async () => {
  const cookies = async () => (await administrator.context.cookies(sandbox.tool)).length;
  assert.equal(await cookies(), 0);
  const id = await confirm(await begin(await invite(), "moodle"), true);
  assert.equal(await cookies(), 0, "registering needed a cookie");
  const client = await activate();
  const refused = await launch(client);
  await refused.locator("code", { hasText: "registration_disabled" }).waitFor();
  await refused.close();
  await sandbox.command("registration", "enable", id);
  await lands(client);
});

test("in a tab of its own the tool registers without a token of the LMS", async () => {
  const id = await confirm(await begin(await invite(), "brightspace"), true);
  await sandbox.command("registration", "enable", id);
  await lands(await activate());
});

test("in a frame of an LMS with a token, and enabled beforehand, it launches at once", async () => {
  await confirm(await begin(await invite("--enable"), "canvas"), false);
  await lands(await activate());
});

test("an address that was used, has expired or was cut says so, and whom to ask", async () => {
  const used = await invite();
  await confirm(await begin(used, "moodle"), true);
  for (const [address, heading, remedy] of [
    [used, "This address was used before", "ask the operator of Badgebridge"],
    [await expired(), "This address has expired", "Ask the person who sent it, the operator of Badgebridge"],
    [used.slice(0, -3), "This address leads to no registration", "ask the person who sent it"],
  ]) {
    const root = await begin(address, "moodle");
    await see(root, heading);
    await root.getByText(remedy).waitFor();
    assert.equal(await root.getByRole("button", { name: "Register" }).count(), 0);
  }
});
