export * from './MiniBars.tsx';
export * from './ServerMeters.tsx';
export * from './Sparkline.tsx';
export * from './UsageChart.tsx';
export * from './UsageSummaryView.tsx';
export * from './UsageTable.tsx';
export * from './usageTexts.ts';
export { formatDay, formatHours, firstMetric, hoursOf, type UsageAmounts, type UsageMetric } from './figures.ts';
