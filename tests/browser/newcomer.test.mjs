// The newcomer's path: a teacher issues badges inside the LMS's frame, and the learners get them.

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { journey } from "./journey.mjs";
import { finished } from "./steps.mjs";
import { COURSES, letters, PEOPLE, startBrowser, startSandbox, until, Visitor } from "./world.mjs";

const BADGE = "Lab Safety";
const GUEST = "guest.reader@campus.example";

describe("the newcomer's path", () => {
  const step = journey();
  let sandbox;
  let browser;
  let teacher;
  let tool;
  let order;

  before(async () => {
    sandbox = await startSandbox();
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  step("a teacher opens the course and is in the tool, inside the frame", async () => {
    teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
    tool = await teacher.open(COURSES.biology);
    const text = await tool.home();
    assert.match(text, /Badges in this course/);
    assert.match(await tool.root.locator("header").innerText(), /Cell Biology Lab/);
    assert.match(text, new RegExp(BADGE));
  });

  step("people are chosen from the list and pasted; a bad line is named and not added", async () => {
    await tool.root.getByRole("link", { name: "Issue a badge" }).first().click();
    await tool.see("Which badge?");
    await tool.root.getByRole("radio", { name: BADGE }).check({ force: true });
    await tool.button("Continue").click();
    await tool.see("Who gets this badge?");
    for (const name of [/Mei-Ling/, /כהן/, /Nomail/]) await tool.root.getByRole("checkbox", { name }).check({ force: true });
    const lines = `Guest Reader <${GUEST}>\nnobody at all\n${GUEST}\nstranger@elsewhere.example`;
    await tool.root.getByLabel("Paste email addresses").fill(lines);
    await tool.button("Add to selection").click();
    const added = tool.root.getByRole("table", { name: "What you added" });
    await added.waitFor();
    const row = (number) => added.getByRole("row").filter({ hasText: new RegExp(`^\\s*Line ${number}(?!\\d)`) }).innerText();
    assert.match(await row(1), /outside the course/);
    assert.match(await row(2), /nobody at all[^]*This is not an email address/);
    assert.match(await row(3), /The same as line 1/);
    assert.match(await row(4), /may not be added/);
    assert.match(await tool.text(), /4 selected/);
    assert.match(await tool.text(), /Nadia Nomail has no email/);
    await tool.button("Continue with 4 people").click();
    await tool.see("What do they receive?");
  });

  step("the check says how many go out and who is held", async () => {
    await tool.root.getByLabel("Subject").fill("Your badge for the lab");
    await tool.button("Continue").click();
    await tool.see("Check before you send");
    const text = await tool.text();
    assert.match(text, /4 people/);
    assert.match(text, /On hold[^]*1 person[^]*Nadia Nomail/);
    assert.match(text, /Your badge for the lab/);
    await tool.button("Issue 3 badges now").waitFor();
  });

  step("pressing twice, or sending the form again, is one request", async () => {
    const form = await tool.root.locator("form.actions").evaluate((form) => ({
      action: form.action,
      body: new URLSearchParams(new FormData(form)).toString(),
    }));
    await tool.button("Issue 3 badges now").dblclick();
    order = await until("the order's page is open", () => tool.address().match(/.*\/orders\/[^/?#]+/)?.[0]);
    const again = await tool.frame().evaluate(async ({ action, body }) => {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      return (await fetch(action, { method: "POST", headers, body })).url;
    }, form);
    assert.equal(again.split(/[?#]/)[0], order);
  });

  step("the progress comes to its end by itself", async () => {
    await finished(tool);
    const text = await tool.text();
    assert.match(text, /3 sent, 1 on hold, 0 failed/);
    assert.match(text, /3 of 3 sent/);
  });

  step("the event's page lists who got it", async () => {
    await tool.link("See the event").click();
    await tool.see(`${BADGE}, issued on`);
    const table = await tool.root.getByRole("table").innerText();
    for (const name of [/Mei-Ling Chen/, /כהן/, new RegExp(GUEST)]) assert.match(table, name);
    assert.doesNotMatch(table, /Nomail/);
    assert.match(await tool.text(), /Your badge for the lab/);
  });

  step("the mailboxes show one mail each", async () => {
    for (const address of ["mei@campus.example", "noa@campus.example", GUEST]) {
      assert.equal(await letters(sandbox, address, BADGE), 1, address);
    }
    const page = await browser.newPage();
    await page.goto(sandbox.factory);
    await page.getByRole("heading", { name: "Your badge for the lab" }).first().waitFor();
    await page.close();
  });

  step("a learner sees the badge on their page, and of nobody else", async () => {
    const noa = await Visitor.signIn(browser, sandbox, PEOPLE.noa);
    const own = await noa.open(COURSES.biology);
    await own.see("My badges");
    const text = await own.text();
    assert.match(text, new RegExp(BADGE));
    assert.match(text, /noa@campus\.example/);
    assert.doesNotMatch(text, /Mei-Ling|Chen|Nomail/);
    const foreign = await own.go(new URL(order).pathname.replace(/^\/c\/[^/]+/, ""));
    assert.doesNotMatch(foreign, /Mei-Ling/);
    assert.match(foreign, /You do not have the right|This page is not here/);
    await noa.close();
  });

  step("the learner without an address has it on hold, and the teacher is told", async () => {
    const nadia = await Visitor.signIn(browser, sandbox, PEOPLE.nomail);
    const own = await nadia.open(COURSES.biology);
    assert.match(await own.text(), /Your course does not share your email address/);
    await nadia.close();
    const home = await tool.go("");
    assert.match(home, /Nadia Nomail has earned Lab Safety, but the course shares no email address/);
    await tool.link(/See what to do/).click();
    await tool.see("Nadia Nomail");
    assert.match(await tool.text(), /goes out by itself when an address is known/);
  });

  step("a teaching assistant sees no addresses and cannot issue", async () => {
    const assistant = await Visitor.signIn(browser, sandbox, PEOPLE.assistant);
    const limited = await assistant.open(COURSES.biology);
    await limited.see("Badges in this course");
    assert.equal(await limited.link("Issue a badge").count(), 0);
    const rest = new URL(order).pathname.replace(/^\/c\/[^/]+/, "");
    for (const address of ["", "/history", rest]) {
      const text = await limited.go(address);
      assert.match(text, /Mei-Ling/, address);
      assert.doesNotMatch(text, /@campus\.example/, address);
    }
    for (const table of ["/history.csv", `${rest}.csv`]) {
      const status = await limited.frame().evaluate(async (address) => (await fetch(address)).status, `${limited.base()}${table}`);
      assert.equal(status, 403, table);
    }
    await limited.go(rest);
    await limited.link("See the event").click();
    await limited.see(`${BADGE}, issued on`);
    assert.doesNotMatch(await limited.text(), /@campus\.example/);
    assert.equal(await limited.button(/Revoke/).count(), 0);
    assert.match(await limited.go("/issue"), /You do not have the right to do this/);
    await assistant.close();
  });

  step("one person's badge is revoked, the others keep theirs", async () => {
    await tool.frame().goto(order);
    await tool.link("See the event").click();
    await tool.see(`${BADGE}, issued on`);
    await tool.root.getByRole("checkbox", { name: /Mei-Ling/ }).check({ force: true });
    await tool.button("Revoke for selected people").click();
    await tool.see("Revoke Lab Safety for Mei-Ling Chen?");
    await tool.root.getByLabel("Given by mistake").check({ force: true });
    await tool.button("Revoke this badge").click();
    await until("the badge is revoked", async () => /Revoked/.test(await tool.go("/history?state=revoked&person=Mei")));
    const history = await tool.go("/history");
    assert.match(history, /כהן[^]*Lab Safety[^]*Sent/);
    const mei = await Visitor.signIn(browser, sandbox, PEOPLE.mei);
    const own = await mei.open(COURSES.biology);
    assert.match(await own.text(), /Lab Safety[^]*Withdrawn on/);
    await mei.close();
  });
});
