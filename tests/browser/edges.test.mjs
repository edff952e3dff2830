// Other ways through the tool than the straight one: windows, tabs, replays, languages, the keyboard, no script.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { finished, prepare, press, readRoster } from "./steps.mjs";
import { COURSES, letters, PEOPLE, startBrowser, startSandbox, Tool, until, Visitor } from "./world.mjs";

describe("other ways", () => {
  let sandbox;
  let browser;

  before(async () => {
    sandbox = await startSandbox();
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  /** Runs `work` for somebody signed in, and closes their browser afterwards. */
  async function as(person, options, work) {
    const visitor = await Visitor.signIn(browser, sandbox, person, options);
    try {
      return await work(visitor);
    } finally {
      await visitor.close();
    }
  }

  test("the tool opens in a window of its own", () =>
    as(PEOPLE.teacher, {}, async (teacher) => {
      await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
      const [page] = await Promise.all([
        teacher.context.waitForEvent("page"),
        teacher.page.getByRole("link", { name: /in a new window/ }).click(),
      ]);
      await page.waitForURL(`${sandbox.tool}/c/**`);
      const tool = Tool.inWindow(page);
      await tool.see("Badges in this course");
      await tool.home();
      await tool.root.locator("a.btn.main").click();
      await tool.see("Which badge?");
    }));

  test("two courses in two tabs never mix", () =>
    as(PEOPLE.teacher, {}, async (teacher) => {
      const place = (tool) => tool.root.locator("header").innerText();
      const biology = await teacher.open(COURSES.biology);
      const safety = await (await teacher.tab()).open(COURSES.safety);
      assert.notEqual(biology.base(), safety.base());
      assert.match(await place(safety), /Lab Safety/);
      await safety.see("My badges");
      await biology.home();
      await biology.root.locator("a.btn.main").click();
      await biology.see("Which badge?");
      assert.match(await place(biology), /Cell Biology Lab/);
      // here the same person only learns: the rights of the other tab do not come along
      assert.match(await safety.go("/issue"), /You do not have the right to do this/);
      assert.match(await safety.go(""), /My badges/);
      assert.match(await biology.go("/history"), /History/);
      const draft = biology.address();
      assert.ok(draft.startsWith(biology.base()));
    }));

  test("a draft of one course is not found in another", () =>
    as(PEOPLE.teacher, {}, async (teacher) => {
      const tool = await teacher.open(COURSES.biology);
      await tool.home();
      await tool.root.locator("a.btn.main").click();
      await tool.see("Which badge?");
      await tool.root.getByRole("radio").first().check({ force: true });
      await tool.button("Continue").click();
      await tool.see("Who gets this badge?");
      const rest = tool.address().slice(tool.base().length);
      await as(PEOPLE.frenchTeacher, {}, async (other) => {
        const foreign = await other.open(COURSES.safety);
        const text = await foreign.go(rest);
        assert.doesNotMatch(text, /Mei-Ling/);
      });
    }));

  test("a launch that is sent again is refused, with the way back, and opens nothing", () =>
    as(PEOPLE.teacher, {}, async (teacher) => {
      let launch;
      teacher.page.on("request", (request) => {
        if (request.method() === "POST" && request.url() === `${sandbox.tool}/lti/launch`) launch = request.postData();
      });
      const tool = await teacher.open(COURSES.biology);
      await until("the launch was seen", () => launch);
      await tool.frame().evaluate((launch) => {
        const form = document.createElement("form");
        Object.assign(form, { method: "post", action: "/lti/launch" });
        for (const [name, value] of new URLSearchParams(launch)) {
          const field = document.createElement("input");
          Object.assign(field, { type: "hidden", name, value });
          form.append(field);
        }
        document.body.append(form);
        form.submit();
      }, launch);
      await tool.see("This page was opened twice or waited too long");
      assert.match(await tool.text(), /Go back to your course and open it again/);
      assert.equal(await tool.root.locator("nav.tabs").count(), 0);
    }));

  test("where the cookie does not come back there is a page with the way to the course", () =>
    as(PEOPLE.teacher, {}, async (teacher) => {
      await teacher.context.route(`${sandbox.tool}/lti/login**`, async (route) => {
        const answer = await route.fetch({ maxRedirects: 0 });
        const headers = answer.headers();
        delete headers["set-cookie"];
        await route.fulfill({ response: answer, headers });
      });
      await teacher.page.goto(`${sandbox.lms}/course/${COURSES.biology}`);
      const tool = new Tool(teacher.page.frameLocator("iframe"), () => teacher.page.frames()[1]);
      await tool.see("Your browser does not let us open here");
      // the way back leads to the course, where it works once cookies are let in
      await teacher.context.unrouteAll();
      await tool.link("Back to the course").click();
      await (await teacher.arrive()).see("Badges in this course");
    }));

  test("the launch's language decides; the page's own switch changes it", () =>
    as(PEOPLE.frenchTeacher, {}, async (teacher) => {
      const tool = await teacher.open(COURSES.safety);
      await tool.home();
      const language = () => tool.root.locator("html").getAttribute("lang");
      assert.equal(await language(), "fr");
      await tool.see("Badges de ce cours");
      await tool.button("English").click();
      await tool.see("Badges in this course");
      assert.equal(await language(), "en");
      await tool.button("Français").click();
      await tool.see("Badges de ce cours");
    }));

  test("a made-up learner and an administrator without a course role get a page", async () => {
    await as(PEOPLE.testStudent, {}, async (student) => {
      const tool = await student.open(COURSES.biology);
      assert.ok((await tool.text()).length > 0);
      assert.match(await tool.go("/issue"), /You do not have the right/);
    });
    await as(PEOPLE.administrator, {}, async (administrator) => {
      const tool = await administrator.open(COURSES.biology);
      assert.ok((await tool.text()).length > 0);
    });
  });

  test("with the keyboard alone, badges are issued to two people", () =>
    as(PEOPLE.teacher, {}, async (teacher) => {
      const tool = await teacher.open(COURSES.biology);
      await tool.home();
      const keys = teacher.page.keyboard;
      const focused = () =>
        tool.frame().evaluate(() => {
          const here = document.activeElement;
          const shown = here === document.body ? undefined : getComputedStyle(here);
          return {
            id: here.id,
            type: here.type ?? here.localName,
            words: (here.labels?.[0] ?? here).innerText ?? "",
            ring: shown ? `${shown.outlineStyle} ${shown.outlineWidth}` : "none",
          };
        });
      /** Tab until what has the focus fits; the focus must show on the way. */
      const tabTo = async (what, fits) => {
        for (let pressed = 0; pressed < 120; pressed += 1) {
          await keys.press("Tab");
          const here = await focused();
          // the browser draws the ring of the parts of a date field by itself
          if (here.type === "body" || here.type === "date") continue;
          assert.match(here.ring, /^(solid|auto) [^0]/, `the focus is not visible on ${JSON.stringify(here)}`);
          if (fits(here)) return here;
        }
        throw new Error(`the keyboard does not reach: ${what}`);
      };
      await tool.root.locator("main").focus();
      await tabTo("Issue a badge", (here) => here.words.trim() === "Issue a badge");
      await keys.press("Enter");
      await tool.see("Which badge?");
      await tabTo("a badge", (here) => here.type === "radio");
      await keys.press("ArrowDown");
      await tabTo("Continue", (here) => here.words === "Continue");
      await keys.press("Enter");
      await tool.see("Who gets this badge?");
      await readRoster(tool);
      // nobody chosen: refused, and the focus goes to the summary
      await tabTo("Continue", (here) => /^Continue/.test(here.words));
      await keys.press("Enter");
      await tool.root.locator("#errors").waitFor();
      assert.equal((await focused()).id, "errors");
      for (const name of [/Ada/, /Ngọzi/]) {
        await tabTo(name, (here) => here.type === "checkbox" && name.test(here.words));
        await keys.press("Space");
      }
      await tabTo("Continue", (here) => /^Continue/.test(here.words));
      await keys.press("Enter");
      await tool.see("What do they receive?");
      await tabTo("Continue", (here) => here.words === "Continue");
      await keys.press("Enter");
      await tool.see("Check before you send");
      await tabTo("Issue", (here) => here.words === "Issue 2 badges now");
      await keys.press("Enter");
      await finished(tool);
      assert.match(await tool.text(), /2 people were sent/);
    }));

  test("without script the same way works", () =>
    as(PEOPLE.teacher, { javaScriptEnabled: false }, async (teacher) => {
      const tool = await teacher.open(COURSES.biology);
      const subject = { badge: "Data Literacy", people: [/Mei-Ling/, /Nomail/], paste: "Open Day <open.day@campus.example>" };
      await prepare(tool, subject);
      await press(tool);
      await finished(tool, 30_000);
      assert.match(await tool.text(), /2 sent, 1 on hold/);
      for (const address of ["mei@campus.example", "open.day@campus.example"]) {
        assert.equal(await letters(sandbox, address, "Data Literacy"), 1, address);
      }
      await tool.link("See the event").click();
      await tool.see("Data Literacy, issued on");
    }));
});
