// Lets the reader of a chart point at it, walk it with the arrow keys and leave series out. Drawn from the table that
// stands beside the chart, so that the two cannot differ; without this script the server's drawing is there.
'use strict';

(() => {
  const style = getComputedStyle(document.documentElement);
  const color = name => style.getPropertyValue(`--${name}`).trim();
  const still = matchMedia('(prefers-color-scheme: dark)');

  /** '−$1,316.19' is -1316.19; an empty cell is nothing at all. */
  function number(cell) {
    const text = cell.textContent.replace(/[$,\s]/g, '').replace('\u2212', '-');
    return text === '' ? null : Number(text);
  }

  function read(figure) {
    const heads = [...figure.querySelectorAll('thead th')];
    const rows = [...figure.querySelectorAll('tbody tr')].map(row => [...row.children]);
    const column = name => heads.findIndex(h => h.hasAttribute(`data-${name}`));
    const values = at => at < 0 ? null : rows.map(row => number(row[at]));
    return {
      stacked: figure.dataset.kind === 'bars',
      unit: figure.dataset.unit,
      labels: rows.map(row => row[0].textContent),
      along: heads[0].textContent,
      series: heads.flatMap((h, i) => h.hasAttribute('data-series')
        ? [{ name: h.textContent, values: values(i), shown: true }] : []),
      low: values(column('low')), expected: values(column('expected')), high: values(column('high')),
    };
  }

  /** The same motif over the same color as the server draws. */
  function fill(figure, n, context) {
    const scale = devicePixelRatio || 1;
    const tile = document.createElement('canvas');
    tile.width = tile.height = 8 * scale;
    const pen = tile.getContext('2d');
    pen.scale(scale, scale);
    pen.fillStyle = color(`c${n % 8}`);
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = color('card');
    pen.lineWidth = 1.2;
    const motif = figure.querySelector(`pattern[id="${figure.id}-${n % 8}"] path`);
    if (motif) pen.stroke(new Path2D(motif.getAttribute('d')));
    return context.createPattern(tile, 'repeat');
  }

  const written = (unit, value) => value === null ? '–' : (value < 0 ? '\u2212' : '') + unit +
    Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: unit ? 2 : 0, maximumFractionDigits: 2 });

  /**
   * Where scripts stack, each series is drawn as far as it and all before it reach, up from nothing or down from it;
   * what reaches farthest is drawn first.
   */
  function points(chart) {
    const sides = chart.labels.map(() => ({ above: 0, below: 0 }));
    const drawn = chart.series.map(series => {
      if (!series.shown) return chart.labels.map(() => null);
      if (!chart.stacked) return series.values;
      return sides.map((side, i) => {
        const value = series.values[i] || 0;
        const to = value < 0 ? 'below' : 'above';
        side[to] += value;
        return value === 0 ? null : side[to];
      });
    });
    return [chart.labels.map((_, i) => i), ...(chart.low ? [chart.high, chart.low, chart.expected] : []),
      ...drawn.reverse()];
  }

  function options(chart, figure, width, say) {
    const coming = chart.low ? [
      { stroke: color('soft'), dash: [2, 3], points: { show: false } },
      { stroke: color('soft'), dash: [2, 3], points: { show: false } },
      { stroke: color('ink'), dash: [6, 4], width: 1.5, points: { show: false } }] : [];
    const dashes = [[], [8, 3], [3, 3], [10, 3, 3, 3]];
    const axis = { stroke: color('soft'), grid: { stroke: color('line'), width: 1 }, ticks: { show: false },
      font: '12px system-ui, sans-serif' };
    return {
      width, height: 240, legend: { show: false }, padding: [12, 28, 0, 0],
      cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
      scales: { x: { time: false, range: [-0.5, chart.labels.length - 0.5] }, y: { range: (_, low, high) =>
        [low < 0 ? low * 1.05 : 0, high > 0 ? high * 1.05 : low < 0 ? 0 : 1] } },
      axes: [
        { ...axis, size: 28, grid: { show: false }, splits: u => chart.labels.map((_, i) => i).filter(i =>
          i % Math.ceil(chart.labels.length / Math.max(1, u.width / 60)) === 0), values: (_, at) =>
          at.map(i => chart.labels[i]) },
        { ...axis, size: 72, values: (_, at) => at.map(value => written(chart.unit, value).replace(/\.00$/, '')) }],
      bands: chart.low ? [{ series: [1, 2], fill: color('soft') + '2e' }] : [],
      series: [{}, ...coming, ...chart.series.map((_, n) => chart.stacked
        ? { fill: u => fill(figure, n, u.ctx), width: 0, paths: uPlot.paths.bars({ size: [0.8, 100] }),
          points: { show: false } }
        : { stroke: color(`c${n % 8}`), width: 2.5, dash: dashes[n % 4], points: { size: 7 } }).reverse()],
      hooks: { setCursor: [u => say(u.cursor.idx)] },
    };
  }

  function enliven(figure) {
    const chart = read(figure);
    if (chart.labels.length === 0) return;
    const drawn = document.createElement('div');
    const said = document.createElement('output');
    drawn.className = 'drawn';
    drawn.tabIndex = 0;
    drawn.setAttribute('role', 'group');
    drawn.setAttribute('aria-label', `${figure.querySelector('svg').getAttribute('aria-label')}: ` +
      'arrow keys read it out');
    figure.querySelector('.plot').after(drawn, said);
    figure.querySelector('.plot').removeAttribute('tabindex');
    figure.querySelector('.plot').removeAttribute('role');
    figure.classList.add('live');

    const say = at => {
      if (at === null || at === undefined || at < 0 || at >= chart.labels.length) return;
      const parts = chart.series.filter(s => s.shown && s.values[at] !== null && (!chart.stacked || s.values[at] !== 0))
        .map(s => `${s.name} ${written(chart.unit, s.values[at])}`);
      if (chart.low && chart.expected[at] !== null) {
        parts.push(`expected ${written(chart.unit, chart.expected[at])}, between ${
          written(chart.unit, chart.low[at])} and ${written(chart.unit, chart.high[at])}`);
      }
      said.textContent = `${chart.along} ${chart.labels[at]}: ${parts.join(' · ') || 'nothing'}`;
    };

    let plot;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(options(chart, figure, drawn.clientWidth, say), points(chart), drawn);
    };
    draw();
    new ResizeObserver(() => plot.setSize({ width: drawn.clientWidth, height: 240 })).observe(drawn);
    still.addEventListener('change', draw);
    said.textContent = 'Read values with the arrow keys.';

    let at = -1;
    drawn.addEventListener('keydown', pressed => {
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: chart.labels.length - 1 }[pressed.key];
      if (to === undefined) return;
      pressed.preventDefault();
      at = Math.min(Math.max(to, 0), chart.labels.length - 1);
      plot.setCursor({ left: plot.valToPos(at, 'x'), top: 10 });
      say(at);
    });

    for (const key of figure.querySelectorAll('span.key[data-series]')) {
      const button = document.createElement('button');
      const series = chart.series[Number(key.dataset.series)];
      button.type = 'button';
      button.className = 'key';
      button.setAttribute('aria-pressed', 'true');
      button.append(...key.childNodes);
      button.addEventListener('click', () => {
        series.shown = !series.shown;
        button.setAttribute('aria-pressed', String(series.shown));
        plot.setData(points(chart));
      });
      key.replaceWith(button);
    }
  }

  document.querySelectorAll('figure.chart[data-kind]').forEach(enliven);
})();
