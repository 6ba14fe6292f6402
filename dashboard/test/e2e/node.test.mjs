// The page as a running node serves it. VERIREGIME_URL names one, as `veriregime run` prints it; without it these are
// skipped, and the rest of the tests stand in for the node's answers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../scripts/support/local-chain.mjs";
import { checkConfig } from "../../src/config.js";
import { checkCandles } from "../../src/node/candles.js";
import { checkStatus } from "../../src/node/status.js";
import { open, picture, shows, sound, startBrowser } from "../support/browser.mjs";

const url = process.env.VERIREGIME_URL;
const skip = url ? false : "VERIREGIME_URL is not set";

describe("a running node", () => {
  let browser;
  const at = (path) => new URL(path, url);
  const json = async (path) => (await fetch(at(path))).json();

  before(async () => {
    if (url) browser = await startBrowser();
  });
  after(() => browser?.close());

  test("it serves the committed files", { skip }, async () => {
    for (const [path, file] of [["/", "index.html"], ["/app.js", "app.js"], ["/style.css", "style.css"]]) {
      const answer = await fetch(at(path));
      assert.equal(answer.status, 200, path);
      assert.equal(await answer.text(), readFileSync(join(ROOT, "dashboard/dist", file), "utf8"), path);
    }
    assert.match((await fetch(at("/"))).headers.get("content-security-policy") ?? "", /default-src 'none'/);
  });

  test("its answers are those that the page reads", { skip }, async () => {
    const config = checkConfig(await json("/dashboard.json"), at("/dashboard.json"));
    const status = checkStatus(await json("/status"));
    assert.deepEqual(status.oracles.map(({ name }) => name), config.oracles.map(({ name }) => name));
    assert.equal(status.chain.chainId, config.chainId);
    checkCandles(await json("/candles?limit=240"));
  });

  test("the page shows the node, and a signal that it has verified itself", { skip }, async () => {
    const { page, problems } = await open(browser, url);
    await shows(page, ".node", /Running/);
    await shows(page, ".hero", /Verified\s+6 of 6 checks/);
    await picture(page, "node");
    await sound(page, problems, { jumps: 0.1 });
  });
});
