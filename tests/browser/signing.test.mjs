// An operator signs in with an OpenID Connect provider, in a window of their own: a whole round through a provider on
// another origin, which is simulated here.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe } from "node:test";
import { journey } from "./journey.mjs";
import { BINARY, startBrowser, until } from "./world.mjs";

const base64url = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A provider that asks whether to go on, and then vouches for `person.groups`. */
async function startProvider(person) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const codes = new Map();
  let issuer;
  const json = (answer, value, status = 200) =>
    answer.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  const server = createServer(async (request, answer) => {
    const url = new URL(request.url, issuer);
    if (url.pathname === "/.well-known/openid-configuration") {
      return json(answer, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
      });
    }
    if (url.pathname === "/keys") {
      return json(answer, { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }] });
    }
    if (url.pathname === "/authorize") {
      const code = randomBytes(16).toString("hex");
      codes.set(code, url.searchParams);
      const back = new URL(url.searchParams.get("redirect_uri"));
      back.searchParams.set("code", code);
      back.searchParams.set("state", url.searchParams.get("state"));
      const go = back.href.replaceAll("&", "&amp;");
      answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      return answer.end(`<!doctype html><html lang="en"><title>Campus</title><h1>Campus</h1><a href="${go}">Go on as Olga</a>`);
    }
    let body = "";
    for await (const piece of request) body += piece;
    const form = new URLSearchParams(body);
    const asked = codes.get(form.get("code"));
    codes.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (!asked || challenge !== asked.get("code_challenge") || form.get("redirect_uri") !== asked.get("redirect_uri")) {
      return json(answer, { error: "invalid_grant" }, 400);
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: asked.get("client_id"), sub: "olga", iat: now, exp: now + 300, nonce: asked.get("nonce"), ...person };
    const text = `${base64url({ alg: "RS256", typ: "JWT", kid: "one" })}.${base64url(claims)}`;
    const signature = createSign("RSA-SHA256").update(text).sign(privateKey, "base64url");
    return json(answer, { access_token: "opaque", token_type: "Bearer", id_token: `${text}.${signature}` });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${server.address().port}`;
  return { issuer, stop: () => (server.closeAllConnections(), server.close()) };
}

/** A server of its own that knows the provider. */
async function startTool(issuer) {
  const data = await mkdtemp(path.join(tmpdir(), "badgebridge-sso-"));
  const env = {
    PATH: process.env.PATH,
    BADGEBRIDGE_PUBLIC_URL: "http://localhost:0",
    BADGEBRIDGE_LISTEN: "127.0.0.1:0",
    BADGEBRIDGE_DATA_DIR: data,
    BADGEBRIDGE_METRICS_LISTEN: "off",
    BADGEBRIDGE_ALLOWED_NETWORKS: "127.0.0.0/8",
    BADGEBRIDGE_SSO_ISSUER: issuer,
    BADGEBRIDGE_SSO_CLIENT_ID: "badges",
    BADGEBRIDGE_SSO_LABEL: "Campus Login",
    BADGEBRIDGE_SSO_ALLOWED_GROUPS: "badge-operators",
  };
  const child = spawn(BINARY, ["serve"], { stdio: ["ignore", "pipe", "pipe"], env });
  const over = once(child, "exit");
  let said = "";
  child.stdout.on("data", (bytes) => (said += bytes));
  child.stderr.on("data", (bytes) => (said += bytes));
  const stop = async () => {
    child.kill("SIGTERM");
    await over;
    await rm(data, { recursive: true, force: true });
  };
  try {
    const address = await until("the server says where it is", () => said.match(/http:\/\/localhost:\d+/)?.[0]);
    await until("it answers", async () => (await fetch(`${address}/readyz`)).ok);
    return { address, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${said}`);
  }
}

describe("an operator signs in with the account of the institution", () => {
  const step = journey();
  const person = { groups: ["badge-operators"] };
  let provider;
  let tool;
  let browser;
  let context;
  let page;

  before(async () => {
    provider = await startProvider(person);
    tool = await startTool(provider.issuer);
    browser = await startBrowser();
    context = await browser.newContext();
    page = await context.newPage();
  });

  after(async () => {
    await browser?.close();
    await tool?.stop();
    provider?.stop();
  });

  const cookies = async () => (await context.cookies(tool.address)).map((cookie) => cookie.name);

  step("a page of the administration leads to the ways in", async () => {
    await page.goto(`${tool.address}/operator/health`);
    await page.getByRole("link", { name: "Ways to sign in" }).click();
    await page.getByRole("heading", { name: "Sign in to the administration" }).waitFor();
  });

  step("by the keyboard to the provider, and back as an operator", async () => {
    const button = page.getByRole("link", { name: "Sign in with Campus Login" });
    await button.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(`${provider.issuer}/authorize?**`);
    await page.getByRole("link", { name: "Go on as Olga" }).click();
    await page.waitForURL(`${tool.address}/operator`);
    await page.getByText("Signed in as operator").first().waitFor();
    assert.deepEqual(await cookies(), ["__Host-bb-operator"], "what bound the sign-in is gone");
  });

  step("signed out, the same answer lets nobody in again", async () => {
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.getByRole("heading", { name: "You are signed out" }).waitFor();
    assert.deepEqual(await cookies(), []);
    const answer = await page.goto(`${tool.address}/operator`);
    assert.equal(answer.status(), 401);
  });

  step("who is in no such group is told so", async () => {
    person.groups = ["everybody"];
    await page.goto(`${tool.address}/operator/sign-in`);
    await page.getByRole("link", { name: "Sign in with Campus Login" }).click();
    await page.getByRole("link", { name: "Go on as Olga" }).click();
    await page.getByRole("heading", { name: "You may not sign in here" }).waitFor();
    const answer = await page.goto(`${tool.address}/operator`);
    assert.equal(answer.status(), 401);
  });

  step("another site's page sends nobody to the provider", async () => {
    await page.goto(`${provider.issuer}/authorize?redirect_uri=${encodeURIComponent(`${tool.address}/operator/sso`)}`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().startsWith(`${tool.address}/operator/sso`)),
      page.getByRole("link", { name: "Go on as Olga" }).click(),
    ]);
    assert.equal(answer.status(), 403);
    assert.deepEqual((await cookies()).filter((name) => name.startsWith("__Host-bb-operator")), []);
  });
});
