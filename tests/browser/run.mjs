// Runs the tests of this folder one file after the other and closes with a line of counts.
//
//   npm test                 all
//   npm test newcomer pages  these files

import { readdirSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.startsWith(part)))
  .sort()
  .map((name) => path.join(here, name));

let passed = 0;
let failed = 0;
const isTest = (event) => event.details.type !== "suite" && event.name !== event.file;
const results = run({ files, concurrency: 1, timeout: 900_000 });
results.on("test:pass", (event) => isTest(event) && !event.skip && (passed += 1));
results.on("test:fail", (event) => {
  // what is marked as still to be done is shown, and fails nobody
  if (event.todo === undefined && (isTest(event) || event.name === event.file)) failed += 1;
});
results.on("end", () => {
  if (failed > 0 || passed === 0) process.exitCode = 1;
});
results.compose(new spec()).on("end", () => console.log(`${passed} passed, ${failed} failed`)).pipe(process.stdout);
