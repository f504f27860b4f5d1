import { deleteToken, listTokens, type Token } from '@davit/contract';
import { Button, DataTable, EmptyState, IconButton, Tag } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { useAct, usePages } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ConfirmDialog } from '../../lib/ConfirmDialog.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { RelativeTime } from '../../lib/time.tsx';
import { CreateTokenDialog } from './CreateTokenDialog.tsx';

/** One's API tokens: create, see when they were used, revoke. */
export function TokensPanel(): ReactElement {
  const { account, common } = useTexts();
  const tokens = usePages('token', [], (cursor, signal) => api(listTokens, { query: { cursor } }, { signal }));
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const createButton = (
    <Button icon="plus" onPress={() => setCreating(true)}>
      {account.createToken}
    </Button>
  );
  return (
    <section className="panel" aria-labelledby="tokens-title">
      <header className="panel-head">
        <h2 id="tokens-title">{account.tokens}</h2>
        {tokens.items !== undefined && tokens.items.length > 0 && createButton}
      </header>
      <ListState
        list={tokens}
        failed={common.failedToLoad}
        empty={
          <EmptyState icon="key" title={account.noTokens} action={createButton}>
            {account.tokensText}
          </EmptyState>
        }
      >
        {(items) => <TokenTable tokens={items} onRevoke={setRevoking} />}
      </ListState>
      {creating && <CreateTokenDialog onClose={() => setCreating(false)} />}
      {revoking !== undefined && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
    </section>
  );
}

function TokenTable(props: { tokens: readonly Token[]; onRevoke: (token: Token) => void }): ReactElement {
  const { account, common } = useTexts();
  const moment = (at: string | null): ReactElement => (at === null ? <>{common.never}</> : <RelativeTime at={at} />);
  return (
    <DataTable
      label={account.tokens}
      rows={props.tokens}
      rowKey={({ id }) => id}
      columns={[
        { id: 'name', title: common.name, main: true, cell: ({ name }) => name },
        {
          id: 'scopes',
          title: account.scopesTitle,
          cell: ({ scopes }) => (
            <span className="tags">
              {scopes.map((scope) => (
                <Tag key={scope} tone={scope === 'admin' ? 'warning' : undefined}>
                  {account.scopeShort[scope]}
                </Tag>
              ))}
            </span>
          ),
        },
        { id: 'used', title: account.lastUsed, cell: ({ lastUsedAt }) => moment(lastUsedAt) },
        { id: 'expires', title: account.expires, cell: ({ expiresAt }) => moment(expiresAt) },
        {
          id: 'revoke',
          title: account.revoke,
          actions: true,
          cell: (token) => (
            <IconButton icon="trash" label={account.revokeTitle(token.name)} onPress={() => props.onRevoke(token)} />
          ),
        },
      ]}
    />
  );
}

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }): ReactElement {
  const { account } = useTexts();
  const revoke = useAct(deleteToken, 'token');
  return (
    <ConfirmDialog
      title={account.revokeTitle(token.name)}
      submit={account.revokeSubmit}
      act={revoke}
      onConfirm={() => revoke.mutate({ params: { id: token.id } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{account.revokeText}</p>
    </ConfirmDialog>
  );
}
