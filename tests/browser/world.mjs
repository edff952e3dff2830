// What the browser tests work with: the real program's sandbox, and a Chromium that blocks third-party cookies.

import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const here = path.dirname(fileURLToPath(import.meta.url));

/** The program under test: the variable that `scripts/test` sets, or the usual place of a test build. */
export const BINARY = process.env.BADGEBRIDGE_TEST_BINARY ?? path.resolve(here, "../../target/ci/badgebridge");

/** How long a condition may take to become true, in milliseconds. */
export const PATIENCE = 20_000;

/** Waits until `probe` gives something true, and gives that. A probe that throws is not true yet. */
export async function until(what, probe, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (let last; ; ) {
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${patience} ms in vain: ${what} (last: ${last})`);
    await pause(50);
  }
}

/** Starts the sandbox on free ports with data of its own; gives its addresses and `stop`. */
export async function startSandbox() {
  const data = await mkdtemp(path.join(tmpdir(), "badgebridge-browser-"));
  const child = spawn(BINARY, ["sandbox", "--port", "0", "--data-dir", data], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let ended;
  const over = new Promise((resolve) => {
    child.once("error", (error) => resolve((ended = `it did not start: ${error.message}`)));
    child.once("exit", (code, signal) => resolve((ended = `it ended with ${code ?? signal}`)));
  });
  child.stdout.on("data", (bytes) => (said += bytes));
  child.stderr.on("data", (bytes) => (said += bytes));
  const address = (label) => said.match(new RegExp(`${label}:\\s+(http://\\S+?)/?\\s`))?.[1];
  const stop = async () => {
    const kill = setTimeout(() => child.kill("SIGKILL"), 25_000);
    child.kill("SIGTERM");
    await over;
    clearTimeout(kill);
    await rm(data, { recursive: true, force: true });
  };
  try {
    await until("the sandbox prints its addresses", () => ended ?? (/Administration, once:\s+\S+\s/.test(said) && address("The tool itself")), 60_000);
    if (ended) throw new Error(`${BINARY}: ${ended}\n${said}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    lms: address("Open this first"),
    factory: address("Learners' mailboxes"),
    tool: address("The tool itself"),
    data,
    operator: said.match(/Administration, once:\s+(http:\/\/\S+)/)?.[1],
    said: () => said,
    stop,
    /** Runs a command of the program on the sandbox's own data, as its operator would; gives its JSON. */
    command: async (...words) => {
      const env = { ...process.env, BADGEBRIDGE_DATA_DIR: data, BADGEBRIDGE_PUBLIC_URL: address("The tool itself") };
      const { stdout } = await promisify(execFile)(BINARY, [...words, "--json"], { env });
      return JSON.parse(stdout);
    },
  };
}

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--test-third-party-cookie-phaseout",
];

/** A Chromium whose contexts block third-party cookies. */
export function startBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/**
 * A Chromium with one context, in which frames of the tool inside the LMS keep no cookie at all, partitioned ones
 * included: there is no switch for that, but a site setting, as a person can make it.
 *
 * Its frames share a process with the page around them. A frame that goes from the tool to the LMS and back within a few
 * milliseconds, as launches with storage do, changes its process twice, and playwright then now and then loses it: the
 * page is there for a person, but not for the test. What is kept and blocked does not depend on it.
 */
export async function startBrowserWithoutFrameCookies() {
  const data = await mkdtemp(path.join(tmpdir(), "badgebridge-profile-"));
  await mkdir(path.join(data, "Default"));
  const cookies = { "http://127.0.0.1:*,http://localhost:*": { setting: 2 } };
  const preferences = { profile: { content_settings: { exceptions: { cookies } } } };
  await writeFile(path.join(data, "Default", "Preferences"), JSON.stringify(preferences));
  const args = [...ARGUMENTS, "--disable-site-isolation-trials"];
  const context = await chromium.launchPersistentContext(data, { executablePath: CHROMIUM, args });
  const close = async () => {
    await context.close();
    await rm(data, { recursive: true, force: true });
  };
  return { newContext: async () => context, close };
}

/** The people of the demo LMS whom the tests name. */
export const PEOPLE = {
  administrator: "2",
  teacher: "3",
  frenchTeacher: "4",
  assistant: "5",
  ada: "6",
  bjorn: "7",
  noa: "9",
  mei: "11",
  chloe: "13",
  ngozi: "15",
  nomail: "18",
  testStudent: "19",
};

/** The courses of the demo LMS. */
export const COURSES = { biology: "2", safety: "3" };

/** Somebody at a browser of their own, signed in to the demo LMS. */
export class Visitor {
  constructor(sandbox, context, page) {
    Object.assign(this, { sandbox, context, page });
  }

  /** Signs in; `options` are those of a browser context (`javaScriptEnabled`, `viewport`, `colorScheme` …). */
  static async signIn(browser, sandbox, person, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    await page.goto(sandbox.lms);
    await page.locator(`button[name=person][value="${person}"]`).click();
    await page.waitForURL(`${sandbox.lms}/courses`);
    const visitor = new Visitor(sandbox, context, page);
    visitor.hasScript = options.javaScriptEnabled !== false;
    return visitor;
  }

  /** Opens a course by its link and waits for the tool inside its frame, which is given. */
  async open(course) {
    await this.page.goto(`${this.sandbox.lms}/courses`);
    await this.page.locator(`a[href="/course/${course}"]`).click();
    await this.page.waitForURL(`${this.sandbox.lms}/course/${course}`);
    return this.arrive();
  }

  /** Waits for the tool inside the frame of the course page that is open. */
  async arrive() {
    const tool = new Tool(this.page.frameLocator("iframe"), () => frameOf(this.page));
    if (!this.hasScript) {
      for (const title of ["Opening Badges", "Back to the tool"]) {
        await tool.see(title);
        await tool.root.getByRole("button", { name: "Continue" }).click();
      }
    }
    await until("the tool is in the frame", () => tool.address().startsWith(`${this.sandbox.tool}/c/`));
    await tool.root.locator("h1").waitFor();
    return tool;
  }

  /** A further page of the same browser. */
  async tab() {
    const page = await this.context.newPage();
    const visitor = new Visitor(this.sandbox, this.context, page);
    visitor.hasScript = this.hasScript;
    return visitor;
  }

  close() {
    return this.context.close();
  }
}

function frameOf(page) {
  const [, frame] = page.frames();
  if (!frame) throw new Error("the page has no frame");
  return frame;
}

/** The tool as one person sees it: inside a frame, or as a page of its own. */
export class Tool {
  constructor(root, frame) {
    Object.assign(this, { root, frame });
  }

  /** The tool in a window of its own. */
  static inWindow(page) {
    return new Tool(page, () => page.mainFrame());
  }

  address() {
    return this.frame().url();
  }

  /** The address of the course's pages: `…/c/{seat}`. */
  base() {
    return this.address().match(/^.*?\/c\/[^/?#]+/)[0];
  }

  /** Waits for the page with this heading. */
  async see(heading) {
    await this.root.locator("h1").filter({ hasText: heading }).first().waitFor();
  }

  /** The text of the main part. */
  text() {
    return this.root.locator("main").innerText();
  }

  /** Goes to an address below the course's. */
  async go(rest) {
    const base = this.base();
    await this.frame().goto(base + rest);
    return this.text();
  }

  link(name) {
    return this.root.getByRole("link", { name });
  }

  button(name) {
    return this.root.getByRole("button", { name });
  }

  /** Opens home again until the badges were read from the Factory. */
  async home() {
    return until("home shows the badges", async () => {
      const text = await this.go("");
      return (await this.root.locator("a.btn.main").count()) > 0 && text;
    });
  }
}

/** How many mails about the badge are in the mailbox of `address`. */
export async function letters(sandbox, address, badge) {
  const answer = await fetch(`${sandbox.factory}/?to=${encodeURIComponent(address)}`);
  const page = await answer.text();
  return page.split("<article").slice(1).filter((letter) => letter.includes(`· badge ${badge}`)).length;
}

/** Lets the simulated Factory misbehave by its own page's form; `fault` is the label on that page. */
export async function misbehave(browser, sandbox, { fault, aim = "any", times = 0, span = 3000 }) {
  const page = await browser.newPage();
  await page.goto(`${sandbox.factory}/misbehave`);
  const form = page.locator("form", { has: page.getByRole("button", { name: "Plan it" }) });
  await form.locator("[name=fault]").selectOption({ label: fault });
  await form.locator("[name=aim]").selectOption(aim);
  await form.locator("[name=times]").fill(String(times));
  await form.locator("[name=span]").fill(String(span));
  await form.getByRole("button").click();
  await page.getByText("Nothing is planned.").waitFor({ state: "detached" });
  await page.close();
}

/** The simulated Factory behaves again. */
export async function behave(browser, sandbox) {
  const page = await browser.newPage();
  await page.goto(`${sandbox.factory}/misbehave`);
  await page.getByRole("button", { name: "Behave again" }).click();
  await page.getByText("Nothing is planned.").waitFor();
  await page.close();
}
