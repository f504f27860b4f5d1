import { createToken, type Scope } from '@davit/contract';
import { Button, Checkbox, CopyField, Dialog, DialogBody, DialogFoot, Notice, Select, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { useSignedIn } from '../../shell/SignedIn.tsx';

const SCOPES: readonly Scope[] = ['read', 'servers', 'account', 'admin'];
const EXPIRIES = ['7', '30', '90', '365', '0'] as const;
type Expiry = (typeof EXPIRIES)[number];

/** Creates a token and shows its text, which exists nowhere else. */
export function CreateTokenDialog({ onClose }: { onClose: () => void }): ReactElement {
  const create = useAct(createToken, 'token');
  if (create.data !== undefined) return <TokenReady token={create.data.token} onClose={onClose} />;
  return <TokenForm create={create} onClose={onClose} />;
}

function TokenReady({ token, onClose }: { token: string; onClose: () => void }): ReactElement {
  const { account } = useTexts();
  return (
    <Dialog title={account.tokenReady} onClose={onClose}>
      <DialogBody>
        <Notice tone="warning">{account.tokenOnce}</Notice>
        <CopyField label={account.token} text={token} />
      </DialogBody>
      <DialogFoot>
        <Button variant="primary" onPress={onClose}>
          {account.done}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

type Create = ReturnType<typeof useAct<typeof createToken>>;

function TokenForm({ create, onClose }: { create: Create; onClose: () => void }): ReactElement {
  const { account } = useTexts();
  const { user } = useSignedIn();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['read', 'servers']);
  const [expiry, setExpiry] = useState<Expiry>('90');
  const offered = SCOPES.filter((scope) => scope !== 'admin' || user.role === 'admin');
  const expiresInDays = expiry === '0' ? null : Number(expiry);
  return (
    <ActDialog
      title={account.createToken}
      submit={account.createToken}
      act={create}
      disabled={scopes.length === 0 || name.trim() === ''}
      onClose={onClose}
      onSubmit={() => create.mutate({ body: { name, scopes: [...scopes], expiresInDays } })}
    >
      <TextField
        label={account.tokenName}
        name="name"
        value={name}
        onChange={setName}
        maxLength={60}
        autoFocus
        required
      />
      <fieldset className="checks">
        <legend className="davit-label">{account.scopes}</legend>
        {offered.map((scope) => (
          <Checkbox
            key={scope}
            selected={scopes.includes(scope)}
            onChange={(on) => setScopes(SCOPES.filter((one) => (one === scope ? on : scopes.includes(one))))}
          >
            {account.scope[scope]}
          </Checkbox>
        ))}
        {scopes.length === 0 && <span className="davit-error">{account.pickScope}</span>}
      </fieldset>
      <Select
        label={account.expires}
        value={expiry}
        options={EXPIRIES.map((id) => ({ id, text: account.expiry[id] }))}
        onChange={setExpiry}
      />
    </ActDialog>
  );
}
