// Pictures of pages, to be looked at: node bench/pictures.mjs URL DIR [NAME]
//   URL   a served demonstration, as http://127.0.0.1:5080 ('exchange demo --year')
//   DIR   where the pictures go: NAME-WIDTH[-dark].png
//   NAME  only this page; 'docs' makes those of the documents, one of each, as docs/pictures has them;
//         'wrapped' makes none: it follows the links of every role at 390, 1280 and 1920 and names each cell in which a
//         name of a thing (PI-2026-0005, ada@bu.edu, bu-node-1, nerc/stack/vm-1) is broken over lines, and each page
//         that is wider than its window; exit 1 where there is any
// The driver is the one that the browser tests bring: build tests/Browser.Tests first. Chromium is the distribution's.
import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
const require = createRequire(import.meta.url);
const { chromium } = require('../artifacts/bin/Browser.Tests/release/.playwright/package');

const [url, directory, only] = process.argv.slice(2);
if (!url || !directory) {
  console.error('node bench/pictures.mjs URL DIR [NAME]');
  process.exit(2);
}

// Whom to be, by the words of the start page, and what to look at.
const pages = [
  ['pi', 'A PI at Boston University', '/pi?month=2026-11'],
  ['pi-costs', 'A PI at Boston University', '/costs?from=2025-11-01&to=2026-12-01&group_by=month&group_by=project'],
  ['pi-change', 'A PI at Boston University', '/costs/changes?from=2026-11-01&to=2026-12-01'],
  ['pi-savings', 'A PI at Boston University', '/pi/savings'],
  ['pi-awards', 'A PI at Boston University', '/pi/awards'],
  ['catalog', 'A PI at Boston University', '/catalogue'],
  ['subsidy', 'BU Research IT', '/subsidy?month=2026-11'],
  ['landlord', 'Landlord nerc', '/landlord?month=2026-11'],
  ['leases', 'Landlord crimson', '/leases'],
  ['finance', 'Finance:', '/finance'],
  ['close', 'Finance:', '/finance/close?month=2026-11'],
  ['receivables', 'Finance:', '/finance/ageing'],
  ['payouts', 'Finance:', '/finance/payouts'],
  ['costs', 'Finance:', '/costs?from=2025-11-01&to=2026-12-01&group_by=month&group_by=landlord'],
  ['operator', 'Operator:', '/operator'],
  ['sources', 'Operator:', '/operator/sources'],
  ['quarantine', 'Operator:', '/operator/quarantine'],
  ['jobs', 'Operator:', '/jobs'],
].filter(([name]) => !only || ['docs', 'wrapped'].includes(only) || name === only);
// Name, page, width and colors of the pictures in the documents; invoice.png is drawn by a browser test.
const kept = [
  ['pi', 'pi', 1280], ['subsidy', 'subsidy', 1280], ['landlord', 'landlord', 1280], ['finance', 'finance', 1280],
  ['operator', 'operator', 1280], ['costs', 'costs', 1280], ['change', 'pi-change', 1280], ['close', 'close', 1280],
  ['catalog', 'catalog', 1280], ['leases', 'leases', 1280, 'dark'], ['phone', 'pi', 390],
];
const looks = [[390, 844, 'light'], [1280, 900, 'light'], [1920, 1080, 'light'], [1280, 900, 'dark']];

// In the page: words of cells that look like names and stand on more than one line; where they are longer than a cell
// can be on a phone, breaking is right.
const brokenNames = () => {
  const found = [];
  for (const cell of document.querySelectorAll('td, th')) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      for (const word of node.data.matchAll(/[^\s,;()]+/g)) {
        const name = word[0];
        if (name.length > 40 || name.includes('"') || !/[-@/#.:]/.test(name) || !/\d.*-|-.*\d|@|-.*-|\w\/\w/.test(name)) {
          continue;
        }

        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + name.length);
        const tops = new Set([...range.getClientRects()].filter(one => one.width > 0).map(one => Math.round(one.top)));
        if (tops.size > 1) {
          const table = cell.closest('table');
          found.push(`'${name}' in ${cell.dataset.label ?? cell.tagName} of ${table?.caption?.textContent ?? 'no table'}`);
        }
      }
    }
  }

  return found;
};

async function followAll(page) {
  const [waiting, seen, wrong] = [[new URL(page.url()).pathname], new Set(), []];
  while (waiting.length > 0) {
    const path = waiting.shift();
    const [place, query] = path.split('?');
    const kind = place.replace(/\d+/g, '0').replace(/(customers|saved|leases|orders|awards|payouts|quarantine|parties)\/.+/, '$1/…') +
      (new URLSearchParams(query).get('group_by') ?? '');
    if (seen.has(kind) || seen.size > 90) {
      continue;
    }

    seen.add(kind);
    const answer = await page.goto(path);
    if (!(answer?.headers()['content-type'] ?? '').startsWith('text/html')) {
      continue;
    }

    for (const width of [390, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      wrong.push(...(over > 0 ? [`${path} at ${width} is ${over} px too wide`] : []),
        ...[...new Set(await page.evaluate(brokenNames))].slice(0, 4).map(one => `${path} at ${width}: ${one}`));
    }

    waiting.push(...await page.evaluate(() => [...document.querySelectorAll('a[href^="/"]')].map(a => a.getAttribute('href'))
      .filter(href => !/(csv|json|pdf|parquet|zip|sort)([=?&]|$)|\.(csv|pdf|zip|json)|assets|openapi|^\/jobs\/board/.test(href))));
  }

  console.log(`${seen.size} pages followed`);
  return wrong;
}

mkdirSync(directory, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
});
let wrong = 0;
for (const who of new Set(pages.map(page => page[1]))) {
  const context = await browser.newContext({ baseURL: url, reducedMotion: 'reduce', locale: 'en-US' });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: who }).first().click();
  if (only === 'wrapped') {
    const found = await followAll(page);
    wrong += found.length;
    found.forEach(one => console.error(`${who} ${one}`));
  }

  for (const [name, , path] of only === 'wrapped' ? [] : pages.filter(one => one[1] === who)) {
    const answer = await page.goto(path);
    if (answer.status() !== 200) {
      console.error(`${path}: ${answer.status()}`);
    }

    const file = (width, scheme) => only === 'docs'
      ? kept.find(one => one[1] === name && one[2] === width && (one[3] ?? 'light') === scheme)?.[0]
      : `${name}-${width}${scheme === 'dark' ? '-dark' : ''}`;
    for (const [width, height, colorScheme] of looks) {
      if (!file(width, colorScheme)) {
        continue;
      }

      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${directory}/${file(width, colorScheme)}.png` });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) {
        console.error(`${name} at ${width} is ${over} px too wide`);
      }
    }
  }

  await context.close();
}

await browser.close();
process.exit(wrong > 0 ? 1 : 0);
