// The page beside a node, on a chain with real contracts and real proofs: from the first round to the tenth.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Interface } from "ethers";
import { MODULE } from "../../src/chain/abi.js";
import { bps, decimal } from "../../src/format.js";
import { closeAll, open, picture, shows, sound, startBrowser, texts } from "../support/browser.mjs";
import { candlesOf, configOf, statusOf } from "../support/node-answers.mjs";
import { startProxy } from "../support/rpc-proxy.mjs";
import { startSite } from "../support/site.mjs";
import { BUNDLES, nextRound, startWorld, transact } from "../support/world.mjs";

const NAMES = ["SELL", "HOLD", "BUY"];
const EXECUTE = new Interface(["function execute(uint80 roundId)"]);

describe("signals, beside a node", { concurrency: false }, () => {
  let world, proxy, site, browser, now;

  before(async () => {
    world = await startWorld();
    proxy = await startProxy(world.chain.rpc);
    now = BUNDLES[0].close_time - 20;
    site = await startSite({
      "/dashboard.json": () => configOf(world, { rpc: proxy.url }),
      "/status": () => statusOf(world, now),
      "/candles": () => candlesOf(world),
    });
    browser = await startBrowser();
  });
  afterEach(() => closeAll(browser));
  after(async () => {
    await browser.close();
    site.close();
    proxy.close();
    world.chain.stop();
  });

  const round = async (options) => {
    const added = await nextRound(world, options);
    now = added.bundle.close_time + 14;
    return added;
  };
  const ask = async (name, args = []) => {
    const data = MODULE.encodeFunctionData(name, args);
    return MODULE.decodeFunctionResult(name, await world.chain.call("eth_call", [{ to: world.module, data }, "latest"]));
  };

  test("empty: says that there is no round yet, shows prices, treasury and the node", async () => {
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /No round yet/);
    await shows(page, ".hero", /Next close\s+0:\d\d/);
    await shows(page, "#rounds-title", /Rounds/);
    await shows(page, ".nothing", /Accepted rounds are listed here/);
    await shows(page, ".plan", /There is no round to execute yet/);
    await shows(page, ".node", /chain 31337, 4 ms/);
    assert.equal(await page.$(".rounds"), null);
    await picture(page, "empty");
    await sound(page, problems);
  });

  test("live: rounds appear by themselves, are checked, and are told to screen readers", async () => {
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /No round yet/);
    await round();
    await shows(page, ".hero", /SELL/);
    await shows(page, ".hero", /Verified\s+6 of 6 checks/);
    await shows(page, "[role=status]", /Round 1: SELL, verified\./);
    await round();
    await shows(page, "[role=status]", /Round 2: SELL, verified\./);
    assert.deepEqual(await texts(page, ".cell-id"), ["2", "1"]);
    await sound(page, problems, { jumps: 0.1 });
  });

  test("treasury: a round that may be executed says what it would trade, then that it has been executed", async () => {
    while (world.rounds.length < 7) await round();
    const eighth = await round({ execute: false });
    // A call is made as of the latest block: one that the cooldown since round 7 has passed by.
    await world.chain.moveClock(eighth.bundle.close_time + 10);
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".plan.is-go", /Would trade now with round 8/);
    const [plan] = await ask("preview", [8]);
    const want = `spend ${decimal(plan.amountIn, 6, 2)} dUSDT for at least ${decimal(plan.minAmountOut, 8, 4)} dBTC`;
    await shows(page, ".plan", new RegExp(want.replaceAll(".", "\\.")));
    await shows(page, ".allocation-names", new RegExp(bps(plan.allocationBps).replace(".", "\\.")));
    await picture(page, "treasury-trades");
    await transact(world.chain, world.submitter, world.module, EXECUTE.encodeFunctionData("execute", [8]));
    await shows(page, ".plan", /Round 8 has been executed\.[\s\S]*answers RoundExecuted/);
    await shows(page, ".treasury", /Last executed\s+round 8/);
    eighth.executed = true;
    await sound(page, problems);
  });

  test("complete: ten rounds, all that is shown is what the chain says", async () => {
    while (world.rounds.length < 10) await round();
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /Verified\s+6 of 6 checks/);
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 10);
    const expected = [...world.rounds].reverse();
    assert.deepEqual(await texts(page, ".cell-id"), expected.map(({ id }) => `${id}`));
    assert.deepEqual(await texts(page, ".cell-signal"), expected.map(({ bundle }) => NAMES[bundle.stored.class]));
    assert.deepEqual(await texts(page, ".cell-gas"), expected.map(({ gas }) => gas.toLocaleString("en-GB")));
    assert.deepEqual(
      await page.$$eval(".cell-close time", (all) => all.map((one) => Date.parse(one.dateTime) / 1000)),
      expected.map(({ bundle }) => bundle.close_time),
    );
    assert.deepEqual(await page.$$eval(".cell-tx button", (all) => all.map((one) => one.title)), expected.map(({ tx }) => tx));
    const submitters = await page.$$eval(".cell-submitter button", (all) => all.map((one) => one.title.toLowerCase()));
    assert.deepEqual(new Set(submitters), new Set([world.submitter]));
    // Round 9: logits -26781, -24515, -27065
    assert.deepEqual((await texts(page, ".cell-confidence"))[1].split(/\s/).join(""), "35%2,266");

    const [balances, [left]] = [await ask("balances"), [await ask("budgetsLeft")]];
    await shows(page, ".treasury", new RegExp(`dBTC\\s+${decimal(balances.baseBalance, 8, 4)}`));
    await shows(page, ".treasury", new RegExp(`Turnover left\\s+${decimal(left.turnover, 6, 0)} of`));
    await shows(page, ".plan", /The signal is HOLD, which never trades\.[\s\S]*preview\(10\) answers Hold/);
    const attestors = await page.$$eval(".attestors .hash", (all) => all.map((one) => one.title.toLowerCase()));
    assert.deepEqual(attestors, BUNDLES[0].attestors);
    assert.equal((await page.$$(".attestors .is-verified")).length, 2);
    await shows(page, ".panel-aside", /2 of 3 needed/);
    await picture(page, "signals");
    await sound(page, problems);
  });

  test("checks: a row opens and shows each step with what it found", async () => {
    const { page, problems } = await open(browser, site.url);
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 10);
    assert.match(await page.$eval(".toggle", (one) => one.innerText), /Verified\s+Checks of round 10/);
    await page.click(".round:nth-of-type(1) .toggle");
    assert.equal(await page.$eval(".toggle", (one) => one.getAttribute("aria-expanded")), "true");
    const steps = await page.$$eval(".steps li", (all) => all.map((one) => [one.dataset.step, one.className]));
    assert.deepEqual(steps, ["stored", "event", "transaction", "statement", "proof", "quorum"].map((key) => [key, "is-verified"]));
    await shows(page, "[data-step=statement]", /logits -27754, -22005, -27817 give HOLD/);
    await shows(page, "[data-step=proof]", new RegExp(`The verifier at ${world.verifier} accepts its 864 bytes`));
    await shows(page, "[data-step=quorum]", /2 of 3 attestors of today signed this window/);
    await shows(page, ".details .facts", /Model\s+0xfc3de7fa/);
    await picture(page, "checks");
    await sound(page, problems);
  });

  test("chart: says in words what it shows, and its candles can be walked by keyboard", async () => {
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".legend", /SELL\s+5\s+HOLD\s+2\s+BUY\s+3/);
    const label = await page.$eval(".chart svg", (one) => one.getAttribute("aria-label"));
    assert.match(label, /^Price of BTC\/USDT from \d\d:\d\d to 03:57 UTC: .* Signals: 5 SELL, 2 HOLD, 3 BUY\.$/);
    await page.focus(".scrub");
    const before = await page.$eval(".scrub", (one) => one.getAttribute("aria-valuetext"));
    assert.match(before, /^03:57 UTC, close 66,538\.00, HOLD in round 10$/);
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction((text) => document.querySelector(".scrub").getAttribute("aria-valuetext") !== text, {}, before);
    assert.match(await page.$eval(".scrub", (one) => one.getAttribute("aria-valuetext")), /^03:56 UTC, close 66,547\.89, HOLD in round 9$/);
    assert.ok(await page.$(".cross"));
    await sound(page, problems);
  });

  test("keyboard: the first stop skips to the rounds, Enter opens a row", async () => {
    const { page, problems } = await open(browser, site.url);
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 10);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.innerText.trim()), "Skip to the rounds");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "rounds-title");
    for (let stop = 0; stop < 12; ++stop) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement.className === "toggle")) break;
    }
    await page.keyboard.press("Enter");
    await shows(page, ".steps", /Stored round/);
    await sound(page, problems);
  });

  test("phone: 360 pixels, nothing sticks out, rows open by touch", async () => {
    const { page, problems } = await open(browser, site.url, { width: 360, height: 740, phone: true, scale: 2 });
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 10);
    await shows(page, ".hero", /HOLD[\s\S]*6 of 6 checks/);
    await picture(page, "phone");
    await page.tap(".toggle");
    await shows(page, ".steps", /Attestors verified/);
    const [end, next] = await page.evaluate(() => {
      const bottom = (one) => one.getBoundingClientRect().bottom;
      return [bottom(document.querySelector(".details")), bottom(document.querySelectorAll("tr.round")[1])];
    });
    assert.ok(next > end, "the next row lies below the opened one");
    await picture(page, "phone-open");
    await sound(page, problems);
  });

  for (const [look, options] of [["dark", { dark: true }], ["dark phone", { dark: true, width: 360, height: 740, phone: true }], ["tablet", { width: 820, height: 1180 }]]) {
    test(`${look}: sound as the light page`, async () => {
      const { page, problems } = await open(browser, site.url, options);
      await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 10);
      await page.click(".toggle");
      await picture(page, look.replace(" ", "-"));
      await sound(page, problems);
      });
  }

  test("copying: a press copies the whole hash", async () => {
    const { page, problems } = await open(browser, site.url);
    await page.browserContext().overridePermissions(new URL(site.url).origin, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
    await shows(page, "[role=status]", /Round 10: HOLD, verified/);
    await page.click(".cell-tx button");
    await shows(page, "[role=status]", /Copied transaction\./);
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), world.rounds.at(-1).tx);
    await sound(page, problems);
  });

  test("settings: another RPC is tried before it is kept, and kept over a reload", async () => {
    const other = await startProxy(world.chain.rpc);
    const { page, problems } = await open(browser, site.url, { expected: [/ERR_CONNECTION_REFUSED/] });
    await shows(page, ".hero", /HOLD/);
    const type = async (url) => {
      await page.waitForSelector("dialog[open] #rpc", { visible: true });
      await page.$eval("#rpc", (input) => input.select());
      await page.type("#rpc", url);
      await page.keyboard.press("Enter");
    };
    await page.click(".top-right button");
    await type("ftp://example.org");
    await shows(page, ".problem", /An address begins with http:\/\/ or https:\/\//);
    const gone = await startProxy(world.chain.rpc);
    gone.close();
    await type(gone.url);
    await shows(page, ".problem", /This RPC cannot be read: no connection/);
    other.alter = (request, answer) => (request.method === "eth_chainId" ? { ...answer, result: "0x1" } : answer);
    await type(other.url);
    await shows(page, ".problem", /This RPC is on chain 1; the deployment is on chain 31337/);
    await picture(page, "settings", { fullPage: false });
    await sound(page, problems);
    other.honest();
    await type(other.url);
    await page.waitForFunction(() => !document.querySelector("dialog").open);
    await shows(page, ".foot", new RegExp(other.url));
    await shows(page, ".hero", /Verified/);
    assert.ok(other.calls.length > 50);

    proxy.honest();
    await page.reload();
    await shows(page, ".hero", /Verified/);
    await shows(page, ".foot", new RegExp(other.url));
    assert.equal(proxy.calls.length, 0, "the default RPC is not asked any more");
    await page.click(".top-right button");
    await page.evaluate(() => document.querySelector(".buttons .quiet").click());
    await shows(page, ".foot", new RegExp(proxy.url));
    await shows(page, ".hero", /Verified/);
    other.close();
  });

  test("hidden: a tab that nobody sees asks nothing, and catches up when it is seen", async () => {
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /Verified/);
    const hide = (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await hide(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asked = [proxy.requests, site.asked["/status"], site.asked["/candles"]];
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    assert.deepEqual([proxy.requests, site.asked["/status"], site.asked["/candles"]], asked);
    await hide(false);
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline && !(proxy.requests > asked[0] && site.asked["/status"] > asked[1])) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(proxy.requests > asked[0] && site.asked["/status"] > asked[1]);
    await sound(page, problems);
  });

  test("reorganised: a round that comes back in another block is judged anew", async () => {
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /Verified/);
    await page.click(".toggle");
    const last = world.rounds.at(-1);
    const { input } = await world.chain.call("eth_getTransactionByHash", [last.tx]);
    const old = await world.chain.call("eth_getTransactionReceipt", [last.tx]);
    await shows(page, ".details .facts", new RegExp(`Block\\s+${Number(old.blockNumber)},`));
    await world.chain.call("anvil_rollback", [1]);
    await world.chain.call("evm_mine", []);
    await world.chain.call("evm_mine", []);
    const receipt = await transact(world.chain, world.submitter, world.oracle, input);
    assert.notEqual(receipt.blockNumber, old.blockNumber);
    await shows(page, ".details .facts", new RegExp(`Block\\s+${Number(receipt.blockNumber)},`));
    await shows(page, ".hero", /Verified\s+6 of 6/);
    await sound(page, problems);
  });
});
