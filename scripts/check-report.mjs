// Opens a report in a browser and checks it: node scripts/check-report.mjs REPORT [FOLDER]
//
// REPORT is the page; comparison.json is looked for beside it and in the folder above. Screenshots go to FOLDER
// (default: report-check). It takes Chromium (Debian's package; CHROMIUM names another) and two packages of npm:
//
//   npm install --no-save playwright-core axe-core
//
// (NODE_PATH may name the folder they lie in). Exit code 1 if anything is wrong. Not part of `cargo test`.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const [report, folder = "report-check"] = process.argv.slice(2);
if (!report) {
  console.error("usage: node scripts/check-report.mjs REPORT [FOLDER]");
  process.exit(2);
}
const places = [dirname(resolve(report)), dirname(dirname(resolve(report)))];
const beside = places.map((place) => join(place, "comparison.json")).find(existsSync);
const comparison = JSON.parse(readFileSync(beside, "utf8"));
const url = pathToFileURL(resolve(report)).href;
mkdirSync(folder, { recursive: true });

let wrong = 0;
const check = (good, what) => {
  console.log(`${good ? "ok   " : "WRONG"} ${what}`);
  if (!good) wrong += 1;
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

async function open(options = {}) {
  // The auditor is put into the page past its policy; all other pages are opened under it.
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) problems.push(message.text()); });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => { if (request.url() !== url && !request.url().startsWith(url + "#")) problems.push(`request: ${request.url()}`); });
  page.on("dialog", (dialog) => { problems.push("dialog"); dialog.dismiss(); });
  const begun = Date.now();
  await page.goto(url);
  return { page, context, problems, took: Date.now() - begun };
}

// Numbers, sorting, filtering, views, keyboard: under the page's own policy.
{
  const { page, context, problems, took } = await open();
  check(took < 2000, `opens within two seconds (${took} ms)`);
  const drawn = await page.$$eval("svg.heat g[data-period]", (cells) => cells.map((cell) => ({ ...cell.dataset })));
  const plots = (selector) => page.$$eval(selector, (all) => all.map((svg) =>
    Array.from(svg.querySelectorAll("[data-period]")).map((one) => ({ ...one.dataset }))));
  const themes = Object.values(comparison.themes);
  const shown = (course, point) => {
    const corrected = course.corrected && !course.corrected.uncorrected;
    if (point.raw.too_little) return null;
    const one = corrected ? point.corrected : point.raw;
    return one && [one.share ?? one.mean, ...one.interval];
  };
  const agrees = (course, figures) => course.periods.every((point) => {
    const found = figures.filter((one) => one.period === point.period);
    const expected = shown(course, point);
    if (found.length !== 1 || Number(found[0].of) !== point.raw.of) return false;
    if (!expected) return found[0].none === "" && found[0].value === undefined;
    return [found[0].value, found[0].low, found[0].high].every((value, place) => Number(value) === expected[place]);
  });
  const count = comparison.periods.length;
  check(drawn.length === themes.length * count, "the heat map has a cell per theme and period");
  check(themes.every((theme, place) => agrees(theme.share, drawn.slice(place * count, (place + 1) * count))), "the heat map shows the numbers of comparison.json");
  // A course without any figure has no chart of its own: a sentence says why.
  const drawnOf = (course) => course.periods.some((point) => shown(course, point));
  const courses = [...themes.map((theme) => theme.share), ...themes.map((theme) => theme.mean_sentiment)].filter(drawnOf);
  const small = await plots(".multiples svg.plot");
  check(small.length === courses.length, `a small chart for each of ${courses.length} courses with figures`);
  check(courses.every((course, place) => agrees(course, small[place])), "the small charts show those numbers");
  const own = themes.flatMap((theme) => [theme.share, theme.mean_sentiment]).filter(drawnOf);
  const large = await plots("article.theme svg.plot");
  check(large.length === own.length && own.every((course, place) => agrees(course, large[place])), "the charts of each theme show those numbers");
  check(await page.$$eval("figure", (all) => all.every((one) => one.querySelector("svg[role=img] title") && one.querySelector("details table"))), "each chart has a name, and a table behind it");

  const changes = page.locator("#changes-shares tbody tr");
  if (await changes.count()) {
    const keys = (column) => page.$$eval("#changes-shares tbody tr:not([hidden])", (rows, column) => rows.map((row) => Number(row.cells[column].dataset.key)), column);
    const sorted = (numbers, sign) => numbers.every((number, place) => place === 0 || sign * (number - numbers[place - 1]) >= 0);
    const bySize = page.getByRole("button", { name: "Difference (size)" }).first();
    await bySize.focus();
    await page.keyboard.press("Enter");
    check(sorted(await keys(3), -1), "changes are sorted by size, by the keyboard");
    await page.getByRole("button", { name: "Certainty" }).first().click();
    check(sorted(await keys(5), 1), "changes are sorted by certainty");
    await page.getByRole("button", { name: "Certainty" }).first().click();
    check(sorted(await keys(5), -1), "and the other way round");
    const box = page.locator(".controls[data-for=changes-shares]");
    await box.getByRole("checkbox").check();
    const certain = [...themes.map((theme) => theme.share), ...Object.values(comparison.sentiment.shares)]
      .flatMap((course) => (course.corrected.uncorrected ? course.raw : course.corrected).changes.filter((change) => change.certain));
    const left = await page.$$eval("#changes-shares tbody tr:not([hidden])", (rows) => rows.map((row) => row.cells[6].textContent));
    check(left.length === certain.length && left.every((text) => text.startsWith("certain")), "only certain changes are left, and all of them");
    await box.getByRole("checkbox").uncheck();
    const others = await page.$$eval("#changes-shares tbody tr", (rows) => rows.filter((row) => row.dataset.certain !== "true" && row.cells[6].textContent !== "not shown").length);
    check(others === 0, "nothing else is called a change");
    await box.getByRole("searchbox").fill("zzzz");
    check(await page.locator("#changes-shares tbody tr:not([hidden])").count() === 0, "the filter by text works");
    await box.getByRole("searchbox").fill("");
  }

  await page.evaluate(() => document.activeElement.blur());
  await page.reload();
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.className) === "skip", "the first tab stop skips to the contents");
  for (const view of ["themes", "posts", "data", "overview"]) {
    await page.locator(`header nav a[href="#${view}"]`).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction((view) => location.hash === "#" + view && document.querySelector("section.view.chosen").id === view, view);
    const visible = await page.$$eval("section.view", (all) => all.filter((one) => one.offsetParent).map((one) => one.id));
    check(visible.join() === view, `the view ${view} shows alone`);
  }
  await page.goto(url + "#themes");
  if (themes.length > 1) {
    await page.selectOption("#pick-theme", "theme-1");
    check(await page.locator("article.theme:visible").count() === 1, "one theme is picked");
    await page.selectOption("#pick-theme", "");
  }
  const unreachable = await page.$$eval("a[href], button, input, select, summary, .scroll", (all) => all.filter((one) => one.tabIndex < 0).length);
  check(unreachable === 0, "the keyboard reaches everything");
  const hostile = await page.evaluate(() => ({
    ran: window.hacked !== undefined,
    scripts: document.scripts.length,
    handlers: Array.from(document.querySelectorAll("*")).filter((one) => one.getAttributeNames().some((name) => name.startsWith("on"))).length,
    links: Array.from(document.links).filter((link) => !["http:", "https:"].includes(link.protocol) && !link.getAttribute("href").startsWith("#")).length,
    turned: /[\u202A-\u202E\u2066-\u2069]/.test(document.body.textContent),
  }));
  check(!hostile.ran && hostile.scripts === 1 && hostile.handlers === 0 && hostile.links === 0 && !hostile.turned, "nothing hostile is there");
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
  });
  check(await page.evaluate(() => window.injected) === undefined, "the policy forbids other script");
  check(problems.filter((text) => !/Content Security Policy/.test(text)).length === 0, `no errors on the console ${problems.filter((text) => !/Content Security Policy/.test(text))}`);
  check(problems.length === 1, `one refusal by the policy, of that script: ${problems.length}`);
  await context.close();
}

// Without script everything is there.
{
  const { page, context } = await open({ javaScriptEnabled: false });
  check(await page.locator("section.view:visible").count() === 4 && await page.locator(".controls:visible").count() === 0, "without script all views show, and no control that does nothing");
  await context.close();
}

// The audit, and no view wider than the screen.
for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of [["wide", { width: 1280, height: 900 }], ["narrow", { width: 390, height: 844 }]]) {
    const { page, context } = await open({ colorScheme, viewport, bypassCSP: true });
    await page.addScriptTag({ content: axe });
    for (const view of ["overview", "themes", "posts", "data"]) {
      await page.locator(`header nav a[href="#${view}"]`).click();
      await page.waitForFunction((view) => document.querySelector("section.view.chosen").id === view, view);
      if (view === "themes") await page.selectOption("#pick-theme", { index: 1 });
      const found = await page.evaluate(() => window.axe.run());
      const said = found.violations.map((one) => `${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`);
      check(found.violations.length === 0, `axe: ${view}, ${size}, ${colorScheme} ${said.join(" | ")}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      check(over <= 0, `${view} fits its screen, ${size}, ${colorScheme} (${over})`);
      const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(5000, await page.evaluate(() => document.documentElement.scrollHeight)) };
      await page.screenshot({ path: join(folder, `${view}-${size}-${colorScheme}.png`), fullPage: true, clip });
    }
    await context.close();
  }
}

// On paper.
{
  const { page, context } = await open();
  await page.pdf({ path: join(folder, "print.pdf"), format: "A4" });
  await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: join(folder, "print.png"), fullPage: true, clip: { x: 0, y: 0, width: 1280, height: 3000 } });
  await context.close();
}

await browser.close();
console.log(wrong ? `${wrong} checks failed` : "all is well");
process.exit(wrong ? 1 : 0);
