import { findPerson, groupRoleSchema, putGroupMember, type Group, type GroupRole } from '@davit/contract';
import { Select, TextField } from '@davit/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { markOutdated } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';

/** Adds a person by the exact sign-in name: teachers cannot look through everybody. */
export function AddMemberDialog({ group, onClose }: { group: Group; onClose: () => void }): ReactElement {
  const { groups: words } = useTexts();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<GroupRole>('member');
  const add = useMutation({
    mutationFn: async () => {
      const person = await api(findPerson, { query: { name: name.trim() } });
      return api(putGroupMember, { params: { id: group.id, userId: person.id }, body: { role } });
    },
    onSuccess: () => {
      markOutdated(client, 'group');
      onClose();
    },
  });
  return (
    <ActDialog
      title={words.addMember}
      size="small"
      submit={words.addMember}
      act={add}
      disabled={name.trim() === ''}
      onClose={onClose}
      onSubmit={() => add.mutate()}
    >
      <TextField
        label={words.memberName}
        name="name"
        value={name}
        onChange={setName}
        description={words.memberNameRule}
        autoFocus
        required
      />
      <Select
        label={words.role}
        value={role}
        options={groupRoleSchema.options.map((id) => ({ id, text: words.roles[id] }))}
        onChange={setRole}
      />
    </ActDialog>
  );
}
