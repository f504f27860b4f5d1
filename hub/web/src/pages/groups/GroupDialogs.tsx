import { deleteGroup, updateGroup, type Group } from '@davit/contract';
import { useState, type ReactElement } from 'react';
import { useNavigate } from 'react-router';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { ConfirmDialog } from '../../lib/ConfirmDialog.tsx';
import { GroupFields, type GroupValue } from './GroupFields.tsx';

interface GroupDialogProps {
  group: Group;
  onClose: () => void;
}

/** Renames or describes a group. */
export function EditGroupDialog({ group, onClose }: GroupDialogProps): ReactElement {
  const { groups: words, common } = useTexts();
  const [value, setValue] = useState<GroupValue>({ name: group.name, description: group.description });
  const update = useAct(updateGroup, 'group');
  return (
    <ActDialog
      title={words.editTitle(group.name)}
      submit={common.save}
      act={update}
      disabled={value.name === ''}
      onClose={onClose}
      onSubmit={() => update.mutate({ params: { id: group.id }, body: value }, { onSuccess: onClose })}
    >
      <GroupFields value={value} onChange={setValue} />
    </ActDialog>
  );
}

/** Deletes a group after asking. */
export function DeleteGroupDialog({ group, onClose }: GroupDialogProps): ReactElement {
  const { groups: words } = useTexts();
  const navigate = useNavigate();
  const remove = useAct(deleteGroup, 'group');
  return (
    <ConfirmDialog
      title={words.deleteTitle(group.name)}
      submit={words.deleteSubmit}
      act={remove}
      onConfirm={() =>
        remove.mutate({ params: { id: group.id } }, { onSuccess: () => void navigate('/groups', { replace: true }) })
      }
      onClose={onClose}
    >
      <p>{words.deleteText}</p>
    </ConfirmDialog>
  );
}
