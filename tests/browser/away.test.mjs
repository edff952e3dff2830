// The Factory is away or silent: orders wait, the pages say so, nothing is lost, and no page is slow.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { finished, prepare, press } from "./steps.mjs";
import { behave, COURSES, letters, misbehave, PEOPLE, startBrowser, startSandbox, until, Visitor } from "./world.mjs";

/** No page takes longer, in milliseconds. */
const LIMIT = 2000;

describe("the Factory misbehaves", () => {
  let sandbox;
  let browser;
  let teacher;
  let tool;

  before(async () => {
    sandbox = await startSandbox();
    browser = await startBrowser();
    teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
    tool = await teacher.open(COURSES.biology);
    await tool.home();
  });

  after(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  beforeEach(() => behave(browser, sandbox));

  /** Asks for every kind of page and gives the slowest answer. */
  async function slowest(order) {
    const rest = ["", "/needs", "/history", "/history.csv", "/issue", "/help", order, `${order}/live`, `${order}.csv`];
    let worst = { took: 0 };
    for (const address of rest) {
      const url = address.startsWith("http") ? address : tool.base() + address;
      const answer = await tool.frame().evaluate(async (url) => {
        const begun = performance.now();
        const { status } = await fetch(url);
        return { url, status, took: performance.now() - begun };
      }, url);
      assert.equal(answer.status, 200, url);
      if (answer.took > worst.took) worst = answer;
    }
    return worst;
  }

  test("closed for a while: the order waits and goes out once the Factory is back", async () => {
    await misbehave(browser, sandbox, { fault: "closed" });
    await prepare(tool, { badge: "Clear Speaker", people: [/Ada/, /Åkesson/] });
    const order = await press(tool);
    await until("the page says that the Factory is away", async () => {
      await tool.frame().goto(order);
      return /does not answer\. Your order is kept/.test(await tool.text());
    });
    assert.match(await tool.text(), /0 of 2 sent/);
    const worst = await slowest(order);
    assert.ok(worst.took < LIMIT, JSON.stringify(worst));
    assert.equal(await letters(sandbox, "ada@campus.example", "Clear Speaker"), 0);
    await behave(browser, sandbox);
    await tool.frame().goto(order);
    await finished(tool, 60_000);
    assert.match(await tool.text(), /2 people were sent Clear Speaker/);
    for (const address of ["ada@campus.example", "bjorn@campus.example"]) {
      assert.equal(await letters(sandbox, address, "Clear Speaker"), 1, address);
    }
  });

  test("silent: the order is under way and every page answers at once", async () => {
    await misbehave(browser, sandbox, { fault: "hang", span: 600_000 });
    await prepare(tool, { badge: "Clear Speaker", people: [/Mei-Ling/] });
    const order = await press(tool);
    const worst = await slowest(order);
    assert.ok(worst.took < LIMIT, JSON.stringify(worst));
    await tool.frame().goto(order);
    assert.match(await tool.text(), /0 of 1 sent/);
    assert.match(await tool.go(""), /Clear Speaker: 0 of 1 done/);
    assert.equal(await letters(sandbox, "mei@campus.example", "Clear Speaker"), 0);
  });
});
