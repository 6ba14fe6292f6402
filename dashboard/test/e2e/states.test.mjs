// What the page shows when something is not there: no answer, a wrong one, an old one, or none to be had.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { closeAll, open, picture, shows, sound, startBrowser, texts } from "../support/browser.mjs";
import { candlesOf, configOf, statusOf } from "../support/node-answers.mjs";
import { startProxy } from "../support/rpc-proxy.mjs";
import { startSite } from "../support/site.mjs";
import { BUNDLES, nextRound, startWorld } from "../support/world.mjs";

/** What a browser writes to its console about requests that fail; the page itself writes nothing. */
const NETWORK = [/Failed to load resource/];
const STRANGER = "0x000000000000000000000000000000000000dEaD";

describe("states", { concurrency: false }, () => {
  let world, proxy, site, browser, now, good;

  before(async () => {
    world = await startWorld();
    for (let i = 0; i < 4; ++i) await nextRound(world);
    proxy = await startProxy(world.chain.rpc);
    good = {
      "/dashboard.json": () => configOf(world, { rpc: proxy.url }),
      "/status": () => statusOf(world, now),
      "/candles": () => candlesOf(world),
    };
    site = await startSite(good);
    browser = await startBrowser();
  });
  beforeEach(() => {
    proxy.honest();
    now = BUNDLES[3].close_time + 20;
    site.answers = { ...good };
    site.down = false;
  });
  afterEach(() => closeAll(browser));
  after(async () => {
    await browser.close();
    site.close();
    proxy.close();
    world.chain.stop();
  });

  test("loading: the place of everything is kept until it comes", async () => {
    let go;
    const gate = new Promise((resolve) => (go = resolve));
    proxy.alter = async (_, answer) => (await gate, answer);
    site.answers["/status"] = null;
    site.answers["/candles"] = null;
    const { page, problems } = await open(browser, site.url, { expected: NETWORK });
    await page.waitForSelector(".hero.is-loading .bone");
    await shows(page, ".pill", /connecting/);
    assert.equal((await page.$$("tr.round[aria-hidden=true]")).length, 20);
    assert.deepEqual(await texts(page, ".hero h1"), [""]);
    await picture(page, "loading");
    site.answers = { ...good };
    go();
    await shows(page, ".hero", /Verified/);
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 4);
    await sound(page, problems);
  });

  test("RPC down from the start: says so, shows what the node says, and recovers by itself", async () => {
    proxy.down = true;
    const { page, problems } = await open(browser, site.url, { expected: NETWORK });
    await shows(page, ".notice", /The chain cannot be read: no connection\.[\s\S]*Asked again in \d+ s/);
    await shows(page, ".hero", /No reading/);
    await shows(page, ".nothing", /Rounds are not known/);
    await shows(page, ".node", /chain 31337, 4 ms/);
    assert.equal(await page.$eval(".notice", (one) => one.getAttribute("role")), "alert");
    assert.equal((await page.$$(".is-verified.round, .hero .is-verified")).length, 0);
    await picture(page, "rpc-down");
    await sound(page, problems, { jumps: 0.1 });
    proxy.down = false;
    await page.evaluate(() => [...document.querySelectorAll(".notice button")].find((one) => one.innerText === "Ask now").click());
    await shows(page, ".hero", /Verified/);
    await page.waitForFunction(() => !document.querySelector(".notice"));
  });

  test("RPC lost later: what was read stays, and is said to be of before", async () => {
    const { page, problems } = await open(browser, site.url, { expected: NETWORK });
    await shows(page, ".hero", /Verified/);
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 4);
    proxy.down = true;
    await shows(page, ".notice", /The chain cannot be read[\s\S]*What is shown is what was read before/);
    await shows(page, ".pill", /no answer/);
    assert.equal((await page.$$(".round")).length, 4);
    await sound(page, problems);
    proxy.down = false;
    await shows(page, "[role=status]", /The chain answers again\./);
  });

  test("back-off: an RPC that is down is asked ever more rarely", async () => {
    proxy.down = true;
    const { page } = await open(browser, site.url, { expected: NETWORK });
    const waits = [];
    for (let i = 0; i < 2; ++i) {
      await shows(page, ".notice", /Asked again in \d+ s/);
      const text = await page.$eval(".notice", (one) => one.innerText);
      waits.push(Number(/Asked again in (\d+) s/.exec(text)[1]));
      await page.evaluate(() => [...document.querySelectorAll(".notice button")].find((one) => one.innerText === "Ask now").click());
      await page.waitForFunction((before) => Number(/again in (\d+) s/.exec(document.querySelector(".notice")?.innerText)?.[1]) > before + 2, {}, waits.at(-1));
    }
    waits.push(Number(/Asked again in (\d+) s/.exec(await page.$eval(".notice", (one) => one.innerText))[1]));
    assert.ok(waits[1] > waits[0] + 2 && waits[2] > waits[1] + 4, waits.join());
  });

  test("node down: rounds and treasury are read from the chain without it, prices are the oracle's", async () => {
    site.answers["/status"] = { status: 503, body: { error: { code: "starting", message: "the node is starting" } } };
    site.answers["/candles"] = { status: 503, body: { error: { code: "starting", message: "the node is starting" } } };
    const { page, problems } = await open(browser, site.url, { expected: NETWORK });
    await shows(page, ".notice", /The node cannot be reached\.\s+The node is starting\.[\s\S]*read from the chain without it/);
    await shows(page, ".hero", /BUY[\s\S]*Verified/);
    await shows(page, ".treasury", /dUSDT/);
    await shows(page, ".panel-aside", /closes as the oracle accepted them/);
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 4);
    await picture(page, "node-down");
    await sound(page, problems, { jumps: 0.1 });
  });

  test("node lost later: its last word stays with its time", async () => {
    const { page, problems } = await open(browser, site.url, { expected: NETWORK });
    await shows(page, ".node", /3 of 3 answer/);
    site.down = true;
    await shows(page, ".old", /Its last word, of 03:51:20 UTC/);
    await shows(page, ".notice", /The node does not answer/);
    await sound(page, problems);
  });

  test("node of another version: its answer is refused by name", async () => {
    site.answers["/status"] = () => ({ ...statusOf(world, now), ready: "yes" });
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".notice", /The node's answer has no good ready\./);
    await shows(page, ".hero", /Verified/);
    await sound(page, problems, { jumps: 0.1 });
  });

  test("node not ready: the failed check stands out, in words, too", async () => {
    site.answers["/status"] = () => {
      const status = statusOf(world, now, { ready: false });
      status.checks[2] = { name: "candles", ok: false, detail: "newest closed 5 min ago: binance answers 418" };
      return status;
    };
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".pill.is-bad", /not ready/);
    await shows(page, ".checks .is-failed", /candles\s*: bad\s+newest closed 5 min ago: binance answers 418/);
    await shows(page, ".missed", /03:46\s+one attestation of two: attestor 127\.0\.0\.1:8788 did not answer/);
    await shows(page, ".stage", /attested/);
    await sound(page, problems);
  });

  test("the node's word decides nothing: what it says of rounds is not shown as theirs", async () => {
    site.answers["/status"] = () => {
      const status = statusOf(world, now);
      for (const round of status.oracles[0].rounds) Object.assign(round, { signal: "SELL", class: 0, gas: 1, tx: `0x${"77".repeat(32)}`, logits: [9, 1, 1] });
      return status;
    };
    const { page, problems } = await open(browser, site.url);
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 4);
    assert.deepEqual(await texts(page, ".cell-signal"), ["BUY", "SELL", "SELL", "SELL"]);
    assert.deepEqual(await texts(page, ".cell-gas"), world.rounds.map(({ gas }) => gas.toLocaleString("en-GB")).reverse());
    await sound(page, problems);
  });

  test("stale: a round older than the oracle's limit is visibly not to be acted on", async () => {
    const snapshot = await world.chain.call("evm_snapshot", []);
    await world.chain.moveClock(BUNDLES[3].close_time + 595);
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /BUY/);
    await page.waitForSelector(".hero.is-fresh");
    // No block comes: the page's own clock goes on, and some seconds later the round is too old.
    await page.waitForSelector(".hero.is-stale");
    await shows(page, ".flag", /Stale/);
    assert.equal(await page.title(), "BUY (stale) · VeriRegime");
    await shows(page, ".hero-line", /more than the oracle's limit of 10 min: not to be acted on/);
    assert.match(await page.$eval(".signal", (one) => getComputedStyle(one).textDecorationLine), /line-through/);
    await sound(page, problems, { jumps: 0.1 });
    await world.chain.call("evm_revert", [snapshot]);
  });

  test("wrong chain: nothing of it is shown", async () => {
    site.answers["/dashboard.json"] = () => ({ ...configOf(world, { rpc: proxy.url, node: false }), chainId: 11155111 });
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".notice", /This RPC is on another chain\.[\s\S]*is on chain 31337, not on chain 11155111\. Nothing is shown of it/);
    await shows(page, ".hero", /No reading/);
    await shows(page, ".nothing", /The treasury is not known/);
    assert.equal((await page.$$(".round")).length, 0);
    assert.ok(!proxy.calls.some(({ method }) => method === "eth_call"));
    await picture(page, "wrong-chain");
    await sound(page, problems, { jumps: 0.1 });
  });

  test("no RPC named: asks for one, and reads the chain from it", async () => {
    site.answers["/dashboard.json"] = () => ({ ...configOf(world, { rpc: null }) });
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".notice", /No RPC is named\.\s+The node keeps its own to itself: name one that this browser may ask\./);
    await shows(page, ".hero", /No reading/);
    await sound(page, problems, { jumps: 0.1 });
    await page.click(".notice button");
    // What is typed before the dialog opens goes nowhere.
    await page.waitForSelector("dialog[open] #rpc", { visible: true });
    await page.type("#rpc", proxy.url);
    await page.keyboard.press("Enter");
    await shows(page, ".hero", /BUY[\s\S]*Verified/);
    await page.reload();
    await shows(page, ".hero", /BUY[\s\S]*Verified/);
  });

  for (const [what, change, words] of [
    ["no contract at the oracle's address", { address: STRANGER }, /There is no oracle here\.[\s\S]*no contract at 0x000000000000000000000000000000000000dEaD/],
    ["another gateway than the oracle's", { gateway: STRANGER }, /This is another deployment\.[\s\S]*dashboard\.json names 0x000000000000000000000000000000000000dEaD/],
  ]) {
    test(`wrong deployment: ${what}`, async () => {
      site.answers["/dashboard.json"] = () => {
        const config = configOf(world, { rpc: proxy.url });
        Object.assign(config.oracles[0], change);
        return config;
      };
      const { page, problems } = await open(browser, site.url);
      await shows(page, ".notice", words);
      await shows(page, ".hero", /No reading/);
      assert.equal((await page.$$(".round")).length, 0);
      await sound(page, problems, { jumps: 0.1 });
    });
  }

  test("no treasury: says so, and asks nothing of one", async () => {
    site.answers["/dashboard.json"] = () => {
      const config = configOf(world, { rpc: proxy.url });
      config.oracles[0].module = null;
      return config;
    };
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".nothing", /No treasury\s+No module is deployed for this oracle/);
    await shows(page, ".hero", /Verified/);
    await sound(page, problems);
  });

  test("an address that is no module is not shown as one", async () => {
    site.answers["/dashboard.json"] = () => {
      const config = configOf(world, { rpc: proxy.url });
      config.oracles[0].module = world.market.maker;
      return config;
    };
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".nothing", /The treasury is not known/);
    await shows(page, ".hero", /Verified/);
    await sound(page, problems, { jumps: 0.1 });
  });

  test("no dashboard.json: says what is missing, and reads it when it is there", async () => {
    site.answers["/dashboard.json"] = null;
    const { page, problems } = await open(browser, site.url, { expected: NETWORK });
    await shows(page, ".notice h1", /There is no dashboard\.json beside this page\./);
    await picture(page, "no-config");
    await sound(page, problems);
    site.answers["/dashboard.json"] = good["/dashboard.json"];
    await page.click(".notice button");
    await shows(page, ".hero", /Verified/);
  });

  test("a dashboard.json with a fault: the field is named", async () => {
    site.answers["/dashboard.json"] = () => ({ ...configOf(world, { rpc: proxy.url }), chainId: "31337" });
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".notice h1", /dashboard\.json: chainId is no positive integer\./);
    await sound(page, problems);
  });

  test("static: from any server and folder, without a node", async () => {
    site.answers["/dashboard.json"] = () => configOf(world, { rpc: proxy.url, node: false });
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /Verified/);
    await shows(page, ".nothing", /It is served as a file: everything here is read from the chain alone/);
    await shows(page, ".foot", /Ages count by the latest block's time/);
    await picture(page, "static");
    await sound(page, problems);
  });
});
