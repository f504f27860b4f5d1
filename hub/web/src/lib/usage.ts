import { listUsage, type UsageQuery, type UsageRow } from '@davit/contract';
import { USAGE_TEXTS, type UsageDay, type UsageTexts } from '@davit/ui';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { everyPage } from '../api/everyPage.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useFilter } from './useFilter.ts';
import { useNow } from './now.ts';
import { addDays, dayOf, daysIn, readRange, timeZone, type Preset, type Range } from './usageRange.ts';

/** Usage grows by the minute; nobody needs it sooner. A hidden page does not ask. */
export const USAGE_EVERY_MS = 60_000;

/** The words of the shared usage views, with the locale for their numbers. */
export function useUsageTexts(): { texts: UsageTexts; locale: string } {
  const { language, locale } = useLanguage();
  return { texts: USAGE_TEXTS[language], locale };
}

/** The days that the address asks for. */
export function useRange(): Range & { preset?: Preset } {
  const [from] = useFilter('from');
  const [to] = useFilter('to');
  const [days] = useFilter('days');
  const now = useNow(USAGE_EVERY_MS);
  return readRange({ from, to, days }, new Date(now));
}

/** Usage of each day of a range, zeros included, of all whom one may see, of a group or of one person. */
export function useUsageDays(
  query: Pick<UsageQuery, 'scope'> & { owner?: string | undefined; group?: string | undefined } & Range & {
      timeZone: string;
    },
): UseQueryResult<UsageDay[]> {
  return useQuery({
    queryKey: ['usage', 'days', query],
    queryFn: async ({ signal }) => fillDays(await allRows({ ...query, by: 'day' }, signal), query),
    refetchInterval: USAGE_EVERY_MS,
    placeholderData: (previous) => previous,
  });
}

type RowsQuery = Partial<UsageQuery> & Pick<UsageQuery, 'by'>;

function allRows(query: RowsQuery, signal: AbortSignal): Promise<UsageRow[]> {
  return everyPage((cursor) => api(listUsage, { query: { ...query, limit: 200, cursor } }, { signal }));
}

const NOTHING = { minutes: 0, cpuCoreMinutes: 0, memoryGbMinutes: 0, gpuCardMinutes: 0 };

/** The hub tells of days on which something ran; a chart needs the others too. */
export function fillDays(rows: readonly UsageRow[], range: Range): UsageDay[] {
  const byDay = new Map(rows.map((row) => [row.day, row]));
  return daysIn(range).map((day) => {
    const { minutes, cpuCoreMinutes, memoryGbMinutes, gpuCardMinutes } = byDay.get(day) ?? NOTHING;
    return { day, minutes, cpuCoreMinutes, memoryGbMinutes, gpuCardMinutes };
  });
}

/** How far back the sum over a server's whole life looks: as far as the hub goes, ten years. */
const LIFE_DAYS = 3650;
/** As many ids as one request takes. */
const IDS_AT_ONCE = 200;

/** Minutes that servers ran in all; undefined until they are known. */
export function useMinutesOf(serverIds: readonly string[]): ReadonlyMap<string, number> | undefined {
  const { data } = useQuery({
    queryKey: ['usage', 'minutes', serverIds],
    queryFn: async ({ signal }) => {
      const to = dayOf(new Date());
      const query = { by: 'server', scope: 'all', from: addDays(to, 1 - LIFE_DAYS), to, timeZone: timeZone() } as const;
      const chunks = Array.from({ length: Math.ceil(serverIds.length / IDS_AT_ONCE) }, (_, index) =>
        serverIds.slice(index * IDS_AT_ONCE, (index + 1) * IDS_AT_ONCE),
      );
      const rows = await Promise.all(chunks.map((ids) => allRows({ ...query, servers: ids.join(',') }, signal)));
      return new Map(rows.flat().map((row) => [row.serverId ?? '', row.minutes]));
    },
    refetchInterval: USAGE_EVERY_MS,
    placeholderData: (previous) => previous,
    enabled: serverIds.length > 0,
  });
  return data;
}
