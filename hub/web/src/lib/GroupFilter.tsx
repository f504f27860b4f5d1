import { listGroups, type Group } from '@davit/contract';
import { Select } from '@davit/ui';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { api } from '../api/client.ts';
import { everyPage } from '../api/everyPage.ts';
import { useTexts } from '../i18n/language.tsx';
import { useSignedIn } from '../shell/SignedIn.tsx';

/** The group that everybody is in: the same as no filter. */
const EVERYBODY = 'public';
const ALL = 'all';

/** Narrows a list to one of the groups that one looks after; nothing where there is none. */
export function GroupFilter(props: { value: string; onChange: (groupId: string) => void }): ReactElement | undefined {
  const { usage: words } = useTexts();
  const { user } = useSignedIn();
  const groups = useQuery({ queryKey: ['group', 'all'], queryFn: ({ signal }) => allGroups(signal) });
  const mine = (groups.data ?? []).filter(
    ({ name, myRole }) => name !== EVERYBODY && (user.role === 'admin' || myRole === 'teacher'),
  );
  if (mine.length === 0 && props.value === '') return undefined;
  return (
    <Select
      label={words.group}
      hideLabel
      value={mine.some(({ id }) => id === props.value) ? props.value : ALL}
      options={[{ id: ALL, text: words.allGroups }, ...mine.map(({ id, name }) => ({ id, text: name }))]}
      onChange={(id) => props.onChange(id === ALL ? '' : id)}
    />
  );
}

function allGroups(signal: AbortSignal): Promise<Group[]> {
  return everyPage((cursor) => api(listGroups, { query: { limit: 200, cursor } }, { signal }));
}
