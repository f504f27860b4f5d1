import { deleteGroupMember, groupRoleSchema, putGroupMember, type Group, type GroupMember } from '@davit/contract';
import { DataTable, IconButton, Select } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ConfirmDialog } from '../../lib/ConfirmDialog.tsx';
import { useNotifyError } from '../../lib/notices.tsx';

export interface MemberTableProps {
  group: Group;
  members: readonly GroupMember[];
  mayManage: boolean;
}

/** The members of a group; who manages it changes roles and removes. */
export function MemberTable({ group, members, mayManage }: MemberTableProps): ReactElement {
  const { groups: words, common } = useTexts();
  const [removing, setRemoving] = useState<GroupMember>();
  const remove = (member: GroupMember): ReactElement => (
    <IconButton icon="close" label={words.removeTitle(member.name, group.name)} onPress={() => setRemoving(member)} />
  );
  return (
    <>
      <DataTable
        label={words.members}
        rows={members}
        rowKey={({ userId }) => userId}
        columns={[
          { id: 'name', title: common.name, main: true, cell: ({ name, displayName }) => nameOf(name, displayName) },
          {
            id: 'role',
            title: words.role,
            cell: (member) =>
              mayManage ? <RoleChoice group={group} member={member} /> : <>{words.roles[member.role]}</>,
          },
          ...(mayManage ? [{ id: 'remove', title: words.remove, actions: true, cell: remove }] : []),
        ]}
      />
      {removing !== undefined && (
        <RemoveDialog group={group} member={removing} onClose={() => setRemoving(undefined)} />
      )}
    </>
  );
}

function nameOf(name: string, displayName: string): ReactElement {
  return (
    <>
      {name} {displayName !== '' && <span className="davit-muted aside">{displayName}</span>}
    </>
  );
}

function RoleChoice({ group, member }: { group: Group; member: GroupMember }): ReactElement {
  const { groups: words } = useTexts();
  const put = useAct(putGroupMember, 'group');
  const notifyError = useNotifyError();
  return (
    <Select
      label={words.role}
      hideLabel
      value={put.isPending ? (put.variables.body?.role ?? member.role) : member.role}
      options={groupRoleSchema.options.map((id) => ({ id, text: words.roles[id] }))}
      onChange={(role) =>
        put.mutate({ params: { id: group.id, userId: member.userId }, body: { role } }, { onError: notifyError })
      }
    />
  );
}

function RemoveDialog(props: { group: Group; member: GroupMember; onClose: () => void }): ReactElement {
  const { group, member, onClose } = props;
  const { groups: words } = useTexts();
  const remove = useAct(deleteGroupMember, 'group');
  return (
    <ConfirmDialog
      title={words.removeTitle(member.name, group.name)}
      submit={words.removeSubmit}
      act={remove}
      onConfirm={() => remove.mutate({ params: { id: group.id, userId: member.userId } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{words.removeText}</p>
    </ConfirmDialog>
  );
}
