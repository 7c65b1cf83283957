/**
 * Measures the statistics of luck on studies whose truth is known: pure noise, and one planted edge of growing size. Prints the tables of
 * docs/decisions/overfitting-calibration.md, and ends with 1 where a promise does not hold. Takes some minutes.
 *
 *   npm run calibrate [-- STUDIES]
 */
import { judgeSearch, SESSION_VALUE_BYTES, SeededRandom, searchLoaded } from '../dist/calibration.js';
import { bundleFromColumns } from '../dist/data/index.js';
import { defineStrategy, int, sma } from '../dist/index.js';

const STUDIES = Number(process.argv[2] ?? 200);
const SESSIONS = 1000;
const SLOTS = 20;
const DAY = 86_400_000;

/** Holds on one bar of every twenty, long or short: forty ideas that have nothing in common, but for the signs. */
const slots = defineStrategy({
  parameters: { slot: int(0, SLOTS - 1), side: int(-1, 1, { step: 2 }) },
  initialize: () => ({ bar: -1 }),
  handleData({ state, order, asset }, _data, { slot, side }) {
    state.bar++;
    // Filled at this close, held over the next bar.
    if (state.bar % SLOTS === slot) order.targetPercent(asset, 0.9 * side);
    else if (state.bar % SLOTS === (slot + 1) % SLOTS) order.target(asset, 0);
  },
});

/** A grid of neighbours: 90 crossings of two averages. */
const crossings = defineStrategy({
  parameters: { fast: int(2, 20, { step: 2 }), slow: int(25, 105, { step: 10 }) },
  initialize: ({ asset, portfolio, indicator }, { fast, slow }) => ({
    asset,
    position: portfolio.position(asset),
    fast: indicator(sma(fast), asset),
    slow: indicator(sma(slow), asset),
  }),
  handleData({ state: { asset, position, fast, slow }, order }) {
    const side = fast.value > slow.value ? 0.9 : -0.9;
    if (position.quantity === 0 || position.quantity > 0 !== side > 0) order.targetPercent(asset, side);
  },
});

/** A random walk of 1 % a session; after bars 7, 27, 47 ... it drifts by so many deviations. */
async function market(seed, edge) {
  const random = SeededRandom.derive(seed, 'calibration');
  const close = new Float64Array(SESSIONS);
  let price = 1000;
  for (let bar = 0; bar < SESSIONS; bar++) {
    price *= 1 + 0.01 * (random.normal() + ((bar - 1) % SLOTS === 7 ? edge : 0));
    close[bar] = Math.round(price * 1e4) / 1e4;
  }
  const volume = new Float64Array(SESSIONS).fill(1e9);
  const asset = { symbol: 'NOISE', first: 0, priceDecimals: 4, volumeDecimals: 0, lot: 1e-8 };
  const columns = { open: close, high: close, low: close, close, volume };
  const times = Float64Array.from({ length: SESSIONS }, (_, bar) => Date.UTC(2015, 0, 1) + bar * DAY);
  return bundleFromColumns({
    groups: [{ calendar: '24/7', frequency: '1d', times, assets: [{ ...asset, columns }] }],
    splits: [],
    dividends: [],
    synthetic: true,
  });
}

async function study(strategy, seed, edge) {
  const bundle = await market(seed, edge);
  try {
    const { study: open, report } = await searchLoaded(
      strategy,
      undefined,
      {
        market: { bundle, fill: 'same-close', account: 'margin', annualization: 252 },
        search: 'grid',
        seed,
        jobs: 1,
        sessionValueBytes: SESSION_VALUE_BYTES,
      },
      performance.now(),
    );
    const { figures } = await judgeSearch(report);
    await open.close();
    return { figures, params: report.best.params };
  } finally {
    bundle[Symbol.dispose]();
  }
}

/** The share of a list that is counted, with its 95 % interval (Wilson 1927). */
function share(list, isCounted) {
  const n = list.length;
  const p = list.filter(isCounted).length / n;
  const z = 1.96;
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const reach = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { p, low: middle - reach, high: middle + reach };
}

function mean(values) {
  const average = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1);
  const reach = 1.96 * Math.sqrt(variance / values.length);
  return { p: average, low: average - reach, high: average + reach };
}

const text = ({ p, low, high }) => `${p.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

async function family(name, strategy, edge, count) {
  const found = [];
  for (let seed = 1; seed <= count; seed++) found.push(await study(strategy, seed, edge));
  const figures = found.map((each) => each.figures);
  return {
    name,
    edge,
    pbo: mean(figures.map(({ crossValidation }) => crossValidation.pbo)),
    probabilistic: share(figures, ({ probabilisticSharpe }) => probabilisticSharpe > 0.95),
    deflated: share(figures, ({ deflatedSharpe }) => deflatedSharpe > 0.95),
    effective: share(figures, ({ effective }) => effective.deflatedSharpe > 0.95),
    spa: share(figures, ({ realityCheck }) => realityCheck.spa.consistent < 0.05),
    whites: share(figures, ({ realityCheck }) => realityCheck.whites.p < 0.05),
    bhy: share(figures, ({ haircut }) => haircut.bhy.p < 0.05),
    found: share(found, ({ params }) => params.slot === 7 && params.side === 1),
  };
}

const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
const table = (families, last) => {
  row([
    'studies',
    'mean PBO',
    'PSR > 0.95',
    'DSR > 0.95',
    'DSR by different trials > 0.95',
    'SPA p < 0.05',
    'reality check p < 0.05',
    'BHY p < 0.05',
    ...last.map(([title]) => title),
  ]);
  row(new Array(8 + last.length).fill('---'));
  for (const each of families) {
    row([
      each.name,
      ...[each.pbo, each.probabilistic, each.deflated, each.effective, each.spa, each.whites, each.bhy].map(text),
      ...last.map(([, of]) => text(of(each))),
    ]);
  }
};

const noise = [
  await family(`${STUDIES} of 40 unrelated trials`, slots, 0, STUDIES),
  await family(`${STUDIES} of 90 neighbours on a grid`, crossings, 0, STUDIES),
];
table(noise, []);
console.log();
const edges = [0.25, 0.5, 0.75, 1, 1.5];
const planted = [];
for (const edge of edges) {
  const annual = (edge / Math.sqrt(SLOTS)) * Math.sqrt(252);
  planted.push(await family(`edge ${edge}, Sharpe ${annual.toFixed(2)} a year`, slots, edge, Math.ceil(STUDIES / 2)));
}
table(planted, [['the edge is the winner', ({ found }) => found]]);

const [unrelated] = noise;
const holds =
  unrelated.pbo.low <= 0.5 && unrelated.pbo.high >= 0.5 && noise.every(({ deflated }) => deflated.p <= 0.05);
if (!holds) {
  console.error(
    'A promise does not hold: PBO of unrelated noise averages 0.5, DSR above 0.95 in at most 5 % of noise.',
  );
  process.exitCode = 1;
}
