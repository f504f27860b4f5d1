import { createPasswordLink, deleteUser, updateUser, type User } from '@davit/contract';
import type { ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { ConfirmDialog, Consequences } from '../../lib/ConfirmDialog.tsx';
import { EditUserDialog } from './EditUserDialog.tsx';
import { LinkReady } from './LinkReady.tsx';

/** What an admin does to one account that is asked about first. */
export type UserDeed = 'edit' | 'link' | 'deactivate' | 'delete';

interface UserDialogProps {
  user: User;
  onClose: () => void;
}

/** The dialog of a deed. */
export function UserDialog({ deed, ...props }: UserDialogProps & { deed: UserDeed }): ReactElement {
  switch (deed) {
    case 'edit':
      return <EditUserDialog {...props} />;
    case 'link':
      return <PasswordLinkDialog {...props} />;
    case 'deactivate':
      return <DeactivateDialog {...props} />;
    case 'delete':
      return <DeleteDialog {...props} />;
  }
}

function PasswordLinkDialog({ user, onClose }: UserDialogProps): ReactElement {
  const { users: words } = useTexts();
  const create = useAct(createPasswordLink, 'user');
  const title = words.newLinkTitle(user.name);
  if (create.data !== undefined) {
    return <LinkReady title={title} url={create.data.url} expiresAt={create.data.expiresAt} onClose={onClose} />;
  }
  return (
    <ActDialog
      title={title}
      size="small"
      submit={words.makeLink}
      act={create}
      onClose={onClose}
      onSubmit={() => create.mutate({ params: { id: user.id } })}
    >
      <p>{words.newLinkText}</p>
    </ActDialog>
  );
}

function DeactivateDialog({ user, onClose }: UserDialogProps): ReactElement {
  const { users: words } = useTexts();
  const update = useAct(updateUser, 'user');
  return (
    <ConfirmDialog
      title={words.deactivateTitle(user.name)}
      submit={words.deactivateSubmit}
      act={update}
      onConfirm={() => update.mutate({ params: { id: user.id }, body: { active: false } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{words.deactivateText}</p>
    </ConfirmDialog>
  );
}

function DeleteDialog({ user, onClose }: UserDialogProps): ReactElement {
  const { users: words, server } = useTexts();
  const remove = useAct(deleteUser, 'user');
  return (
    <ConfirmDialog
      title={words.deleteTitle(user.name)}
      submit={words.deleteSubmit}
      act={remove}
      onConfirm={() => remove.mutate({ params: { id: user.id } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Consequences title={server.lost} lines={[words.deleteLost]} />
      <Consequences title={server.stays} lines={[words.deleteStays]} />
    </ConfirmDialog>
  );
}
