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

test("a learner follows how far they are, in the frame, until the badge is theirs", async () => {
  const teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
  const staff = await teacher.open(COURSES.biology);
  await staff.home();
  await staff.go("/rules/new");
  await staff.root.getByLabel("Badge", { exact: true }).selectOption({ label: "Lab Safety" });
  await staff.root.getByLabel("Kind").first().selectOption({ label: "Final score" });
  await staff.root.getByLabel("At least (percent)").first().fill("80");
  await staff.root.locator("#wait").selectOption("0");
  await staff.button("Save rule").click();
  await staff.root.locator("h1", { hasText: "Rules" }).waitFor();
  const graded = async (points) => {
    await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}/progress`);
    await teacher.page.getByLabel("Points of Bjørn Åkesson").fill(points);
    await teacher.page.getByRole("button", { name: "Set the grade of Bjørn Åkesson" }).click();
    await teacher.page.getByRole("status").getByText("it answered 200").waitFor();
  };

  const learner = await Visitor.signIn(browser, sandbox, PEOPLE.bjorn);
  const tool = await learner.open(COURSES.biology);
  const before = await tool.go("/my");
  assert.match(before, /On the way/);
  assert.match(before, /Your results are not here yet\./);
  await graded("65");
  const halfway = await until("the grade is told", async () => {
    const text = await tool.go("/my");
    return /You have 65%/.test(text) && text;
  });
  assert.match(halfway, /Badge at 80%/);
  assert.match(halfway, /15 points to go\./);
  await graded("91");
  await until("the badge is in the mailbox", async () => (await letters(sandbox, "bjorn@campus.example", "Lab Safety")) === 1);
  const earned = await until("the Factory told about it", async () => {
    const text = await tool.go("/my");
    return /Verify/.test(text) && text;
  });
  assert.match(earned, /Not collected yet/);
  assert.match(earned, /Sent to bjorn@campus\.example/);
  assert.equal(await tool.link(/^Verify/).getAttribute("target"), "_blank");
  assert.match(await tool.go("/my/email"), /bjorn@campus\.example/);
  assert.match(await tool.go("/my/data"), /Results and completions/);
  await learner.close();
  await teacher.close();
});
