import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { RelativeTime } from '../../lib/time.tsx';
import { useTitle } from '../../lib/title.ts';
import { useSignedIn } from '../../shell/SignedIn.tsx';
import { PasswordPanel } from './PasswordPanel.tsx';
import { SessionsPanel } from './SessionsPanel.tsx';
import { TokensPanel } from './TokensPanel.tsx';

/** One's own account: password, sessions, tokens. */
export function AccountPage(): ReactElement {
  const { account, users, common } = useTexts();
  const { user } = useSignedIn();
  useTitle(account.title);
  return (
    <>
      <section className="panel" aria-labelledby="profile-title">
        <header className="panel-head">
          <h1 id="profile-title">{user.displayName === '' ? user.name : user.displayName}</h1>
        </header>
        <dl className="panel-body facts">
          <div>
            <dt>{common.name}</dt>
            <dd>{user.name}</dd>
          </div>
          <div>
            <dt>{account.role}</dt>
            <dd>{users.roles[user.role]}</dd>
          </div>
          <div>
            <dt>{account.since}</dt>
            <dd>
              <RelativeTime at={user.createdAt} />
            </dd>
          </div>
        </dl>
      </section>
      <PasswordPanel />
      <SessionsPanel />
      <TokensPanel />
    </>
  );
}
