// How many clicks and seconds the tasks of each role take, with script and without:
//   node bench/walks.mjs URL
//   node bench/walks.mjs URL acts [without]
// of a served 'exchange demo --year'. A click is a link or a button; typing into a form is counted apart. Seconds are
// those of the browser, from the first page of the role until what was looked for stands there. Exit 1 where a task
// cannot be done. With 'acts' the tasks are those that change something, done to the end and once only: on a
// demonstration of its own, with script or 'without'. The driver is the one of tests/Browser.Tests, as for pictures.mjs.
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const { chromium } = require('../artifacts/bin/Browser.Tests/release/.playwright/package');

const url = process.argv[2];
if (!url) {
  console.error('node bench/walks.mjs URL');
  process.exit(2);
}

const pi = 'A PI at Boston University', payer = 'BU Research IT', nerc = 'Landlord nerc';
const finance = 'Finance:', operator = 'Operator:';
// Who, what for, what is clicked (a link, or a button as [name]; {label: text} is typed), what then stands there.
const tasks = [
  [pi, 'why is it more than last month', ['Nov 2026', /^Explain the change/], 'Waterfall'],
  [pi, 'down to a reading behind a charge', ['Nov 2026', 'river-ice-notebook', 'river-ice-notebook'], /Readings/],
  [pi, 'which GPU idles, and what that costs', ['Savings'], 'Could be saved a month'],
  [pi, 'what each project of the group costs', ['Cost explorer', 'Last 12 months'], 'river-ice'],
  [pi, 'report of a grant for its sponsor', ['Awards', 'NSF-2412345'], /PDF/],
  [pi, 'set a budget and whom to tell', ['Edit budget', { 'Amount': '750' }, ['Save budget']], '750'],
  [pi, 'what is owed, as an invoice', ['Invoices', /^PI-2026-/], 'Amount due'],
  [payer, 'who runs out this month', ['Liability report'], /Runs out|report/i],
  [payer, 'enroll many from a spreadsheet', ['Enroll many PIs'], /One|paste|list/i],
  [payer, 'what another limit would cost', ['Simulate a rule'], /limit|dollars|amount/i],
  [nerc, 'raise a price', [/^Change prices/], ['Preview prices']],
  [nerc, 'why revenue changed', ['Nov 2026', /^Explain the change/], 'Waterfall'],
  [nerc, 'what a settlement is made of', ['Statements', 'Oct 2026'], 'Amount'],
  [nerc, 'a key for a collector', ['Keys'], ['Create key']],
  [finance, 'check a month before it is closed', ['Preview close'], 'Would be billed'],
  [finance, 'who is past due', [/open invoices$/], /Past due/],
  [finance, 'what is open, by age', ['Accounts', 'Aging report'], 'Over 90 days'],
  [finance, 'what a landlord is owed', ['Payouts', 'blockbank'], 'Open'],
  [finance, 'an invoice by its number', [{ 'Search': 'PI-2026-0259' }, ['Search']], 'PI-2026-0259'],
  [finance, 'reports of a closed month', ['Oct 2026'], /Download|CSV/],
  [operator, 'which source is silent', ['of 5 sources'], 'Last heard'],
  [operator, 'a bad reading, and why', ['reading/empty-interval'], /empty-interval/],
  [operator, 'run a job now', ['Jobs', 'verify'], ['Run now']],
  [operator, 'how the database is', ['Database'], 'Database'],
];

const thirty = Array.from({ length: 30 }, (_, n) => `pi${n + 1}@bu.edu,${50 + n}.00`).join('\n');
// The same, and further: {label: true} ticks a box.
const acts = [
  [pi, 'set a budget with thresholds and recipients', ['Edit budget', { 'Amount a month': '750' },
    { 'Tell me at, in percent of cost': '50, 80, 100' }, { 'Tell also': 'lab@bu.edu' }, ['Save budget']], '$750.00'],
  [payer, 'enroll 30 from a spreadsheet', ['Enroll many PIs', { 'The list': thirty }, ['Preview enrollment'],
    ['Enroll 30 PIs']], 'pi30@bu.edu'],
  [nerc, 'raise a price', [/^Change prices, nerc\/openstack/, { 'OpenStack CPU, each SU-hour': '0.026' },
    ['Preview prices'], [/^Publish sheet from/]], /2027-/],
  [finance, 'close a month, from the check to the invoices', ['Preview close',
    { 'Confirm': '2026-11' }, ['Close and issue']], /closed|Invoices/i],
  [finance, 'record a payment', [/open invoices$/, /^PI-2026-/, { 'Reference': 'bank-walk' }, { 'Amount': '1.00' },
    ['Record payment']], 'bank-walk'],
  [operator, 'fix a kind of bad reading in bulk', ['reading/empty-interval', { 'What': 'discard' },
    { 'Discard because': 'the sender counted backwards' }, ['Preview changes'], [/^Apply to all/]], /discarded/],
];

const isActing = process.argv[3] === 'acts';
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'],
});

async function walk([who, , steps, found], javaScriptEnabled) {
  const context = await browser.newContext({ baseURL: url, javaScriptEnabled, locale: 'en-US' });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(8000);
    await page.goto('/');
    await page.getByRole('button', { name: who }).first().click();
    const named = (role, name) => page.getByRole(role, { name, exact: typeof name === 'string' }).first();
    const began = performance.now();
    for (const step of steps) {
      if (Array.isArray(step)) {
        await named('button', step[0]).click();
      } else if (step.constructor === Object) {
        const [[label, text]] = Object.entries(step);
        const field = page.getByLabel(label, { exact: false }).first();
        if (await field.evaluate(of => of.tagName === 'SELECT')) {
          await field.selectOption(text);
        } else if (text === true) {
          await field.check();
        } else {
          await field.fill(text);
        }
      } else {
        await named('link', step).click();
      }
    }

    await (Array.isArray(found) ? named('button', found[0]) : page.locator('main').getByText(found).first())
      .waitFor({ state: 'attached' });
    return (performance.now() - began) / 1000;
  } finally {
    await context.close();
  }
}

let failed = 0;
console.log('| role | task | clicks | fields | seconds | without script |\n|---|---|---|---|---|---|');
for (const task of isActing ? acts : tasks) {
  const [who, what, steps] = task;
  const fields = steps.filter(step => step.constructor === Object).length;
  const times = [];
  for (const script of isActing ? [process.argv[4] !== 'without'] : [true, false]) {
    try {
      times.push((await walk(task, script)).toFixed(1));
    } catch (e) {
      failed++;
      times.push('—');
      console.error(`${who} ${what}, ${script ? 'with' : 'without'} script: ${e.message.split('\n')[0]}`);
    }
  }

  const role = who.replace(/^A PI.*/, 'PI').replace('Landlord nerc', 'landlord').replace(':', '').toLowerCase()
    .replace('bu research it', 'payer').replace('pi', 'PI');
  console.log(`| ${role} | ${what} | ${steps.length - fields} | ${fields} | ${times.join(' | ')} |`);
}

await browser.close();
process.exit(failed ? 1 : 0);
