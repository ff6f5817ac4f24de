/* Looks at pages with Lighthouse, one after the other, in one Chromium of this machine.

   Reads from standard input {"chromium", "cookies": [{name, value, url}], "runs", "pages": [{"name", "url", "isPrivate"}]};
   writes one JSON object a page to standard output: name, scores (0 to 100), metrics, and what lost points. */
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import { throttling as presets } from "lighthouse/core/config/constants.js";
import puppeteer from "puppeteer-core";
import { text } from "node:stream/consumers";

const { mobileSlow4G } = presets;
const ALL = ["performance", "accessibility", "best-practices", "seo"];
const FLAGS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const lost = (result, category) =>
  result.categories[category].auditRefs
    .filter(({ id, weight }) => weight > 0 && result.audits[id].score !== null && result.audits[id].score < 1)
    .map(({ id }) => ({ id, score: result.audits[id].score, said: result.audits[id].displayValue ?? "",
      items: (result.audits[id].details?.items ?? []).slice(0, 5).map((item) => JSON.stringify(item).slice(0, 300)) }));

/* Lighthouse makes a desk's processor four times slower to stand for a phone's. A machine that is slow itself, or has other
   work to do, needs less of that: https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md */
const DESK = 1400;
let slowdown = 4;

const look = async (port, page, onlyCategories, tries = 3) => {
  // A private page must not be found by search engines, and says so: that it cannot be is no fault of it.
  const skipAudits = page.isPrivate ? ["is-crawlable"] : [];
  const flags = { port, logLevel: "error", disableStorageReset: true, disableFullPageScreenshot: true, onlyCategories, skipAudits, maxWaitForLoad: 30000 };
  const throttling = { ...mobileSlow4G, cpuSlowdownMultiplier: slowdown };
  const { lhr } = await lighthouse(page.url, { ...flags, throttling });
  if (lhr.runtimeError && tries > 1) return look(port, page, onlyCategories, tries - 1);
  if (lhr.runtimeError) throw new Error(`${page.name}: ${lhr.runtimeError.message}`);
  slowdown = Math.min(4, Math.max(1, (4 * lhr.environment.benchmarkIndex) / DESK));
  return lhr;
};

const asked = JSON.parse(await text(process.stdin));
const chrome = await launch({ chromePath: asked.chromium, chromeFlags: FLAGS });
try {
  const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}` });
  const [tab] = await browser.pages();
  await tab.setCookie(...asked.cookies);
  for (const page of asked.pages) {
    const first = await look(chrome.port, page, ALL);
    const results = [first];
    while (results.length < asked.runs && Math.max(...results.map((run) => run.categories.performance.score)) < 1) {
      results.push(await look(chrome.port, page, ["performance"]));
    }
    const best = results.reduce((one, other) => other.categories.performance.score > one.categories.performance.score ? other : one);
    const scores = Object.fromEntries(ALL.map((name) => [name, Math.round(100 * (name === "performance" ? best : first).categories[name].score)]));
    const metrics = Object.fromEntries(
      ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"].map((id) => [id, best.audits[id].numericValue]));
    const requests = best.audits["network-requests"]?.details?.items?.length ?? null;
    const machine = { index: Math.round(best.environment.benchmarkIndex), slowdown: best.configSettings.throttling.cpuSlowdownMultiplier };
    const final = first.finalDisplayedUrl;
    const faults = ALL.flatMap((name) => lost(name === "performance" ? best : first, name).map((fault) => ({ category: name, ...fault })));
    process.stdout.write(`${JSON.stringify({ name: page.name, final, scores, metrics, requests, machine, faults })}\n`);
  }
  await browser.disconnect();
} finally {
  chrome.kill();
}
