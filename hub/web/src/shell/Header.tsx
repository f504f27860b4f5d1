import { Button, MenuButton } from '@davit/ui';
import { deleteCurrentSession, type Me } from '@davit/contract';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { NavLink, useNavigate } from 'react-router';
import { useAct, useInfo } from '../api/queries.ts';
import { useTexts } from '../i18n/language.tsx';
import { useNotifyError } from '../lib/notices.tsx';
import { LanguageMenu, ThemeMenu } from './Preferences.tsx';

/** The bar above each page: where one is, where one can go, and whose account it is. */
export function Header({ me }: { me: Me }): ReactElement {
  const { shell } = useTexts();
  const { role } = me.user;
  return (
    <header className="header">
      <a className="skip" href="#content">
        {shell.skip}
      </a>
      <Brand />
      <nav className="header-nav" aria-label={shell.mainMenu}>
        <NavLink to="/" end>
          {shell.servers}
        </NavLink>
        <NavLink to="/images">{shell.images}</NavLink>
        <NavLink to="/usage">{shell.usage}</NavLink>
        {role !== 'user' && <NavLink to="/groups">{shell.groups}</NavLink>}
        {role === 'admin' && <NavLink to="/admin">{shell.admin}</NavLink>}
      </nav>
      <div className="header-end">
        <LanguageMenu />
        <ThemeMenu />
        <UserMenu me={me} />
      </div>
    </header>
  );
}

/** The mark and the hub's own name. */
export function Brand(): ReactElement {
  const info = useInfo();
  return (
    <NavLink to="/" className="brand">
      <img src="/davit.svg" alt="" width={24} height={24} />
      <span>{info.data?.name ?? 'Davit'}</span>
    </NavLink>
  );
}

function UserMenu({ me }: { me: Me }): ReactElement {
  const { shell } = useTexts();
  const navigate = useNavigate();
  const client = useQueryClient();
  const notifyError = useNotifyError();
  const signOut = useAct(deleteCurrentSession, 'session');
  const name = me.user.displayName === '' ? me.user.name : me.user.displayName;
  if (signOut.isPending) return <Button variant="quiet" icon="user" pending label={name} />;
  return (
    <MenuButton
      label={name}
      icon="user"
      variant="quiet"
      entries={[
        { id: 'account', text: shell.account, hint: me.user.name, icon: 'user', href: '/account' },
        {
          id: 'sign-out',
          text: shell.signOut,
          icon: 'signOut',
          onAction: () =>
            signOut.mutate(
              {},
              {
                onError: notifyError,
                onSuccess: () => {
                  // Nothing of this person may flash up for the next one at this browser.
                  client.clear();
                  void navigate('/signin');
                },
              },
            ),
        },
      ]}
    />
  );
}
