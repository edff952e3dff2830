// Badges at the Factory, made, changed and deleted on the administration's pages; hostile criteria and pictures.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { startBrowser, startSandbox, Tool, until } from "./world.mjs";

let browser;
let sandbox;
let page;
let tool;

before(async () => {
  [browser, sandbox] = await Promise.all([startBrowser(), startSandbox()]);
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  page = await context.newPage();
  tool = Tool.inWindow(page);
  await page.goto(sandbox.operator);
  await page.locator("main .btn.main").click();
  await page.waitForURL(`${sandbox.tool}/operator`);
  await page.goto(`${sandbox.tool}/operator/organisations`);
  await page.locator('main button[value="open"]').first().click();
  await page.waitForURL(`${sandbox.tool}/admin`);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** A square PNG of one colour. */
function png(side) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((side + 1) * side, 90);
  for (let row = 0; row < side; row += 1) rows[row * (side + 1)] = 0;
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([start, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

const choose = (name, buffer) => page.locator("#picture").setInputFiles({ name, mimeType: "image/png", buffer });

const HOSTILE = `<p>Shown in class.</p><img src="x" onerror="window.hacked=1"><script>window.hacked=1</script>
<a href="javascript:window.hacked=1">rules</a><iframe srcdoc="<script>parent.hacked=1</script>"></iframe>`;

test("a badge is made, changed and deleted, and nothing hostile gets anywhere", async () => {
  const beyond = [];
  page.on("request", (request) => request.url().startsWith(sandbox.tool) || beyond.push(request.url()));
  await tool.link("Badges").first().click();
  await tool.see("Badges");
  await tool.link("New badge").click();
  await page.locator("#name").fill("Knots <script>window.hacked=1</script>");
  await page.locator("#description").fill("Ties six knots.");
  await page.locator("#criteria").fill(HOSTILE);
  await tool.button("Preview the criteria").click();
  await page.getByText("Shown in class.").last().waitFor();
  assert.equal(await page.locator("main .answer img, main .answer script, main .answer iframe").count(), 0);
  await choose("badge.png", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>window.hacked=1</script></svg>"));
  await tool.button("Save badge").click();
  await page.locator("#errors").waitFor();
  assert.match(await tool.text(), /Take out what runs/);
  assert.match(await tool.text(), /Choose a picture in the PNG format/);
  await page.locator("#criteria").fill("Tie **six** knots.\n\n- bowline\n- clove hitch");
  await choose("badge.png", png(500));
  await tool.button("Save badge").click();
  await page.waitForURL(/\/admin\/edits\//);
  await page.getByText("The Factory has it").waitFor();
  // the list is read again, then there is a page of it
  await page.goto(`${sandbox.tool}/admin/badges?search=knots`);
  const link = page.locator("main table a").first();
  await until("the list was read again", async () => (await page.reload()) && (await link.count()) > 0);
  await link.click();
  await tool.see("Knots");
  assert.match(await tool.text(), /bowline/);
  assert.ok(await page.locator("main .badge img").first().evaluate((picture) => picture.naturalWidth > 0), "its picture is shown");
  await tool.link("Change this badge").click();
  await page.locator("#name").fill("Knots");
  await page.locator("#draft").uncheck({ force: true });
  await tool.button("Save badge").click();
  await page.getByText("The Factory has it").waitFor();
  await tool.link("See how it stands").click();
  await tool.see(/^Knots$/);
  await tool.link("Delete this badge").click();
  await page.locator("#name").fill("Nots");
  await tool.button("Delete this badge").click();
  await page.locator("#errors").waitFor();
  await page.locator("#name").fill("Knots");
  await tool.button("Delete this badge").click();
  await page.getByText("The Factory has deleted it").waitFor();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(beyond, [], "nothing was asked for elsewhere");
});

test("events are searched, and a report is shown", async () => {
  await tool.link("Events").first().click();
  await tool.button("Search events").click();
  await page.waitForURL(/\/admin\/searches\//);
  await page.locator("main .tag.done").waitFor();
  await tool.link("Reports").first().click();
  await tool.see("Reports");
  assert.match(await tool.text(), /awarded in this time/);
});
