// Two oracles on one page: signals, four days old by now, and regimes, which have two classes and no treasury.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { closeAll, open, picture, shows, sound, startBrowser, texts } from "../support/browser.mjs";
import { candlesOf, configOf, statusOf } from "../support/node-answers.mjs";
import { startProxy } from "../support/rpc-proxy.mjs";
import { startSite } from "../support/site.mjs";
import { REGIMES, addRegimes, nextRound, startWorld } from "../support/world.mjs";

describe("two oracles", { concurrency: false }, () => {
  let world, regimes, proxy, site, browser;

  before(async () => {
    world = await startWorld();
    for (const execute of [true, true, false]) await nextRound(world, { execute });
    regimes = await addRegimes(world);
    proxy = await startProxy(world.chain.rpc);
    const now = REGIMES.rounds.at(-1).closeTime + 9;
    site = await startSite({
      "/dashboard.json": () => configOf(world, { rpc: proxy.url, regimes }),
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

  test("stale signals first, then regimes: the switch changes everything, and the address keeps it", async () => {
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".flag", /Stale/);
    await shows(page, ".plan", /The round's candle closed 4 d \d+ h ago; a round can be executed for 5 min\./);
    await picture(page, "stale");
    await page.click("input[value=regimes]");
    await shows(page, ".hero", /HIGH[\s\S]*Verified\s+6 of 6 checks/);
    await page.waitForSelector(".hero.is-fresh.is-high");
    await page.waitForFunction(() => document.querySelectorAll(".round.is-verified").length === 10);
    const names = [...REGIMES.rounds].reverse().map(({ signal }) => ["LOW", "HIGH"][signal]);
    assert.deepEqual(await texts(page, ".cell-signal"), names);
    await shows(page, ".rounds th", /Regime/);
    await shows(page, ".nothing", /No treasury\s+Regimes are not traded on/);
    await shows(page, ".legend", /LOW\s+4\s+HIGH\s+6/);
    await shows(page, ".node", /No missed round/);
    assert.equal(await page.evaluate(() => location.hash), "#regimes");
    await picture(page, "regimes");
    await sound(page, problems, { jumps: 0.1 });
    await page.reload();
    await shows(page, ".hero", /HIGH/);
    await page.click("input[value=signals]");
    await shows(page, ".hero", /SELL/);
  });

  test("by keyboard: arrows change the oracle, which is a group of radio buttons with a name", async () => {
    const { page, problems } = await open(browser, `${site.url}#regimes`);
    await shows(page, ".hero", /HIGH/);
    await page.focus("input[value=regimes]");
    await page.keyboard.press("ArrowLeft");
    await shows(page, ".hero", /SELL/);
    assert.equal(await page.$eval("fieldset legend", (one) => one.innerText), "Oracle");
    await sound(page, problems, { jumps: 0.1 });
  });

  test("on a phone both fit", async () => {
    const { page, problems } = await open(browser, `${site.url}#regimes`, { width: 360, height: 740, phone: true });
    await shows(page, ".hero", /HIGH[\s\S]*Verified/);
    await picture(page, "regimes-phone");
    await sound(page, problems, { jumps: 0.1 });
  });

  test("a module that follows another oracle is not shown", async () => {
    const before = site.answers["/dashboard.json"];
    site.answers["/dashboard.json"] = () => {
      const config = configOf(world, { rpc: proxy.url, regimes });
      config.oracles[1].module = world.module;
      return config;
    };
    const { page, problems } = await open(browser, `${site.url}#regimes`);
    await shows(page, ".nothing", /The treasury is not known\s+The module 0x\w+ follows another oracle, 0x\w+/);
    await shows(page, ".hero", /HIGH[\s\S]*Verified/);
    site.answers["/dashboard.json"] = before;
    await sound(page, problems, { jumps: 0.1 });
  });

  test("the rounds' calldata of one oracle is never judged as the other's", async () => {
    const before = site.answers["/dashboard.json"];
    site.answers["/dashboard.json"] = () => {
      const config = configOf(world, { rpc: proxy.url, regimes });
      // The regimes' oracle under the name of the signals: the chain says how many classes it has.
      config.oracles[0] = { ...config.oracles[1], name: "signals", classes: ["SELL", "HOLD", "BUY"] };
      return config;
    };
    const { page, problems } = await open(browser, site.url);
    await shows(page, ".hero", /HIGH/);
    site.answers["/dashboard.json"] = before;
    await sound(page, problems, { jumps: 0.1 });
  });
});
