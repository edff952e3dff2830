// The four steps of issuing, as a person takes them.

import { COURSES, PEOPLE, until, Visitor } from "./world.mjs";

/** From home to the check page. `badge` is a name; `people` are names; `paste` goes into the field for addresses. */
export async function prepare(tool, { badge, people, paste }) {
  await tool.home();
  await tool.root.locator("a.btn.main").click();
  await tool.see("Which badge?");
  await tool.root.getByRole("radio", { name: badge }).check({ force: true });
  await tool.button("Continue").click();
  await tool.see("Who gets this badge?");
  await readRoster(tool);
  for (const name of people) await tool.root.getByRole("checkbox", { name }).check({ force: true });
  if (paste) {
    await tool.root.getByLabel("Paste email addresses").fill(paste);
    await tool.button("Add to selection").click();
    await tool.root.getByRole("heading", { name: "What you added" }).waitFor();
  }
  await tool.button(/^Continue/).click();
  await tool.see("What do they receive?");
  await tool.button("Continue").click();
  await tool.see("Check before you send");
}

/** Waits, by looking again, until the list of people was read from the LMS. */
export async function readRoster(tool) {
  await until("the people of the course are listed", async () => {
    if ((await tool.root.getByRole("checkbox").count()) > 0) return true;
    await tool.button("Look again").click();
    return false;
  });
}

/** Presses *Issue* and gives the order's address once its page is there. */
export async function press(tool) {
  await tool.button(/^Issue \d+ badges? now$/).click();
  await tool.see(/Issuing|Issued:/);
  return until("the order's page is open", () => tool.address().match(/.*\/orders\/[^/?#]+/)?.[0]);
}

/** Waits until everything of the order that is open went out; nobody presses anything. */
export async function finished(tool, patience) {
  await until("the order is done", async () => (await tool.root.locator("h1").innerText()).startsWith("Issued:"), patience);
}

/** Places an application form in the biology course, by its title in the picker. */
export async function placeForm(browser, sandbox, title) {
  const visitor = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
  const box = visitor.page.getByLabel(title);
  await until("the picker knows the forms", async () => {
    await visitor.page.goto(`${sandbox.lms}/course/${COURSES.biology}/add/one/open`);
    await visitor.page.waitForURL(`${sandbox.tool}/lti/pick/**`);
    return (await box.count()) > 0;
  });
  await box.check({ force: true });
  await visitor.page.getByRole("button", { name: "Place in course" }).click();
  await visitor.page.locator("h1", { hasText: "1 added" }).waitFor();
  await visitor.close();
}

/** Fills in the form of Lab Safety that is open, with a file, and sends it. */
export async function applyFor(tool, why) {
  await tool.root.locator("#q0").fill(why);
  const proof = { name: "proof.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 proof") };
  await tool.root.locator("#q1").setInputFiles(proof);
  await tool.button("Continue").click();
  await tool.root.getByText("Check before you send").waitFor();
  await tool.button("Send application").click();
  await tool.root.getByText("Your application is stored").first().waitFor();
}
