import type { ReactElement } from 'react';
import { coursePath } from './figures.ts';

/** What is shown of the past: all of it, but a few points never fill the whole width. */
const SHORTEST_MS = 2 * 60_000;
const LONGEST_MS = 10 * 60_000;

export interface SparklineProps {
  /** Oldest first; `at` in ms. */
  points: readonly { at: number; value: number | null }[];
  /** The value at the top. */
  max: number;
  /** What a screen reader says instead of the drawing. */
  label: string;
  width?: number;
  height?: number;
}

/** A small course of the last minutes, at most ten, the newest at the right edge. */
export function Sparkline({ points, max, label, width = 72, height = 20 }: SparklineProps): ReactElement {
  const to = points.at(-1)?.at ?? 0;
  const span = Math.min(Math.max(to - (points[0]?.at ?? to), SHORTEST_MS), LONGEST_MS);
  const { line, area } = coursePath(points, { from: to - span, to, max, width, height });
  return (
    <svg
      className="davit-spark"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`-1 -1 ${width + 2} ${height + 2}`}
    >
      <path className="davit-spark-ground" d={`M0 ${height}H${width}`} />
      {area !== '' && <path className="davit-spark-area" d={area} />}
      {line !== '' && <path className="davit-spark-line" d={line} />}
    </svg>
  );
}
