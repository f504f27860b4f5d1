import uPlot from 'uplot';

export interface Bars {
  labels: readonly string[];
  values: readonly number[];
}

export interface BarChartOptions {
  height: number;
  /** A value as it stands at the axis. */
  format: (value: number) => string;
  /** The bar under the pointer, undefined when it has left. */
  onHover: (index: number | undefined) => void;
}

/** A chart in the page; `dispose` takes it out again. */
export interface BarChart {
  show(bars: Bars): void;
  dispose(): void;
}

/** Names at the axis need so many pixels each. */
const LABEL_PX = 56;

/** Draws bars into `host`, as wide as it is and in its colours, and again when either changes. */
export function createBarChart(host: HTMLElement, options: BarChartOptions): BarChart {
  let bars: Bars = { labels: [], values: [] };
  let plot: uPlot | undefined;
  const draw = (): void => {
    plot?.destroy();
    plot = host.clientWidth === 0 ? undefined : new uPlot(plotOptions(host, bars, options), dataOf(bars), host);
  };
  const resized = new ResizeObserver(() => {
    if (plot === undefined) draw();
    else if (plot.width !== host.clientWidth) plot.setSize({ width: host.clientWidth, height: options.height });
  });
  resized.observe(host);
  const end = onThemeChange(draw);
  return {
    show: (next) => {
      bars = next;
      draw();
    },
    dispose: () => {
      resized.disconnect();
      end();
      plot?.destroy();
    },
  };
}

function dataOf({ values }: Bars): uPlot.AlignedData {
  return [values.map((_, index) => index), [...values]];
}

function plotOptions(host: HTMLElement, bars: Bars, { height, format, onHover }: BarChartOptions): uPlot.Options {
  const style = getComputedStyle(host);
  const colour = (name: string): string => resolved(host, name);
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: colour('--davit-muted'), font, ticks: { show: false } };
  const top = Math.max(0, ...bars.values);
  const barWidth = uPlot.paths.bars?.({ size: [0.7, 36], radius: 0.12 });
  return {
    width: host.clientWidth,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: () => [-0.5, bars.values.length - 0.5] },
      y: { range: () => [0, top === 0 ? 1 : top * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        splits: (self) => labelled(bars.labels.length, self.width),
        values: (_, splits) => splits.map((index) => bars.labels[index] ?? ''),
      },
      {
        ...axis,
        grid: { stroke: colour('--davit-border'), width: 1 },
        size: 52,
        values: (_, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      {
        fill: colour('--davit-accent'),
        width: 0,
        points: { show: false },
        ...(barWidth === undefined ? {} : { paths: barWidth }),
      },
    ],
    hooks: { setCursor: [(self) => onHover(self.cursor.idx ?? undefined)] },
  };
}

/** The bars whose names have room, the last one always. */
function labelled(count: number, width: number): number[] {
  const step = Math.max(1, Math.ceil((count * LABEL_PX) / Math.max(width, LABEL_PX)));
  const last = count - 1;
  return Array.from({ length: count }, (_, index) => index).filter((index) => (last - index) % step === 0);
}

/** A canvas knows no variables and no light-dark(): an element that wears the colour tells what it is now. */
function resolved(host: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Front ends change their theme by attributes of the document, or follow the system. */
function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  for (const element of [document.documentElement, document.body]) observer.observe(element, { attributes: true });
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', listener);
  };
}
