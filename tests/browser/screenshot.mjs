// Takes the picture of the README anew: a teacher chooses people, inside the demo LMS. Run by scripts/screenshot.

import { readRoster } from "./steps.mjs";
import { COURSES, PEOPLE, startBrowser, startSandbox, Visitor } from "./world.mjs";

const file = process.argv[2];
if (!file) throw new Error("usage: node screenshot.mjs FILE");
const sandbox = await startSandbox();
let browser;
try {
  browser = await startBrowser();
  const teacher = await Visitor.signIn(browser, sandbox, PEOPLE.teacher, { viewport: { width: 1100, height: 1000 } });
  const tool = await teacher.open(COURSES.biology);
  await tool.home();
  await tool.root.locator("a.btn.main").click();
  await tool.root.getByRole("radio", { name: "Lab Safety" }).check({ force: true });
  await tool.button("Continue").click();
  await tool.see("Who gets this badge?");
  await readRoster(tool);
  for (const name of [/Mei-Ling/, /Ngọzi/]) await tool.root.getByRole("checkbox", { name }).check({ force: true });
  await teacher.page.evaluate(() => window.scrollTo(0, 0));
  await teacher.page.screenshot({ path: file });
} finally {
  await browser?.close();
  await sandbox.stop();
}
