import { updateUser, type User } from '@davit/contract';
import { Button } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import { BulkBar, BulkDialog } from '../../lib/bulk.tsx';
import { useSignedIn } from '../../shell/SignedIn.tsx';

/** What can be done with several people at once. Nobody deactivates the own account. */
export function UsersBulk(props: { users: readonly User[]; onClear: () => void }): ReactElement {
  const { users: words } = useTexts();
  const self = useSignedIn().user.id;
  const [asked, setAsked] = useState<'activate' | 'deactivate'>();
  const active = asked === 'activate';
  const others = props.users.filter(({ id }) => id !== self);
  const users = active ? props.users : others;
  return (
    <>
      <BulkBar count={props.users.length} onClear={props.onClear}>
        <Button onPress={() => setAsked('activate')}>{words.activate}</Button>
        <Button disabled={others.length === 0} onPress={() => setAsked('deactivate')}>
          {words.deactivate}
        </Button>
      </BulkBar>
      {asked !== undefined && (
        <BulkDialog
          title={active ? words.activateMany(users.length) : words.deactivateMany(users.length)}
          submit={active ? words.activateManySubmit : words.deactivateManySubmit}
          danger={!active}
          rows={users}
          nameOf={({ name }) => name}
          act={({ id }) => api(updateUser, { params: { id }, body: { active } })}
          changes="user"
          onClose={() => setAsked(undefined)}
        >
          <p>{active ? words.activateManyText : words.deactivateManyText}</p>
        </BulkDialog>
      )}
    </>
  );
}
