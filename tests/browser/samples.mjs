// A sample of every page that the program can show, by the route that shows it. A route without a sample fails the test.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { applyFor, finished, placeForm, prepare, press } from "./steps.mjs";
import { COURSES, PEOPLE, Tool, until, Visitor } from "./world.mjs";

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../src/web");

/** The application form of Lab Safety. */
const FORM = "A7LabSafety1";

/** Routes that answer with something other than a page of their own. */
export const NOT_PAGES = {
  "/healthz": "for monitors",
  "/readyz": "for monitors",
  "/.well-known/jwks.json": "for platforms",
  "/lti/canvas.json": "for Canvas",
  "/lti/notices": "for platforms",
  "/static/{path:.*}": "files",
  "/c/{seat}/pic/{badge}/{hash}.png": "pictures",
  "/c/{seat}/orders/{request}.csv": "a table to download",
  "/c/{seat}/history.csv": "a table to download",
  "/c/{seat}/orders/{request}/live": "a part of the order's page, which is a sample",
  "/connections/callback": "where an LMS sends a service account back to: a line of text",
  "/c/{seat}/rules/{rule}/pause": "a press that leads back to the rule",
  "/c/{seat}/applications/{application}/files/{file}": "a file to download",
  "/admin/members/{member}/data.json": "a file to download",
  "/operator/sign-out": "a press that leads to the goodbye",
  "/admin/audit.csv": "a table to download",
  "/admin/reports.csv": "a table to download",
  "/admin/searches/{search}/events.csv": "a table to download",
  "/admin/pic/{hash}.png": "a picture",
};

/** Every route of the router, read from its source. */
export async function routes() {
  const [outer, inner, ...offices] = await Promise.all(
    ["routes.rs", "course/routes.rs", "operator/routes.rs", "admin/routes.rs"].map((file) =>
      readFile(path.join(source, file), "utf8"),
    ),
  );
  const found = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
  const [before, within] = outer.split('scope("/c/{seat}")');
  const named = /(?:\.route|resource|login)\(\s*"([^"]+)"/g;
  return [
    ...found(before, named),
    ...found(within, named).map((rest) => `/c/{seat}${rest}`),
    ...found(inner, /\bpage\("([^"]*)"\)/g).map((rest) => `/c/{seat}${rest}`),
    ...offices.flatMap((text) => found(text, /\bpage\("([^"]*)"\)/g)),
  ];
}

/** People at their windows, and the ids of what there is to look at. */
export async function prepareWorld(browser, sandbox) {
  const window = async (person, course, options) => {
    const visitor = await Visitor.signIn(browser, sandbox, person, options);
    await visitor.page.goto(`${sandbox.lms}/course/${course}/open/window`);
    await visitor.page.waitForURL(`${sandbox.tool}/c/**`);
    return Object.assign(Tool.inWindow(visitor.page), { visitor });
  };
  const teacher = await window(PEOPLE.teacher, COURSES.biology);
  const fresh = await window(PEOPLE.frenchTeacher, COURSES.safety);
  await fresh.home();
  const id = (kind) => teacher.address().match(new RegExp(`/${kind}/([^/?#]+)`))[1];
  const people = [/Mei-Ling/, /כהן/, /Nomail/, /Maximiliana/];
  await prepare(teacher, { badge: "Lab Safety", people, paste: "A Guest <guest@campus.example>" });
  await press(teacher);
  await finished(teacher);
  const order = id("orders");
  const award = async (name) => {
    await teacher.go(`/orders/${order}`);
    await teacher.link(name).first().click();
    return until(`the award of ${name} is open`, () => teacher.address().match(/\/awards\/([^/?#]+)/)?.[1]);
  };
  const sent = await award(/כהן/);
  const held = await award(/Nomail/);
  const revoked = await award(/Mei-Ling/);
  await teacher.link("See the event").click();
  await teacher.see("issued on");
  const event = id("events");
  await teacher.go(`/awards/${revoked}/revoke`);
  await teacher.root.getByLabel("Given by mistake").check({ force: true });
  await teacher.button("Revoke this badge").click();
  await until("the badge is revoked", async () => /Revoked on/.test(await teacher.go(`/awards/${revoked}`)));
  await prepare(teacher, {
    badge: "Data Literacy",
    people: [/Ada/, /Nomail/],
    paste: "no address\nA Guest <guest@campus.example>\nguest@campus.example\nx@elsewhere.example",
  });
  const draft = id("issue");
  const safety = await badgeOf(teacher, "Lab Safety");
  await teacher.home();
  await teacher.button("Issue Lab Safety").click();
  await until("a second draft is open", () => /\/issue\/[^/]+\/people/.test(teacher.address()));
  const again = id("issue");
  const { rule, person } = await ruleOf(teacher, "Field Work");
  await placeForm(browser, sandbox, "Apply: Lab Safety");
  const learner = await window(PEOPLE.noa, COURSES.biology);
  await learner.go(`/apply/${FORM}`);
  await applyFor(learner, "I wore goggles.");
  const application = await applicationOf(teacher);
  const picker = await pickerOf(browser, sandbox);
  const administrator = await window(PEOPLE.administrator, COURSES.biology);
  const feed = await feedOf(administrator);
  const { operator, registration, course } = await operatorOf(browser, sandbox);
  return {
    teacher,
    fresh,
    assistant: await window(PEOPLE.assistant, COURSES.biology),
    learner,
    waiting: await window(PEOPLE.nomail, COURSES.biology),
    revoked: await window(PEOPLE.mei, COURSES.biology),
    newcomer: await window(PEOPLE.bjorn, COURSES.biology),
    testStudent: await window(PEOPLE.testStudent, COURSES.biology),
    administrator,
    operator,
    picker,
    ids: { registration, course, application, feed, rule, person, safety, pick: picker.pick, order, event, draft, again, sent, held, revokedAward: revoked },
  };
}

/** Makes a rule for the badge of this name; gives its id, and the id of somebody whom it looks at. */
async function ruleOf(tool, badge) {
  await tool.go("/rules/new");
  await tool.root.locator("#badge").selectOption({ label: badge });
  await tool.root.locator("#kind-1").selectOption("course-completed");
  await tool.root.locator('button[name="do"][value="save"]').click();
  const idIn = async (kind) => {
    const links = tool.root.locator(`main a[href*="/${kind}/0"]`);
    return until(`a link of ${kind}`, async () => (await links.first().getAttribute("href")).match(`/${kind}/([^/?#]+)`)[1]);
  };
  await tool.go("/rules");
  const rule = await idIn("rules");
  await tool.go(`/rules/${rule}`);
  await tool.root.locator('button[name="do"][value="try"]').click();
  return { rule, person: await idIn("people") };
}

/** The application that waits; gives its id. */
async function applicationOf(tool) {
  const links = tool.root.locator('main a[href*="/applications/0"]');
  await until("the application waits", async () => (await tool.go("/applications")) && (await links.count()) > 0);
  return (await links.first().getAttribute("href")).match(/\/applications\/([^/?#]+)/)[1];
}

/** A feed of the demo LMS; gives its id. */
async function feedOf(tool) {
  await tool.go("/feeds");
  const link = tool.root.locator('main a[href*="/feeds/"]').first();
  return (await link.getAttribute("href")).match(/\/feeds\/([^/?#]+)/)[1];
}

/** A teacher who is about to place something in the course. */
async function pickerOf(browser, sandbox) {
  const visitor = await Visitor.signIn(browser, sandbox, PEOPLE.teacher);
  await visitor.page.goto(`${sandbox.lms}/course/${COURSES.biology}/add/one/open`);
  await visitor.page.waitForURL(`${sandbox.tool}/lti/pick/**`);
  const pick = visitor.page.url().split("/").at(-1);
  return Object.assign(Tool.inWindow(visitor.page), { visitor, pick, kept: `${sandbox.tool}/c/${pick}` });
}

/** An operator at work: signed in by the link that the sandbox prints, who looks at the sample organisation. */
async function operatorOf(browser, sandbox) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  await page.goto(sandbox.operator);
  await page.locator("main .btn.main").click();
  await page.waitForURL(`${sandbox.tool}/operator`);
  await page.goto(`${sandbox.tool}/operator/organisations`);
  await page.locator('main button[value="open"]').first().click();
  await page.waitForURL(`${sandbox.tool}/admin`);
  const idIn = async (list) => {
    await page.goto(`${sandbox.tool}/admin/${list}`);
    const link = page.locator(`main table a[href^="/admin/${list}/"]`).first();
    return (await link.getAttribute("href")).split("/").at(-1);
  };
  const operator = Object.assign(Tool.inWindow(page), { visitor: { page, context }, kept: `${sandbox.tool}/operator` });
  return { operator, registration: await idIn("lms"), course: await idIn("courses") };
}

async function badgeOf(tool, name) {
  await tool.go("/issue");
  return tool.root.getByRole("radio", { name }).getAttribute("value");
}

const submit = (tool) => tool.root.locator("main form .btn.main, main form .btn.risk").first().click();

/** Shows a page whose launch was tampered with: what the LMS would post is posted by hand. */
async function launchWith(tool, fields) {
  await tool.frame().evaluate((fields) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: "/lti/launch" });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }, fields);
  await tool.visitor.page.waitForURL("**/lti/launch");
}

/**
 * The samples: route, what is special, who looks (`teacher` if not said), the address below the seat's (or from the
 * origin, with `origin`), and what is done before looking.
 */
export const samples = ({ registration, course, application, feed, rule, person, order, event, draft, again, sent, held, revokedAward, safety, pick }) => [
  { route: "/c/{seat}", what: "with awards", rest: "" },
  { route: "/c/{seat}", what: "nothing issued yet", who: "fresh", rest: "" },
  { route: "/c/{seat}", what: "for an assistant", who: "assistant", rest: "" },
  { route: "/c/{seat}", what: "for a test student", who: "testStudent", rest: "" },
  { route: "/c/{seat}/needs", what: "one thing", rest: "/needs" },
  { route: "/c/{seat}/needs", what: "nothing", who: "fresh", rest: "/needs" },
  { route: "/c/{seat}/my", what: "a badge", who: "learner", rest: "/my" },
  { route: "/c/{seat}/my", what: "one that waits", who: "waiting", rest: "/my" },
  { route: "/c/{seat}/my", what: "a revoked one", who: "revoked", rest: "/my" },
  { route: "/c/{seat}/my", what: "none yet", who: "newcomer", rest: "/my" },
  { route: "/c/{seat}/my/email", what: "an address", who: "learner", rest: "/my/email" },
  { route: "/c/{seat}/my/email", what: "none", who: "waiting", rest: "/my/email" },
  { route: "/c/{seat}/my/data", what: "what is kept", who: "learner", rest: "/my/data" },
  { route: "/c/{seat}/badges/{badge}", what: "for staff", rest: `/badges/${safety}` },
  { route: "/c/{seat}/badges/{badge}", what: "for an assistant", who: "assistant", rest: `/badges/${safety}` },
  { route: "/c/{seat}/progress/{badge}", what: "earned", who: "learner", rest: `/progress/${safety}` },
  { route: "/c/{seat}/progress/{badge}", what: "not yet", who: "newcomer", rest: `/progress/${safety}` },
  { route: "/c/{seat}/apply/{form}", what: "the form", who: "newcomer", rest: `/apply/${FORM}` },
  { route: "/c/{seat}/apply/{form}", what: "with mistakes", who: "newcomer", rest: `/apply/${FORM}`, act: submit },
  {
    route: "/c/{seat}/apply/{form}",
    what: "to be checked",
    who: "newcomer",
    rest: `/apply/${FORM}`,
    act: async (tool) => {
      await tool.root.locator("#q0").fill("I wore goggles.");
      await tool.root.locator("#q1").setInputFiles({ name: "proof.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") });
      await tool.root.locator('main button[value="check"]').click();
      await tool.root.locator("#check").waitFor();
    },
  },
  { route: "/c/{seat}/apply/{form}", what: "sent", who: "learner", rest: `/apply/${FORM}` },
  { route: "/c/{seat}/apply/{form}", what: "no address", who: "waiting", rest: `/apply/${FORM}` },
  { route: "/c/{seat}/applications", what: "one waits", rest: "/applications" },
  { route: "/c/{seat}/applications", what: "nothing chosen", rest: "/applications", act: submit },
  { route: "/c/{seat}/applications", what: "none", who: "fresh", rest: "/applications" },
  { route: "/c/{seat}/applications/{application}", what: "to decide", rest: `/applications/${application}` },
  { route: "/c/{seat}/applications/{application}", what: "no decision", rest: `/applications/${application}`, act: submit },
  {
    route: "/c/{seat}/applications/{application}",
    what: "for an assistant",
    who: "assistant",
    rest: `/applications/${application}`,
  },
  { route: "/c/{seat}/copied", what: "nothing to take over", rest: "/copied" },
  { route: "/lti/pick/{seat}", what: "one item", who: "picker", origin: `/lti/pick/${pick}` },
  { route: "/lti/pick/{seat}", what: "nothing chosen", who: "picker", origin: `/lti/pick/${pick}`, act: submit },
  { route: "/c/{seat}/issue", what: "first step", rest: "/issue" },
  { route: "/c/{seat}/issue", what: "no badge chosen", rest: "/issue", act: submit },
  { route: "/c/{seat}/issue", what: "not allowed", who: "learner", rest: "/issue" },
  { route: "/c/{seat}/issue/{draft}/badge", what: "chosen", rest: `/issue/${draft}/badge` },
  { route: "/c/{seat}/issue/{draft}/people", what: "with lines", rest: `/issue/${draft}/people` },
  { route: "/c/{seat}/issue/{draft}/people", what: "some have it", rest: `/issue/${again}/people` },
  { route: "/c/{seat}/issue/{draft}/people", what: "nobody chosen", rest: `/issue/${again}/people`, act: submit },
  { route: "/c/{seat}/issue/{draft}/message", what: "as the badge says", rest: `/issue/${draft}/message` },
  {
    route: "/c/{seat}/issue/{draft}/message",
    what: "with the preview",
    rest: `/issue/${draft}/message`,
    act: async (tool) => {
      await tool.root.locator('button[value="preview"]').click();
      await tool.root.locator("#preview").waitFor();
    },
  },
  {
    route: "/c/{seat}/issue/{draft}/message",
    what: "with mistakes",
    rest: `/issue/${draft}/message`,
    act: async (tool) => {
      await tool.root.locator("#subject").fill("");
      await tool.root.locator("#valid-m").check({ force: true });
      await tool.root.locator("#valid-months").fill("many");
      await submit(tool);
      await tool.root.locator("#errors").waitFor();
    },
  },
  { route: "/c/{seat}/issue/{draft}/check", what: "before sending", rest: `/issue/${draft}/check` },
  { route: "/c/{seat}/orders/{request}", what: "done", rest: `/orders/${order}` },
  { route: "/c/{seat}/orders/{request}", what: "for an assistant", who: "assistant", rest: `/orders/${order}` },
  { route: "/c/{seat}/history", what: "all", rest: "/history" },
  { route: "/c/{seat}/history", what: "filtered", rest: "/history?person=mei&state=revoked&sort=-person" },
  { route: "/c/{seat}/history", what: "nothing fits", rest: "/history?person=nobody" },
  { route: "/c/{seat}/events/{event}", what: "with recipients", rest: `/events/${event}` },
  { route: "/c/{seat}/events/{event}", what: "for an assistant", who: "assistant", rest: `/events/${event}` },
  { route: "/c/{seat}/events/{event}/revoke", what: "nobody chosen", rest: `/events/${event}/revoke` },
  { route: "/c/{seat}/events/{event}/revoke", what: "one", rest: `/events/${event}/revoke?award=${sent}` },
  { route: "/c/{seat}/events/{event}/revoke", what: "no reason", rest: `/events/${event}/revoke?award=${sent}`, act: submit },
  { route: "/c/{seat}/awards/{award}", what: "sent", rest: `/awards/${sent}` },
  { route: "/c/{seat}/awards/{award}", what: "held", rest: `/awards/${held}` },
  { route: "/c/{seat}/awards/{award}", what: "revoked", rest: `/awards/${revokedAward}` },
  { route: "/c/{seat}/awards/{award}/revoke", what: "asks", rest: `/awards/${sent}/revoke` },
  { route: "/c/{seat}/awards/{award}/extra/{event}", what: "none of this award", rest: `/awards/${sent}/extra/none` },
  { route: "/c/{seat}/rules", what: "one", rest: "/rules" },
  { route: "/c/{seat}/rules", what: "none", who: "fresh", rest: "/rules" },
  { route: "/c/{seat}/rules/new", what: "empty", rest: "/rules/new" },
  { route: "/c/{seat}/rules/new", what: "with mistakes", rest: "/rules/new", act: submit },
  { route: "/c/{seat}/rules/{rule}", what: "with its dry run", rest: `/rules/${rule}` },
  { route: "/c/{seat}/rules/{rule}/backfill", what: "asks", rest: `/rules/${rule}/backfill` },
  { route: "/c/{seat}/rules/{rule}/release", what: "nothing is held", rest: `/rules/${rule}/release` },
  { route: "/c/{seat}/people", what: "all", rest: "/people" },
  { route: "/c/{seat}/people", what: "for an assistant", who: "assistant", rest: "/people" },
  { route: "/c/{seat}/people/{person}", what: "why or why not", rest: `/people/${person}` },
  { route: "/c/{seat}/lms", what: "for an administrator", who: "administrator", rest: "/lms" },
  { route: "/c/{seat}/lms", what: "no name", who: "administrator", rest: "/lms", act: async (tool) => { await tool.root.locator("#name").fill(""); await submit(tool); } },
  { route: "/c/{seat}/lms", what: "not allowed", rest: "/lms" },
  { route: "/c/{seat}/deployments", what: "nothing waits", who: "administrator", rest: "/deployments" },
  { route: "/c/{seat}/feeds", what: "for an administrator", who: "administrator", rest: "/feeds" },
  { route: "/c/{seat}/feeds", what: "for staff", rest: "/feeds" },
  { route: "/c/{seat}/feeds/{feed}", what: "one", who: "administrator", rest: `/feeds/${feed}` },
  { route: "/c/{seat}/feeds/{feed}", what: "tested", who: "administrator", rest: `/feeds/${feed}`, act: submit },
  { route: "/c/{seat}/unmatched", what: "nothing waits", who: "administrator", rest: "/unmatched" },
  { route: "/c/{seat}/help", what: "for staff", rest: "/help" },
  { route: "/c/{seat}/help", what: "for a learner", who: "learner", rest: "/help" },
  { route: "/c/{seat}/privacy", what: "", rest: "/privacy" },
  { route: "/c/{seat}/preferences", what: "", rest: "/preferences" },
  { route: "/c/{seat}", what: "no such page", rest: "/nothing-here" },
  { route: "/c/{seat}", what: "no session", origin: "/c/01900000-0000-7000-8000-000000000000" },
  { route: "/lti/login", what: "opened by hand", origin: "/lti/login" },
  { route: "/lti/login/{handle}", what: "an unknown LMS", origin: "/lti/login/nobody?iss=https://lms.example&login_hint=1" },
  { route: "/lti/launch", what: "opened by hand", origin: "/lti/launch" },
  { route: "/lti/window", what: "opened by hand", origin: "/lti/window" },
  { route: "/lti/setup", what: "values to copy", origin: "/lti/setup" },
  { route: "/lti/setup/{link}", what: "no such link", origin: "/lti/setup/nothing" },
  { route: "/lti/register", what: "opened by hand", origin: "/lti/register" },
  { route: "/lti/register/{invitation}", what: "no such invitation", origin: "/lti/register/nothing" },
  { route: "/operator/welcome/{code}", what: "spent", origin: "/operator/welcome/nothing" },
  { route: "/operator/sign-in", what: "by a link", origin: "/operator/sign-in" },
  { route: "/operator/sso", what: "switched off", origin: "/operator/sso" },
  { route: "/operator/sso/callback", what: "switched off", origin: "/operator/sso/callback?state=x&code=y" },
  { route: "/operator/goodbye", what: "", origin: "/operator/goodbye" },
  { route: "/operator", what: "not signed in", origin: "/operator" },
  { route: "/operator", what: "at a glance", who: "operator", origin: "/operator" },
  { route: "/operator/health", what: "", who: "operator", origin: "/operator/health" },
  { route: "/operator/keys", what: "one", who: "operator", origin: "/operator/keys" },
  { route: "/operator/organisations", what: "one", who: "operator", origin: "/operator/organisations" },
  {
    route: "/operator/organisations",
    what: "no name",
    who: "operator",
    origin: "/operator/organisations",
    act: (tool) => tool.root.locator('main button[value="add"]').click(),
  },
  { route: "/operator/preferences", what: "", who: "operator", origin: "/operator/preferences" },
  { route: "/admin", what: "set up", who: "operator", origin: "/admin" },
  { route: "/admin/factory", what: "connected", who: "operator", origin: "/admin/factory" },
  { route: "/admin/factory/disconnect", what: "asks", who: "operator", origin: "/admin/factory/disconnect" },
  { route: "/admin/factory/disconnect", what: "no name", who: "operator", origin: "/admin/factory/disconnect", act: submit },
  {
    route: "/admin/factory",
    what: "no key",
    who: "operator",
    origin: "/admin/factory",
    act: (tool) => tool.root.locator('main button[value="key"]').click(),
  },
  {
    route: "/admin/factory",
    what: "tested",
    who: "operator",
    origin: "/admin/factory",
    act: async (tool) => {
      await tool.root.locator('main button[value="test"]').click();
      await tool.root.locator("aside .note.done").waitFor();
    },
  },
  { route: "/admin/lms", what: "one", who: "operator", origin: "/admin/lms" },
  { route: "/admin/lms/new", what: "which LMS", who: "operator", origin: "/admin/lms/new" },
  { route: "/admin/lms/new", what: "Canvas", who: "operator", origin: "/admin/lms/new?lms=canvas" },
  {
    route: "/admin/lms/new",
    what: "a link",
    who: "operator",
    origin: "/admin/lms/new?lms=generic",
    act: (tool) => tool.root.locator('main button[value="link"]').click(),
  },
  {
    route: "/admin/lms/new",
    what: "with mistakes",
    who: "operator",
    origin: "/admin/lms/new?lms=generic",
    act: (tool) => tool.root.locator('main button[value="add"]').click(),
  },
  { route: "/admin/lms/{registration}", what: "with its self-check", who: "operator", origin: `/admin/lms/${registration}` },
  { route: "/admin/lms/{registration}/client", what: "nothing to take over", who: "operator", origin: `/admin/lms/${registration}/client` },
  { route: "/admin/lms/{registration}/api", what: "connected as the sandbox is", who: "operator", origin: `/admin/lms/${registration}/api` },
  {
    route: "/admin/lms/{registration}/api",
    what: "tested",
    who: "operator",
    origin: `/admin/lms/${registration}/api`,
    act: async (tool) => {
      await tool.root.locator('main button[value="test"]').click();
      await tool.root.locator("section table").first().waitFor();
    },
  },
  { route: "/admin/deployments", what: "none", who: "operator", origin: "/admin/deployments" },
  { route: "/admin/badges", what: "some", who: "operator", origin: "/admin/badges" },
  { route: "/admin/badges", what: "nothing fits", who: "operator", origin: "/admin/badges?search=nothing" },
  { route: "/admin/badges/new", what: "empty", who: "operator", origin: "/admin/badges/new" },
  {
    route: "/admin/badges/new",
    what: "with mistakes",
    who: "operator",
    origin: "/admin/badges/new",
    act: (tool) => tool.root.locator('main button[value="save"]').click(),
  },
  { route: "/admin/badges/{badge}", what: "one", who: "operator", origin: `/admin/badges/${safety}` },
  {
    route: "/admin/badges/{badge}/edit",
    what: "with a preview",
    who: "operator",
    origin: `/admin/badges/${safety}/edit`,
    act: (tool) => tool.root.locator('main button[value="preview"]').click(),
  },
  {
    route: "/admin/badges/{badge}/delete",
    what: "another name",
    who: "operator",
    origin: `/admin/badges/${safety}/delete`,
    act: submit,
  },
  { route: "/admin/edits/{edit}", what: "no such change", who: "operator", origin: "/admin/edits/nothing" },
  { route: "/admin/issuer", what: "as read", who: "operator", origin: "/admin/issuer" },
  { route: "/admin/events", what: "nothing searched", who: "operator", origin: "/admin/events" },
  {
    route: "/admin/searches/{search}",
    what: "all events",
    who: "operator",
    origin: "/admin/events",
    act: async (tool) => {
      await submit(tool);
      await tool.root.waitForURL(/searches/);
      await tool.root.locator("main .tag.done").waitFor();
    },
  },
  { route: "/admin/events/{event}", what: "one", who: "operator", origin: `/admin/events/${event}` },
  { route: "/admin/reports", what: "a year", who: "operator", origin: "/admin/reports" },
  { route: "/admin/feeds", what: "of each kind", who: "operator", origin: "/admin/feeds" },
  { route: "/admin/feeds/{feed}", what: "one", who: "operator", origin: `/admin/feeds/${feed}` },
  { route: "/admin/feeds/{feed}", what: "tested", who: "operator", origin: `/admin/feeds/${feed}`, act: submit },
  { route: "/admin/courses", what: "some", who: "operator", origin: "/admin/courses" },
  { route: "/admin/courses/{course}", what: "a choice", who: "operator", origin: `/admin/courses/${course}` },
  { route: "/admin/queue", what: "nothing waits", who: "operator", origin: "/admin/queue" },
  { route: "/admin/queue/{order}", what: "no such order", who: "operator", origin: "/admin/queue/nothing" },
  { route: "/admin/unmatched", what: "nothing waits", who: "operator", origin: "/admin/unmatched" },
  { route: "/admin/members", what: "found", who: "operator", origin: "/admin/members?search=a" },
  { route: "/admin/members", what: "nothing searched", who: "operator", origin: "/admin/members" },
  { route: "/admin/members/{member}", what: "somebody", who: "operator", origin: `/admin/members/${person}` },
  { route: "/admin/members/{member}/erase", what: "asks", who: "operator", origin: `/admin/members/${person}/erase` },
  { route: "/admin/audit", what: "some", who: "operator", origin: "/admin/audit" },
  { route: "/admin/audit", what: "nothing fits", who: "operator", origin: "/admin/audit?search=nobody" },
  { route: "/admin/people", what: "nobody", who: "operator", origin: "/admin/people" },
  {
    route: "/admin/people",
    what: "a link",
    who: "operator",
    origin: "/admin/people",
    act: async (tool) => {
      await tool.root.locator("#name").fill("Claire Bouchard");
      await tool.root.locator('main button[value="add"]').click();
    },
  },
  { route: "/admin/settings", what: "", who: "operator", origin: "/admin/settings" },
  {
    route: "/admin/settings",
    what: "no domain",
    who: "operator",
    origin: "/admin/settings",
    act: async (tool) => {
      await tool.root.locator("#domains").fill("no domain");
      await submit(tool);
    },
  },
  {
    route: "/lti/launch",
    what: "used before",
    rest: "/help",
    act: (tool) => launchWith(tool, { state: "spent", id_token: "e30.e30.e30" }),
  },
  {
    route: "/lti/launch",
    what: "refused by the LMS",
    rest: "/help",
    act: (tool) => launchWith(tool, { state: "x", error: "access_denied", error_description: "Not today" }),
  },
];
