import { ApiError, deleteImage, shareImage, updateImage, type Image, type ImageShare } from '@davit/contract';
import { Button, IconButton, imageTag, Select, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../ActDialog.tsx';
import { ConfirmDialog } from '../ConfirmDialog.tsx';
import { useNotify } from '../notices.tsx';

/** What can be done with an image in a dialog of its own. */
export type ImageDeed = 'describe' | 'publish' | 'unpublish' | 'share' | 'remove';

export interface ImageDialogProps {
  image: Image;
  onClose: () => void;
}

/** The dialog of a deed. */
export function ImageDialog({ deed, ...props }: ImageDialogProps & { deed: ImageDeed }): ReactElement {
  switch (deed) {
    case 'describe':
      return <DescribeDialog {...props} />;
    case 'publish':
    case 'unpublish':
      return <PublishDialog {...props} isPublic={deed === 'publish'} />;
    case 'share':
      return <ShareDialog {...props} />;
    case 'remove':
      return <RemoveDialog {...props} />;
  }
}

function DescribeDialog({ image, onClose }: ImageDialogProps): ReactElement {
  const { images: words } = useTexts();
  const [description, setDescription] = useState(image.description);
  const update = useAct(updateImage, 'image');
  const submit = (): void =>
    update.mutate({ params: { id: image.id }, body: { description } }, { onSuccess: () => onClose() });
  return (
    <ActDialog
      title={words.describeTitle(imageTag(image))}
      submit={words.keep}
      act={update}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={words.description}
        name="description"
        value={description}
        onChange={setDescription}
        rows={4}
        maxLength={2000}
        autoFocus
      />
    </ActDialog>
  );
}

function PublishDialog({ image, isPublic, onClose }: ImageDialogProps & { isPublic: boolean }): ReactElement {
  const { images: words } = useTexts();
  const notify = useNotify();
  const update = useAct(updateImage, 'image');
  const tag = imageTag(image);
  const confirm = (): void =>
    update.mutate(
      { params: { id: image.id }, body: { visibility: isPublic ? 'public' : 'private' } },
      {
        onSuccess: () => {
          if (isPublic) notify('success', words.published(tag));
          onClose();
        },
      },
    );
  return (
    <ActDialog
      title={isPublic ? words.publishTitle(tag) : words.unpublishTitle(tag)}
      size="small"
      submit={isPublic ? words.publish : words.unpublish}
      act={update}
      onClose={onClose}
      onSubmit={confirm}
    >
      <p>{isPublic ? words.publishText : words.unpublishText}</p>
    </ActDialog>
  );
}

type Share = Pick<ImageShare, 'kind' | 'name'>;

/** The list is sent as a whole; a name that is not known is told at the field and leaves everything as it was. */
function ShareDialog({ image, onClose }: ImageDialogProps): ReactElement {
  const { images: words } = useTexts();
  const [shares, setShares] = useState<readonly Share[]>(image.shares);
  const [kind, setKind] = useState<Share['kind']>('user');
  const [name, setName] = useState('');
  const share = useAct(shareImage, 'image');
  const typed = name.trim();
  const all =
    typed === '' ? shares : [...shares.filter((one) => !isSame(one, { kind, name: typed })), { kind, name: typed }];
  const submit = (): void =>
    share.mutate(
      { params: { id: image.id }, body: { shares: all.map((one) => ({ kind: one.kind, name: one.name })) } },
      { onSuccess: () => onClose() },
    );
  return (
    <ActDialog
      title={words.shareTitle(imageTag(image))}
      submit={words.keepShares}
      act={share}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="davit-muted">{words.shareText}</p>
      <section aria-label={words.sharedWith} className="share-list">
        <strong>{words.sharedWith}</strong>
        {shares.length === 0 && <p className="davit-muted">{words.sharedWithNobody}</p>}
        <ul>
          {shares.map((one) => (
            <li key={`${one.kind} ${one.name}`}>
              <span>{one.name}</span>
              <span className="davit-muted">{words.shareKinds[one.kind]}</span>
              <IconButton
                icon="close"
                label={words.unshare(one.name)}
                onPress={() => setShares(shares.filter((other) => other !== one))}
              />
            </li>
          ))}
        </ul>
      </section>
      <div className="share-add">
        <Select
          label={words.shareKind}
          value={kind}
          options={(['user', 'group'] as const).map((id) => ({ id, text: words.shareKinds[id] }))}
          onChange={setKind}
        />
        <TextField
          label={words.shareName}
          name="name"
          value={name}
          onChange={setName}
          description={words.shareRule}
          maxLength={100}
          autoFocus
        />
        <Button
          disabled={typed === ''}
          onPress={() => {
            setShares(all);
            setName('');
          }}
        >
          {words.add}
        </Button>
      </div>
    </ActDialog>
  );
}

function isSame(one: Share, other: Share): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** Refused while servers use it; then it says which. */
function RemoveDialog({ image, onClose }: ImageDialogProps): ReactElement {
  const { images: words } = useTexts();
  const notify = useNotify();
  const remove = useAct(deleteImage, 'image');
  const tag = imageTag(image);
  const servers = serversOf(remove.error);
  const confirm = (): void =>
    remove.mutate(
      { params: { id: image.id } },
      {
        onSuccess: () => {
          notify('success', words.removed(tag));
          onClose();
        },
      },
    );
  return (
    <ConfirmDialog
      title={words.removeTitle(tag)}
      submit={words.remove}
      act={remove}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{words.removeText}</p>
      {servers.length > 0 && (
        <div>
          <strong>{words.usedBy}</strong>
          <ul>
            {servers.map(({ id, name, ownerName }) => (
              <li key={id}>{words.serverOf(name, ownerName)}</li>
            ))}
          </ul>
        </div>
      )}
    </ConfirmDialog>
  );
}

interface ServerOfImage {
  id: string;
  name: string;
  ownerName: string;
}

function serversOf(error: unknown): readonly ServerOfImage[] {
  const servers = error instanceof ApiError ? error.problem.details?.['servers'] : undefined;
  return Array.isArray(servers) ? (servers as ServerOfImage[]) : [];
}
