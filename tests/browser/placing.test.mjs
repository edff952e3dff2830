// Placing the tool's items in a course, inside the LMS's frame: one, two, and a change of mind.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COURSES, PEOPLE, startBrowser, startSandbox, until, Visitor } from "./world.mjs";

let browser;
let sandbox;
let teacher;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowser(), startSandbox()]);
  teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** Opens the picker as the course page's link does; gives its frame. The badges may still be on their way. */
async function pick(link) {
  await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
  const frame = teacher.page.frameLocator("section iframe");
  await until("the picker knows the badges", async () => {
    await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
    await teacher.page.getByRole("link", { name: link }).click();
    await frame.locator("h1", { hasText: "What do you want to place here?" }).waitFor();
    return (await frame.getByLabel("Lab Safety: progress").count()) > 0;
  });
  return frame;
}

/** The titles of what stands in the course. */
async function standing(frame, heading) {
  await frame.locator("h1", { hasText: heading }).waitFor();
  await frame.getByRole("link", { name: "To the course" }).click();
  await teacher.page.waitForURL(`${sandbox.lms}/course/${COURSES.biology}`);
  return teacher.page.locator(".placed li").allInnerTexts();
}

test("a change of mind places nothing", async () => {
  const frame = await pick("Add one item");
  await frame.getByRole("button", { name: "Cancel" }).click();
  assert.deepEqual(await standing(frame, "Nothing was added"), []);
});

test("one item is placed, and opens for a learner", async () => {
  const frame = await pick("Add one item");
  await frame.getByLabel("Lab Safety: progress").check({ force: true });
  await frame.getByRole("button", { name: "Place in course" }).click();
  assert.deepEqual(await standing(frame, "1 added"), ["Lab Safety: progress"]);
  const learner = await Visitor.signIn(browser, sandbox, PEOPLE.ada);
  await learner.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
  const [opened] = await Promise.all([
    learner.context.waitForEvent("page"),
    learner.page.getByRole("link", { name: "Lab Safety: progress" }).click(),
  ]);
  await opened.locator("h1", { hasText: "Lab Safety" }).waitFor();
  await opened.getByText("You do not have this badge yet.").waitFor();
  await learner.close();
});

test("two items are placed at once", async () => {
  const frame = await pick("Add several items");
  for (const title of ["My badges", "Badges for teachers"]) await frame.getByLabel(title).check({ force: true });
  await frame.getByRole("button", { name: "Place in course" }).click();
  const titles = await standing(frame, "2 added");
  assert.deepEqual(titles, ["Lab Safety: progress", "Badges for teachers", "My badges"]);
});
