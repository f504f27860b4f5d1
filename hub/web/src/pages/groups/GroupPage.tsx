import { listGroupMembers, listGroups, type Group } from '@davit/contract';
import { Button, EmptyState, MenuButton, Skeleton } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';
import { api } from '../../api/client.ts';
import { usePages, useRoute } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useTitle } from '../../lib/title.ts';
import { NotFound } from '../../shell/NotFound.tsx';
import { useSignedIn } from '../../shell/SignedIn.tsx';
import { AddMemberDialog } from './AddMemberDialog.tsx';
import { DeleteGroupDialog, EditGroupDialog } from './GroupDialogs.tsx';
import { MemberTable } from './MemberTable.tsx';
import { PlacementPanel } from './placement/PlacementPanel.tsx';

/** The group that everybody is in; its members cannot be changed. */
const EVERYBODY = 'public';

/** One group and its members. */
export function GroupPage(): ReactElement {
  const { id } = useParams();
  const { user } = useSignedIn();
  const { groups: words } = useTexts();
  const groups = useRoute('group', listGroups, { query: { limit: 200 } });
  const group = groups.data?.items.find((one) => one.id === id);
  useTitle(group?.name ?? words.title);

  if (group !== undefined) {
    return (
      <>
        <GroupPanel group={group} />
        {user.role === 'admin' && <PlacementPanel key={group.id} group={group} />}
      </>
    );
  }
  if (groups.error !== null) {
    return <Failure title={words.failed} error={groups.error} onRetry={() => void groups.refetch()} />;
  }
  return groups.data === undefined ? <Skeleton rows={3} height={44} /> : <NotFound />;
}

function GroupPanel({ group }: { group: Group }): ReactElement {
  const { groups: words, common } = useTexts();
  const { user } = useSignedIn();
  const [dialog, setDialog] = useState<'add' | 'edit' | 'delete'>();
  const members = usePages('group', ['members', group.id], (cursor, signal) =>
    api(listGroupMembers, { params: { id: group.id }, query: { cursor } }, { signal }),
  );
  const everybody = group.name === EVERYBODY;
  const mayManage = !everybody && (user.role === 'admin' || group.myRole === 'teacher');
  const close = (): void => setDialog(undefined);
  const addButton = (
    <Button variant="primary" icon="plus" onPress={() => setDialog('add')}>
      {words.addMember}
    </Button>
  );
  return (
    <section className="panel" aria-labelledby="group-title">
      <header className="panel-head">
        <div className="trail">
          <Link to="/groups">{words.title}</Link>
          <span aria-hidden="true">/</span>
          <h1 id="group-title">{group.name}</h1>
        </div>
        {mayManage && (
          <div className="tools">
            {addButton}
            <MenuButton
              label={common.moreFor(group.name)}
              icon="more"
              iconOnly
              entries={[
                { id: 'edit', text: common.edit, icon: 'edit', onAction: () => setDialog('edit') },
                { id: 'delete', text: common.delete, icon: 'trash', danger: true, onAction: () => setDialog('delete') },
              ]}
            />
          </div>
        )}
        <p>{group.description === '' ? words.memberCount(group.memberCount) : group.description}</p>
      </header>
      <ListState
        list={members}
        failed={words.failed}
        empty={<EmptyState icon="users" title={everybody ? words.everybody : words.noMembers} />}
      >
        {(items) => <MemberTable group={group} members={items} mayManage={mayManage} />}
      </ListState>
      {dialog === 'add' && <AddMemberDialog group={group} onClose={close} />}
      {dialog === 'edit' && <EditGroupDialog group={group} onClose={close} />}
      {dialog === 'delete' && <DeleteGroupDialog group={group} onClose={close} />}
    </section>
  );
}
