import { createGroup, listGroups, type Group } from '@davit/contract';
import { Button, DataTable, EmptyState } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { Link, useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { useAct, usePages } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { AllServers } from '../../lib/AllServers.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useTitle } from '../../lib/title.ts';
import { useSignedIn } from '../../shell/SignedIn.tsx';
import { isEverybody } from './everybody.ts';
import { GroupFields, type GroupValue } from './GroupFields.tsx';

/** The groups that one is in; all of them for an admin. */
export function GroupsPage(): ReactElement {
  const { groups: words } = useTexts();
  const groups = usePages('group', ['groups'], (cursor, signal) => api(listGroups, { query: { cursor } }, { signal }));
  const { user } = useSignedIn();
  const [creating, setCreating] = useState(false);
  useTitle(words.title);
  const createButton = (
    <Button variant="primary" icon="plus" onPress={() => setCreating(true)}>
      {words.create}
    </Button>
  );
  return (
    <>
      <section className="panel" aria-labelledby="groups-title">
        <header className="panel-head">
          <h1 id="groups-title">{words.title}</h1>
          {groups.items !== undefined && groups.items.length > 0 && createButton}
          <p>{words.lead}</p>
        </header>
        <ListState
          list={groups}
          failed={words.failed}
          empty={
            <EmptyState icon="users" title={words.empty} action={createButton}>
              {words.emptyText}
            </EmptyState>
          }
        >
          {(items) => <GroupTable groups={items} isComplete={!groups.hasNextPage} />}
        </ListState>
        {creating && <CreateGroupDialog onClose={() => setCreating(false)} />}
      </section>
      {/* An admin has everybody's servers on a page of their own. */}
      {user.role === 'teacher' && <AllServers title={words.membersServers} />}
    </>
  );
}

function GroupTable({ groups, isComplete }: { groups: readonly Group[]; isComplete: boolean }): ReactElement {
  const { groups: words, common } = useTexts();
  return (
    <DataTable
      label={words.title}
      rows={groups}
      rowKey={({ id }) => id}
      sorting={isComplete ? 'here' : undefined}
      columns={[
        {
          id: 'name',
          title: common.name,
          main: true,
          sortBy: ({ name }) => name,
          cell: ({ id, name }) => (
            <Link className="nowrap" to={`/groups/${id}`}>
              {name}
            </Link>
          ),
        },
        {
          id: 'description',
          title: words.description,
          cell: (group) => (isEverybody(group) ? words.everybodyText : group.description),
        },
        {
          id: 'members',
          title: words.members,
          align: 'end',
          sortBy: ({ memberCount }) => memberCount,
          cell: ({ memberCount }) => memberCount,
        },
        {
          id: 'role',
          title: words.myRole,
          cell: ({ myRole }) => (myRole === null ? common.none : words.roles[myRole]),
        },
      ]}
    />
  );
}

function CreateGroupDialog({ onClose }: { onClose: () => void }): ReactElement {
  const { groups: words } = useTexts();
  const navigate = useNavigate();
  const [value, setValue] = useState<GroupValue>({ name: '', description: '' });
  const create = useAct(createGroup, 'group');
  return (
    <ActDialog
      title={words.create}
      submit={words.create}
      act={create}
      disabled={value.name === ''}
      onClose={onClose}
      onSubmit={() => create.mutate({ body: value }, { onSuccess: ({ id }) => void navigate(`/groups/${id}`) })}
    >
      <GroupFields value={value} onChange={setValue} autoFocus />
    </ActDialog>
  );
}
