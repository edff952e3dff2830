// The newcomer's path to an automatic award: a teacher makes a rule and sees whom it would reach, a learner completes the
// course in the demo LMS, and the badge is in the learner's mailbox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COURSES, letters, PEOPLE, startBrowser, startSandbox, until, Visitor } from "./world.mjs";

const BADGE = "Course Graduate";

let browser;
let sandbox;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowser(), startSandbox()]);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

test("a learner completes the course, and the badge comes by itself", async () => {
  const teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
  const tool = await teacher.open(COURSES.biology);
  await tool.home();
  await tool.go("/rules");
  await tool.link("Make a rule").click();
  await tool.see("New rule");
  await tool.root.getByLabel("Badge", { exact: true }).selectOption({ label: BADGE });
  await tool.root.getByLabel("Kind").first().selectOption({ label: "Course is completed" });
  await tool.button("Try with these conditions").click();
  await tool.root.getByText("0 would get it").waitFor();
  const tried = await tool.text();
  assert.match(tried, /We hear whether the course is completed from: .*webhook/);
  await tool.button("Save rule").click();
  await tool.root.locator("h1", { hasText: "Rules" }).waitFor();
  await tool.root.getByText("On", { exact: true }).waitFor();

  const ada = await Visitor.signIn(browser, sandbox, PEOPLE.ada);
  await ada.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
  await ada.page.getByRole("link", { name: "My progress" }).click();
  await ada.page.getByRole("button", { name: "Complete this course" }).click();
  await ada.page.getByRole("status").getByText("it answered 200").waitFor();
  await until("the badge is in the mailbox", async () => (await letters(sandbox, "ada@campus.example", BADGE)) === 1);

  // and the teacher's page says why; a grade does not award again
  await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}/progress`);
  await teacher.page.getByLabel("Points of Ada Lindqvist").fill("91");
  await teacher.page.getByRole("button", { name: "Set the grade of Ada Lindqvist" }).click();
  await teacher.page.getByRole("status").getByText("it answered 200").waitFor();
  assert.equal(await letters(sandbox, "ada@campus.example", BADGE), 1);
  await ada.close();
  await teacher.close();
});
