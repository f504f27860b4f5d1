import { listUsers, roleSchema, userOrderSchema, type User } from '@davit/contract';
import { Button, EmptyState, SearchField, Select } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { usePages } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useTicked } from '../../lib/bulk.tsx';
import { useFilter, useTypedFilter } from '../../lib/useFilter.ts';
import { useTitle } from '../../lib/title.ts';
import { CreateUserDialog } from './CreateUserDialog.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { UserDialog, type UserDeed } from './UserDialog.tsx';
import { UsersBulk } from './UsersBulk.tsx';
import { UserTable } from './UserTable.tsx';

type Open = { kind: 'create' | 'import' } | { kind: 'user'; user: User; deed: UserDeed };

/** Everybody with an account. */
export function UsersPage(): ReactElement {
  const { users: words, admin } = useTexts();
  const search = useTypedFilter('search');
  const [role, setRole] = useFilter('role');
  const [active, setActive] = useFilter('active');
  const [sort, setSort] = useFilter('sort');
  const [open, setOpen] = useState<Open>();
  const query = {
    search: search.filter || undefined,
    role: roleSchema.options.find((one) => one === role),
    active: active === 'true' || active === 'false' ? active : undefined,
    sort: userOrderSchema.options.find((one) => one === sort) ?? 'name',
  } as const;
  const users = usePages('user', [query], (cursor, signal) =>
    api(listUsers, { query: { ...query, cursor } }, { signal }),
  );
  const { ticked, selection, clear } = useTicked(users.items ?? [], ({ id }) => id);
  const close = (): void => setOpen(undefined);
  useTitle(admin.users);

  return (
    <section className="panel" aria-labelledby="users-title">
      <header className="panel-head">
        <h1 id="users-title">{admin.users}</h1>
        <div className="tools tools-end">
          <Button icon="upload" onPress={() => setOpen({ kind: 'import' })}>
            {words.importCsv}
          </Button>
          <Button variant="primary" icon="plus" onPress={() => setOpen({ kind: 'create' })}>
            {words.create}
          </Button>
        </div>
      </header>
      <div className="tools panel-tools">
        <SearchField label={words.search} value={search.text} onChange={search.setText} main />
        <Select
          label={words.role}
          hideLabel
          value={query.role ?? ''}
          options={[
            { id: '', text: words.anyRole },
            ...roleSchema.options.map((id) => ({ id, text: words.roles[id] })),
          ]}
          onChange={setRole}
        />
        <Select
          label={words.state}
          hideLabel
          value={query.active ?? ''}
          options={[
            { id: '', text: words.anyState },
            { id: 'true', text: words.active },
            { id: 'false', text: words.inactive },
          ]}
          onChange={setActive}
        />
      </div>
      <UsersBulk users={ticked} onClear={clear} />
      <ListState
        list={users}
        failed={words.failed}
        empty={
          <EmptyState icon="users" title={words.noMatch}>
            {words.noMatchText}
          </EmptyState>
        }
      >
        {(items) => (
          <UserTable
            users={items}
            order={query.sort}
            onOrder={(order) => setSort(order === 'name' ? '' : order)}
            selection={selection(({ name }) => name)}
            onChoose={(user, deed) => setOpen({ kind: 'user', user, deed })}
          />
        )}
      </ListState>
      {open?.kind === 'create' && <CreateUserDialog onClose={close} />}
      {open?.kind === 'import' && <ImportDialog onClose={close} />}
      {open?.kind === 'user' && <UserDialog user={open.user} deed={open.deed} onClose={close} />}
    </section>
  );
}
