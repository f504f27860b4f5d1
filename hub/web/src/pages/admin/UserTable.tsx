import { updateUser, type Quota, type User, type UserOrder } from '@davit/contract';
import { DataTable, formatMemory, MenuButton, Tag, trim, type MenuEntry, type Selection } from '@davit/ui';
import type { ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import type { Texts } from '../../i18n/en.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useNotifyError } from '../../lib/notices.tsx';
import { RelativeTime } from '../../lib/time.tsx';
import { useSignedIn } from '../../shell/SignedIn.tsx';
import type { UserDeed } from './UserDialog.tsx';

export interface UserTableProps {
  users: readonly User[];
  order: UserOrder;
  onOrder: (order: UserOrder) => void;
  selection: Selection<User>;
  onChoose: (user: User, deed: UserDeed) => void;
}

/** People with what an admin looks for. */
export function UserTable({ users, order, onOrder, selection, onChoose }: UserTableProps): ReactElement {
  const texts = useTexts();
  const { users: words, common } = texts;
  return (
    <DataTable
      label={texts.admin.users}
      rows={users}
      rowKey={({ id }) => id}
      sorting={{
        sort: { column: order.replace('-', ''), descending: order.startsWith('-') },
        onSort: ({ column, descending }) => {
          const by = column === 'lastSeen' ? 'lastSeen' : 'name';
          onOrder(descending ? `-${by}` : by);
        },
      }}
      selection={selection}
      columns={[
        {
          id: 'name',
          title: common.name,
          main: true,
          sortBy: ({ name }) => name,
          cell: (user) => <UserName user={user} />,
        },
        {
          id: 'role',
          title: words.role,
          cell: ({ role }) => <Tag tone={role === 'user' ? undefined : 'accent'}>{words.roles[role]}</Tag>,
        },
        { id: 'state', title: words.state, cell: (user) => <UserState user={user} /> },
        { id: 'quota', title: words.exceptions, cell: ({ quota }) => quotaText(quota, texts) },
        {
          id: 'lastSeen',
          title: words.lastSeen,
          sortBy: ({ lastSeenAt }) => lastSeenAt ?? '',
          cell: ({ lastSeenAt }) => (lastSeenAt === null ? common.never : <RelativeTime at={lastSeenAt} />),
        },
        {
          id: 'actions',
          title: common.more,
          actions: true,
          cell: (user) => <UserMenu user={user} onChoose={(deed) => onChoose(user, deed)} />,
        },
      ]}
    />
  );
}

function UserName({ user }: { user: User }): ReactElement {
  const { users: words } = useTexts();
  const me = useSignedIn().user.id === user.id;
  return (
    <>
      {user.name} {me && <Tag>{words.you}</Tag>}
      {user.displayName !== '' && <div className="davit-muted aside">{user.displayName}</div>}
    </>
  );
}

function UserState({ user }: { user: User }): ReactElement {
  const { users: words } = useTexts();
  if (!user.active) return <Tag tone="danger">{words.inactive}</Tag>;
  return user.hasPassword ? <>{words.active}</> : <Tag tone="warning">{words.noPassword}</Tag>;
}

function UserMenu({ user, onChoose }: { user: User; onChoose: (deed: UserDeed) => void }): ReactElement {
  const { users: words, common } = useTexts();
  const self = useSignedIn().user.id === user.id;
  const update = useAct(updateUser, 'user');
  const notifyError = useNotifyError();
  const activate = (): void =>
    update.mutate({ params: { id: user.id }, body: { active: true } }, { onError: notifyError });
  const entries: MenuEntry[] = [
    { id: 'edit', text: common.edit, icon: 'edit', onAction: () => onChoose('edit') },
    { id: 'link', text: words.newLink, icon: 'link', onAction: () => onChoose('link') },
    {
      id: 'active',
      text: user.active ? words.deactivate : words.activate,
      icon: user.active ? 'stop' : 'play',
      disabled: self,
      onAction: () => (user.active ? onChoose('deactivate') : activate()),
    },
    {
      id: 'delete',
      text: common.delete,
      icon: 'trash',
      danger: true,
      disabled: self,
      onAction: () => onChoose('delete'),
    },
  ];
  return <MenuButton label={common.moreFor(user.name)} icon="more" iconOnly variant="quiet" entries={entries} />;
}

/** `2 servers · 8 CPU`: only what differs from the role. */
function quotaText(quota: Partial<Quota>, { users, server }: Texts): string {
  const parts: string[] = [];
  if (quota.servers !== undefined) parts.push(`${users.maxServers}: ${quota.servers}`);
  if (quota.cpu !== undefined) parts.push(server.cores(trim(quota.cpu)));
  if (quota.memoryMb !== undefined) parts.push(formatMemory(quota.memoryMb));
  if (quota.gpu !== undefined) parts.push(server.gpus(quota.gpu));
  return parts.length === 0 ? '—' : parts.join(' · ');
}
