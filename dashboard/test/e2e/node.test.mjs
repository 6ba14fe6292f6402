// The page as a running node serves it: one that VERIREGIME_URL names, or one that these tests start where VERIREGIME_PROGRAM
// names the program and VERIREGIME_SRS the ceremony's points. With neither they are skipped, and the rest of the tests
// stand in for the node's answers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../../scripts/support/local-chain.mjs";
import { checkConfig } from "../../src/config.js";
import { checkCandles } from "../../src/node/candles.js";
import { checkStatus } from "../../src/node/status.js";
import { open, picture, shows, sound, startBrowser } from "../support/browser.mjs";
import { canStartNode, startNode } from "../support/node.mjs";
import { POLICY } from "../support/site.mjs";

const named = process.env.VERIREGIME_URL;
const skip = named || canStartNode() ? false : "set VERIREGIME_URL, or VERIREGIME_PROGRAM and VERIREGIME_SRS";

describe("a running node", { concurrency: false }, () => {
  let browser, url, stop;
  const at = (path) => new URL(path, url);
  const json = async (path) => (await fetch(at(path))).json();

  before(async () => {
    if (skip) return;
    ({ url, stop } = named ? { url: named } : await startNode());
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    stop?.();
  });

  test("it serves the committed files under the policy that docs/dashboard.md asks for", { skip }, async () => {
    for (const [path, file] of [["/", "index.html"], ["/app.js", "app.js"], ["/style.css", "style.css"]]) {
      const answer = await fetch(at(path));
      assert.equal(answer.status, 200, path);
      assert.equal(await answer.text(), readFileSync(join(ROOT, "dashboard/dist", file), "utf8"), path);
      assert.equal(answer.headers.get("content-security-policy"), POLICY);
    }
    assert.ok(readFileSync(join(ROOT, "docs/dashboard.md"), "utf8").includes(POLICY));
  });

  test("its answers are those that the page reads", { skip }, async () => {
    const config = checkConfig(await json("/dashboard.json"), at("/dashboard.json"));
    const status = checkStatus(await json("/status"));
    assert.deepEqual(status.oracles.map(({ name }) => name), config.oracles.map(({ name }) => name));
    assert.equal(status.chain.chainId, config.chainId);
    checkCandles(await json("/candles?limit=240"));
  });

  test("the page shows the node and its candles, and a signal that it has verified itself", { skip }, async () => {
    const { page, problems } = await open(browser, url);
    await shows(page, ".node", /Running/);
    await shows(page, ".legend", /SELL/);
    // A named node's next round may be a minute away.
    page.setDefaultTimeout(150_000);
    await shows(page, ".hero", /Verified\s+6 of 6 checks/);
    await shows(page, ".cell-state", /Verified/);
    // The page sees a block as early as the node does, which then has to note it.
    const known = async () => (await json("/status")).oracles[0].rounds.some(({ round }) => round !== null);
    for (let look = 0; !(await known()); look++) {
      assert.ok(look < 100, "the node knows of a round");
      await sleep(100);
    }
    await picture(page, "node");
    await sound(page, problems, { jumps: 0.2 });
  });
});
