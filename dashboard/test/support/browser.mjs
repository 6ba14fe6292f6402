// Pages of a headless Chromium, with everything that a page may not do collected.
import axe from "axe-core";
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { ROOT } from "../../../scripts/support/local-chain.mjs";
import { chromium } from "./chromium.mjs";

/** Where screenshots go. */
export const PICTURES = join(ROOT, "target/e2e");
/** Hang guard of every wait, ms; no verdict depends on it. */
const PATIENCE = 60_000;

/** Starts the browser. */
export async function startBrowser() {
  mkdirSync(PICTURES, { recursive: true });
  // Tests run in containers as root, where Chromium's own sandbox cannot start.
  const args = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none", "--hide-scrollbars"];
  return puppeteer.launch({ executablePath: chromium(), headless: true, args });
}

/**
 * Opens a page on its own profile.
 * @param look width, height, dark, scale, phone
 */
export async function open(browser, url, { width = 1360, height = 900, dark = false, scale = 1, phone = false, expected = [] } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setViewport({ width, height, deviceScaleFactor: scale, isMobile: phone, hasTouch: phone });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  const problems = [];
  page.on("console", (message) => {
    const text = `${message.type()}: ${message.text()} ${message.location().url ?? ""}`;
    if (["error", "warn"].includes(message.type()) && !expected.some((pattern) => pattern.test(text))) problems.push(text);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  await page.evaluateOnNewDocument(() => {
    globalThis.seen = { violations: [], shift: 0 };
    addEventListener("securitypolicyviolation", (event) => seen.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(url, { waitUntil: "load" });
  return { page, problems };
}

/** Closes every page. */
export const closeAll = (browser) =>
  Promise.all(browser.browserContexts().filter((context) => context !== browser.defaultBrowserContext()).map((context) => context.close()));

/**
 * What every page must be, whatever it shows: no error in the console, nothing that its policy forbids, nothing that
 * axe finds, not wider than its window, and nothing that jumped.
 */
export async function sound(page, problems, { jumps = 0.05 } = {}) {
  assert.deepEqual(problems, [], "errors in the console");
  const { violations: forbidden, shift } = await page.evaluate(() => globalThis.seen);
  assert.deepEqual(forbidden, [], "violations of the content security policy");
  assert.deepEqual(await violations(page), [], "violations of accessibility");
  assert.ok((await overflow(page)) <= 0, "wider than the window");
  assert.ok(shift <= jumps, `layout shift ${shift}`);
}

/** Waits until the page's text matches; says what it showed instead. */
export async function shows(page, selector, pattern) {
  try {
    await page.waitForFunction(
      (where, source, flags) => [...document.querySelectorAll(where)].some((one) => new RegExp(source, flags).test(one.innerText)),
      {},
      selector,
      pattern.source,
      pattern.flags,
    );
  } catch (error) {
    const found = await page.$$eval(selector, (all) => all.map((one) => one.innerText).join(" | ")).catch(() => "");
    throw new Error(`${selector} does not show ${pattern}, but: ${found.slice(0, 800)}`, { cause: error });
  }
}

/** The text of every element. */
export const texts = (page, selector) => page.$$eval(selector, (all) => all.map((one) => one.innerText.trim()));

/** Violations of WCAG 2.2 A and AA that axe finds, as sentences. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return found
    .filter(({ impact }) => ["serious", "critical", "moderate"].includes(impact))
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary ?? ""}`).join("; ")}`);
}

/** Pixels by which the page is wider than its window. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Pictures that docs/dashboard.md shows, taken anew where PICTURES is set, and the part of the page that they show. */
const SHOWN = new Map([
  ["signals", "page"],
  ["dark", "window"],
  ["phone", "window"],
  ["checks", ".panel:has(.rounds)"],
  ["failed-proof", ".panel:has(.rounds)"],
  ["treasury-trades", ".panel:has(.treasury)"],
  ["thousand", ".panel:has(.chart)"],
  ["settings", "window"],
  ...["frozen", "stale", "regimes", "empty", "loading", "rpc-down", "node-down", "wrong-chain", "no-config"].map((name) => [name, "window"]),
]);

/** Takes a picture into target/e2e. */
export async function picture(page, name, { fullPage = true } = {}) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage });
  const part = SHOWN.get(name);
  if (!process.env.PICTURES || !part) return;
  const path = join(ROOT, "docs/dashboard", `${name}.webp`);
  const shown = part === "page" || part === "window" ? page : await page.$(part);
  await shown.screenshot({ path, type: "webp", quality: 76, fullPage: part === "page" });
}
