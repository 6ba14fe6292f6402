// A thousand rounds: the page reads a screenful, and little more when a new round comes.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { closeAll, open, picture, shows, sound, startBrowser, texts } from "../support/browser.mjs";
import { startProxy } from "../support/rpc-proxy.mjs";
import { startSite } from "../support/site.mjs";
import { startVolume } from "../support/volume.mjs";

const ROUNDS = 1_000;
/** Rounds on a page, and rounds of four hours on the chart. */
const PAGE = 20;
const CHART = 242;

describe("a thousand rounds", { concurrency: false }, () => {
  let world, proxy, site, browser;

  before(async () => {
    world = await startVolume(ROUNDS);
    proxy = await startProxy(world.chain.rpc);
    const entry = { name: "signals", address: world.oracle, gateway: world.gateway, module: null, symbol: "BTC/USDT", timeframe: 60 };
    site = await startSite({ "/dashboard.json": { rpc: proxy.url, chainId: 31337, status: null, candles: null, oracles: [entry] } });
    browser = await startBrowser();
  });
  afterEach(() => closeAll(browser));
  after(async () => {
    await browser.close();
    site.close();
    proxy.close();
    world.chain.stop();
  });

  const settled = (page) =>
    page.waitForFunction((count) => document.querySelectorAll(".round.is-verified").length === count, {}, PAGE);

  test("the first page asks for its rounds and the chart's, in few batches", async () => {
    proxy.honest();
    const { page, problems } = await open(browser, site.url);
    await settled(page);
    await shows(page, ".legend", /SELL\s+\d+/);
    const per = (method) => proxy.calls.filter((call) => call.method === method).length;
    assert.ok(proxy.calls.length <= CHART + 6 * PAGE + 40, `${proxy.calls.length} questions`);
    assert.ok(proxy.requests <= 40, `${proxy.requests} requests`);
    assert.equal(per("eth_getLogs"), 1);
    assert.equal(per("eth_getTransactionByHash"), PAGE);
    assert.equal((await page.$$("tr.round")).length, PAGE);
    const marks = (await texts(page, ".legend .num")).map(Number);
    assert.ok(marks.reduce((sum, count) => sum + count) >= 240, marks.join());
    console.log(`  ${ROUNDS} rounds: ${proxy.calls.length} questions in ${proxy.requests} requests for the first page`);
    await picture(page, "thousand");
    await sound(page, problems);
  });

  test("pages: older, newer, latest; each reads its own rounds only", async () => {
    const { page, problems } = await open(browser, site.url);
    await settled(page);
    await shows(page, ".pager", /981–1,000 of 1,000/);
    proxy.honest();
    const press = (name) => page.evaluate((text) => [...document.querySelectorAll(".pager button")].find((one) => one.innerText === text).click(), name);
    await press("Older");
    await shows(page, ".pager", /961–980 of 1,000/);
    await settled(page);
    assert.deepEqual((await texts(page, ".cell-id"))[0], "980");
    assert.ok(proxy.calls.length <= 6 * PAGE + 20, `${proxy.calls.length} questions`);
    await press("Older");
    await shows(page, ".pager", /941–960 of 1,000/);
    await press("Newer");
    await shows(page, ".pager", /961–980 of 1,000/);
    await press("Latest");
    await shows(page, ".pager", /981–1,000 of 1,000/);
    assert.ok(await page.evaluate(() => [...document.querySelectorAll(".pager button")].filter((one) => one.disabled).map((one) => one.innerText).join() === "Latest,Newer"));
    await sound(page, problems, { jumps: 0.1 });
  });

  test("a block without a round costs a handful of questions", async () => {
    const { page, problems } = await open(browser, site.url);
    await settled(page);
    // The newest rounds are looked at again until they are deep: mine until they are.
    await world.chain.call("anvil_mine", ["0x60"]);
    const head = Number(await world.chain.call("eth_blockNumber", []));
    await shows(page, ".pill", new RegExp(`block ${head.toLocaleString("en-GB")}`));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    proxy.honest();
    await world.chain.call("evm_mine", []);
    const before = await page.$eval(".pill", (one) => one.innerText);
    await page.waitForFunction((text) => document.querySelector(".pill").innerText !== text, {}, before);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.ok(proxy.calls.length <= 16, `${proxy.calls.length} questions: ${proxy.calls.map(({ method }) => method).join()}`);
    await sound(page, problems);
  });
});
