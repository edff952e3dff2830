// Every page, in each language, light and dark, wide and narrow: no finding of axe-core, a sound outline, nothing that
// has to be scrolled sideways, no failed request and no complaint on the console.
//
// With BADGEBRIDGE_SCREENSHOTS=folder each sample is also kept as pictures to look at.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { NOT_PAGES, prepareWorld, routes, samples } from "./samples.mjs";
import { startBrowser, startSandbox } from "./world.mjs";

const SHOTS = process.env.BADGEBRIDGE_SCREENSHOTS;
const AXE = {
  runOnly: {
    type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
  },
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations"],
};

describe("every page", () => {
  let sandbox;
  let browser;
  let world;
  let axe;

  before(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    if (SHOTS) await mkdir(SHOTS, { recursive: true });
    sandbox = await startSandbox();
    browser = await startBrowser();
    world = await prepareWorld(browser, sandbox);
  });

  after(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  test("every route of the router has a sample, or a reason why it is no page", async () => {
    const known = await routes();
    const ids = new Proxy({}, { get: () => "id" });
    const shown = new Set([...samples(ids).map((sample) => sample.route), ...Object.keys(NOT_PAGES)]);
    assert.ok(known.length > 20, `the router could not be read: ${known}`);
    assert.deepEqual(known.filter((route) => !shown.has(route)), [], "routes without a sample");
    assert.deepEqual([...shown].filter((route) => !known.includes(route)), [], "samples of routes that are gone");
  });

  for (const language of ["en", "fr", "fi"]) {
    test(`in ${language}`, async (context) => {
      await speak(language);
      for (const sample of samples(world.ids)) {
        await context.test(`${sample.route}${sample.what && `, ${sample.what}`}`, async () => {
          assert.deepEqual(await findings(sample, language), []);
        });
      }
    });
  }

  /** Sets the language of everybody, by the form in the foot of each page and by what the browser asks for. */
  async function speak(language) {
    for (const tool of Object.values(world).filter((one) => one.visitor)) {
      await tool.visitor.context.setExtraHTTPHeaders({ "Accept-Language": language });
      tool.kept ??= tool.base();
      await tool.visitor.page.goto(`${tool.kept}/preferences`);
      await tool.root.locator(`main input[name=language][value=${language}]`).check({ force: true });
      await tool.root.locator("main .btn.main").click();
      await tool.root.locator(`html[lang=${language}]`).waitFor();
    }
  }

  async function findings(sample, language) {
    const tool = world[sample.who ?? "teacher"];
    const page = tool.visitor.page;
    const found = [];
    const note = (text) => found.push(text);
    const answered = (answer) => {
      const isPage = answer.request().isNavigationRequest();
      if (!isPage && answer.status() >= 400) note(`${answer.status()} ${answer.url()}`);
      if (isPage && answer.status() >= 500) note(`${answer.status()} ${answer.url()}`);
    };
    const said = (message) => {
      const isStatus = /Failed to load resource/.test(message.text());
      if (message.type() === "error" && !isStatus) note(`console: ${message.text()}`);
    };
    const base = tool.kept;
    page.on("response", answered).on("console", said).on("pageerror", said);
    try {
      await page.setViewportSize({ width: 1000, height: 900 });
      await page.goto(sample.origin ? sandbox.tool + sample.origin : base + sample.rest);
      if (sample.act) {
        await sample.act(tool);
        await page.waitForLoadState("load");
      }
      await page.evaluate(axe);
      for (const problem of await page.evaluate(outline, language)) note(problem);
      for (const width of [1000, 320]) {
        await page.setViewportSize({ width, height: 900 });
        // colours are the same in every language: the third is scanned where it is narrow
        const themes = language !== "fi" ? ["light", "dark"] : width === 320 ? ["light"] : [];
        for (const theme of themes) {
          await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
          for (const problem of await page.evaluate(scan, AXE)) note(`${width} ${theme}: ${problem}`);
        }
        const wide = await page.evaluate(overflow);
        if (wide) note(`${width}: ${wide}`);
      }
      if (SHOTS) await shoot(page, `${language} ${sample.route} ${sample.what}`);
      for (const problem of await stretched(page)) note(problem);
    } finally {
      page.off("response", answered).off("console", said).off("pageerror", said);
    }
    return found;
  }

  async function shoot(page, name) {
    const file = name.replace(/\/c\/\{seat\}/, "course").replaceAll(/[^\w-]+/g, "-");
    for (const [width, theme] of [[1000, "light"], [1000, "dark"], [360, "light"], [360, "dark"]]) {
      await page.setViewportSize({ width, height: 700 });
      await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
      await page.screenshot({ path: path.join(SHOTS, `${file}-${width}-${theme}.png`), fullPage: true });
    }
  }

  /** Right to left, magnified twice, and the text spacing of WCAG 1.4.12: still nothing sticks out. */
  async function stretched(page) {
    const found = [];
    const tries = [
      ["right to left", 320, () => (document.documentElement.dir = "rtl")],
      ["magnified twice", 500, () => {}],
      [
        "wide spacing",
        320,
        () => {
          for (const one of document.querySelectorAll("body, body *")) {
            Object.assign(one.style, { lineHeight: "1.5", letterSpacing: ".12em", wordSpacing: ".16em" });
          }
        },
      ],
    ];
    for (const [name, width, change] of tries) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(change);
      const wide = await page.evaluate(overflow);
      if (wide) found.push(`${name} at ${width}: ${wide}`);
      await page.evaluate(() => {
        for (const one of document.querySelectorAll("[style]")) one.removeAttribute("style");
        document.documentElement.dir = "ltr";
      });
    }
    return found;
  }
});

// What follows runs in the page.

async function scan(options) {
  const { violations } = await window.axe.run(document, options);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id} (${help}): ${node.target.join(" ")} ${node.failureSummary.split("\n").at(1)?.trim()}`),
  );
}

function overflow() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return undefined;
  const outside = [...document.querySelectorAll("body *")].filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    return width > 1 && (right > clientWidth + 1 || left < -1);
  });
  const names = outside.map((one) => `${one.localName}.${one.className?.baseVal ?? one.className}`);
  return `${scrollWidth - clientWidth} px too wide: ${names.slice(-3).join(", ")}`;
}

function outline(language) {
  const found = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const root = document.documentElement;
  if (root.lang !== language) found.push(`lang is ${root.lang}`);
  if (root.dir !== "ltr") found.push(`dir is ${root.dir}`);
  if (all("h1").length !== 1) found.push(`${all("h1").length} h1`);
  const title = document.title.replace(/^(Error: |Erreur\s?: |Virhe: )/, "");
  const heading = document.querySelector("h1")?.textContent.trim() ?? "";
  if (!title.startsWith(heading)) found.push(`the title "${title}" does not start with "${heading}"`);
  const ids = all("[id]").map((one) => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`id ${id} is there twice`);
  for (const name of ["for", "aria-labelledby", "aria-describedby"]) {
    for (const one of all(`[${name}]`)) {
      for (const id of one.getAttribute(name).split(/\s+/)) {
        if (!ids.includes(id)) found.push(`${name}="${id}" leads nowhere`);
      }
    }
  }
  if (all("[style]").length > 0) found.push("style attributes");
  const words = document.body.innerText.match(/\b[a-z]+(-[a-z0-9]+)+\b/g) ?? [];
  for (const word of words.filter((word) => /^(err|my|home|order|col|did|means|needs|people|check)-/.test(word))) {
    found.push(`perhaps a missing text: ${word}`);
  }
  return found;
}
