/** The value in the middle; of two, their mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** With thousands separated; below 10 with two decimals. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 2 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function ratio(ours: number, theirs: number): string {
  return `${(ours / theirs).toFixed(2)} x`;
}

export function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${figure(Math.round(bytes / 1024 / 1024))} MiB`;
}
