import { ApiError, getGroup, listGroupMembers, type Group } from '@davit/contract';
import { Button, EmptyState, MenuButton, SearchField, Skeleton } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'react-router';
import { api } from '../../api/client.ts';
import { usePages, useRoute } from '../../api/queries.ts';
import type { Texts } from '../../i18n/en.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useTitle } from '../../lib/title.ts';
import { useTypedFilter } from '../../lib/useFilter.ts';
import { NotFound } from '../../shell/NotFound.tsx';
import { useSignedIn } from '../../shell/SignedIn.tsx';
import { AddMemberDialog } from './AddMemberDialog.tsx';
import { DeleteGroupDialog, EditGroupDialog } from './GroupDialogs.tsx';
import { isEverybody } from './everybody.ts';
import { MemberTable } from './MemberTable.tsx';
import { PlacementPanel } from './placement/PlacementPanel.tsx';

/** From this many members on a search is quicker than looking. */
const SEARCH_FROM = 10;

/** One group and its members. */
export function GroupPage(): ReactElement {
  const { id } = useParams();
  const { user } = useSignedIn();
  const { groups: words } = useTexts();
  const asked = useRoute('group', getGroup, { params: { id: id ?? '' } });
  const group = asked.data;
  useTitle(group?.name ?? words.title);

  if (group !== undefined) {
    return (
      <>
        <GroupPanel group={group} />
        {user.role === 'admin' && <PlacementPanel key={group.id} group={group} />}
      </>
    );
  }
  if (asked.error === null) return <Skeleton rows={3} height={44} />;
  return isGone(asked.error) ? (
    <NotFound />
  ) : (
    <Failure title={words.failed} error={asked.error} onRetry={() => void asked.refetch()} />
  );
}

function GroupPanel({ group }: { group: Group }): ReactElement {
  const { groups: words, common } = useTexts();
  const { user } = useSignedIn();
  const [dialog, setDialog] = useState<'add' | 'edit' | 'delete'>();
  const search = useTypedFilter('search');
  const sought = search.filter === '' ? undefined : search.filter;
  const everybody = isEverybody(group);
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
        <p>{descriptionOf(group, words)}</p>
      </header>
      {everybody && user.role !== 'admin' ? (
        <EmptyState icon="users" title={words.everybody} />
      ) : (
        <>
          {(group.memberCount >= SEARCH_FROM || search.text !== '') && (
            <div className="tools panel-tools">
              <SearchField label={words.searchMembers} value={search.text} onChange={search.setText} main />
            </div>
          )}
          <Members group={group} search={sought} mayManage={mayManage} />
        </>
      )}
      {dialog === 'add' && <AddMemberDialog group={group} onClose={close} />}
      {dialog === 'edit' && <EditGroupDialog group={group} onClose={close} />}
      {dialog === 'delete' && <DeleteGroupDialog group={group} onClose={close} />}
    </section>
  );
}

function Members(props: { group: Group; search: string | undefined; mayManage: boolean }): ReactElement {
  const { group, search, mayManage } = props;
  const { groups: words } = useTexts();
  const members = usePages('group', ['members', group.id, search], (cursor, signal) =>
    api(listGroupMembers, { params: { id: group.id }, query: { cursor, search } }, { signal }),
  );
  return (
    <ListState
      list={members}
      failed={words.failed}
      empty={<EmptyState icon="users" title={search === undefined ? words.noMembers : words.noMatch} />}
    >
      {(items) => <MemberTable group={group} members={items} mayManage={mayManage} />}
    </ListState>
  );
}

function descriptionOf(group: Group, words: Texts['groups']): string {
  if (isEverybody(group)) return words.everybodyText;
  return group.description === '' ? words.memberCount(group.memberCount) : group.description;
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === 'not-found';
}
