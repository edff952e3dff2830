// Applying for a badge and reviewing, inside the LMS's frame: approved, and not approved with a message.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { applyFor, placeForm } from "./steps.mjs";
import { COURSES, letters, PEOPLE, startBrowser, startSandbox, until, Visitor } from "./world.mjs";

const FORM = "A7LabSafety1";

let browser;
let sandbox;
let teacher;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowser(), startSandbox()]);
  await placeForm(browser, sandbox, "Apply: Lab Safety");
  teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** A learner in the course's frame, at the form. */
async function atTheForm(person) {
  const visitor = await Visitor.signIn(browser, sandbox, person);
  const tool = await visitor.open(COURSES.biology);
  await tool.go(`/apply/${FORM}`);
  return { visitor, tool };
}

/** The teacher's list of applications, in the frame, once it has this name. */
async function review(name) {
  const tool = await teacher.open(COURSES.biology);
  await until(`the application of ${name} waits`, async () => (await tool.go("/applications")) && (await tool.link(name).count()) > 0);
  await tool.link(name).first().click();
  await tool.see("applies for Lab Safety");
  return tool;
}

test("a learner applies in the frame, staff approve, and the badge comes by mail", async () => {
  const { visitor, tool } = await atTheForm(PEOPLE.ada);
  await tool.see("Apply for Lab Safety");
  assert.match(await tool.text(), /ada@campus\.example/);
  await tool.button("Continue").click();
  await tool.root.locator("#errors").waitFor();
  await applyFor(tool, "I wore goggles.");
  await until("it arrived", async () => /Waiting for review/.test(await tool.go(`/apply/${FORM}`)));
  const staff = await review(/Ada/);
  const text = await staff.text();
  assert.match(text, /I wore goggles\./);
  assert.match(text, /proof\.pdf/);
  await staff.root.locator('label[for="approve"]').click();
  await staff.button("Send decision and open the next").click();
  await staff.root.getByText("Your decision is stored and on its way.").waitFor();
  await until("the mail is there", async () => (await letters(sandbox, "ada@campus.example", "Lab Safety")) === 1);
  await until("the learner sees it", async () => /Approved on/.test(await tool.go(`/apply/${FORM}`)));
  await visitor.close();
});

test("not approved: the message is there, and the form again", async () => {
  const { visitor, tool } = await atTheForm(PEOPLE.bjorn);
  await applyFor(tool, "I looked on.");
  await until("it arrived", async () => /Waiting for review/.test(await tool.go(`/apply/${FORM}`)));
  const staff = await review(/Bj/);
  await staff.root.locator('label[for="reject"]').click();
  await staff.button("Send decision and open the next").click();
  await staff.root.locator("#errors").waitFor();
  await staff.root.getByLabel(/^Message to/).fill("Looking on is not enough: wear goggles yourself.");
  await staff.button("Send decision and open the next").click();
  await staff.root.getByText("Your decision is stored and on its way.").waitFor();
  const told = await until("the learner reads it", async () => {
    const text = await tool.go(`/apply/${FORM}`);
    return /Not approved on/.test(text) && text;
  });
  assert.match(told, /wear goggles yourself/);
  assert.equal(await tool.root.locator("#q0").inputValue(), "I looked on.");
  await visitor.close();
});
