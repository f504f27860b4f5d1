import {
  getInfo,
  getMe,
  type AnyRoute,
  type EventType,
  type HubInfo,
  type Me,
  type Page,
  type RouteCall,
  type RouteOutput,
} from '@davit/contract';
import {
  MutationCache,
  QueryCache,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { api, isSignedOut } from './client.ts';
import { OUTDATED, type Topic } from './topics.ts';

/**
 * The cache of everything the pages show. Events say when it is out of date, so the time-out only covers what no event
 * tells. Any refusal for want of a sign-in asks again who is signed in; the sign-in page follows from that answer.
 */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown, topic?: unknown): void => {
    if (isSignedOut(error) && topic !== 'me') void client.invalidateQueries({ queryKey: ['me'] });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => onError(error, query.queryKey[0]) }),
    mutationCache: new MutationCache({ onError: (error) => onError(error) }),
    defaultOptions: {
      queries: { staleTime: 60_000, retry: retryWhenNoAnswer, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** A refusal stays a refusal; only what was not answered, or by a broken gateway, is worth a second try. */
function retryWhenNoAnswer(failures: number, error: Error): boolean {
  if (failures >= 2) return false;
  return !('problem' in error) || (error.problem as { status: number }).status >= 502;
}

interface Options {
  enabled?: boolean;
  refetchInterval?: number | false;
}

/** What a route of the contract answers, kept up to date by events of its topic. */
export function useRoute<T extends AnyRoute>(
  topic: Topic,
  route: T,
  call: RouteCall<T>,
  options: Options = {},
): UseQueryResult<RouteOutput<T>> {
  return useQuery({
    queryKey: [topic, route.name, call],
    queryFn: ({ signal }) => api(route, call, { signal }),
    ...options,
  });
}

/** A list that grows page by page; `items` is what has been loaded so far. */
export function usePages<I, More>(
  topic: Topic,
  key: readonly unknown[],
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<I> & More>,
) {
  const query = useInfiniteQuery({
    queryKey: [topic, 'pages', ...key],
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: (previous) => previous,
  });
  return { ...query, items: query.data?.pages.flatMap((page: Page<I>) => page.items) };
}

/** Calls a route that changes something of kind `changes`; the pages that show it ask again. */
export function useAct<T extends AnyRoute>(
  route: T,
  changes: EventType,
): UseMutationResult<RouteOutput<T>, Error, RouteCall<T>> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (call: RouteCall<T>) => api(route, call),
    onSuccess: () => markOutdated(client, changes),
  });
}

/** Refetches what is on the screen of these topics; the rest is fetched when it is shown. */
export function markOutdated(client: QueryClient, type: EventType): void {
  for (const topic of OUTDATED[type]) void client.invalidateQueries({ queryKey: [topic] });
}

/** What the hub is; known before anybody is signed in. */
export function useInfo(): UseQueryResult<HubInfo> {
  return useRoute('info', getInfo, {});
}

/** Who is signed in. */
export function useMe(): UseQueryResult<Me> {
  return useRoute('me', getMe, {});
}
