import { listImageJobs, type Server } from '@davit/contract';
import { GoingOn } from '@davit/ui';
import type { ReactElement } from 'react';
import { useRoute } from '../api/queries.ts';
import { useReleaseTexts } from '../i18n/language.tsx';

/** What goes on in a server and ends with it. Saves are named to their owner; for others it only says that there is one. */
export function GoingOnIn({ server }: { server: Server }): ReactElement {
  const saves = useRoute('image-job', listImageJobs, { query: { server: server.id, active: 'true' } });
  return <GoingOn release={server.release} saves={saves.data?.items ?? []} texts={useReleaseTexts()} />;
}
