// Steps that build on one another: after one that fails the rest is left out, since it would only wait in vain.

import { test } from "node:test";

/** A function like `test` for the steps of one journey. */
export function journey() {
  let broken;
  return (name, work) =>
    test(name, async (context) => {
      if (broken) return context.skip(`after: ${broken}`);
      broken = name;
      await work(context);
      broken = undefined;
      return undefined;
    });
}
