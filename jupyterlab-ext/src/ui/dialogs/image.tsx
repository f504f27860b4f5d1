import { FormDialog, imageTag, TextField } from '@davit/ui';
import type { Image } from '@davit/contract';
import { useState, type ReactElement, type ReactNode } from 'react';
import type { Host } from '../../host.ts';
import type { IImagesModel } from '../../tokens.ts';
import { showModal } from '../modal.tsx';
import { formFailure, type FormFailure } from './problem.ts';

/** Changes the description of an own image. */
export async function showDescribe(host: Host, images: IImagesModel, image: Image): Promise<void> {
  await showModal(host, (close) => <Describe host={host} images={images} image={image} onClose={close} />);
}

/** Says with whom an own image is shared. */
export async function showShare(host: Host, images: IImagesModel, image: Image): Promise<void> {
  await showModal(host, (close) => <Share host={host} images={images} image={image} onClose={close} />);
}

interface OneImageProps {
  host: Host;
  images: IImagesModel;
  image: Image;
  onClose: () => void;
}

function Describe({ host, images, image, onClose }: OneImageProps): ReactElement {
  const { trans } = host;
  const [text, setText] = useState(image.description);
  return (
    <ImageDialog
      host={host}
      title={trans.__('Description of %1', imageTag(image))}
      submit={trans.__('Save the description')}
      act={() => images.describe(image.id, text)}
      onClose={onClose}
    >
      <TextField
        label={trans.__('Description')}
        name="description"
        value={text}
        onChange={setText}
        rows={4}
        maxLength={2000}
        autoFocus
      />
    </ImageDialog>
  );
}

function Share({ host, images, image, onClose }: OneImageProps): ReactElement {
  const { trans } = host;
  const [users, setUsers] = useState(() => sharedWith(image, 'user'));
  const [groups, setGroups] = useState(() => sharedWith(image, 'group'));
  const share = (): Promise<void> =>
    images.share(image.id, [
      ...splitNames(users).map((name) => ({ kind: 'user' as const, name })),
      ...splitNames(groups).map((name) => ({ kind: 'group' as const, name })),
    ]);
  return (
    <ImageDialog
      host={host}
      title={trans.__('Share %1', imageTag(image))}
      submit={trans.__('Share')}
      act={share}
      onClose={onClose}
    >
      <p>{trans.__('They can start servers from it; they cannot change or delete it.')}</p>
      <TextField
        label={trans.__('People')}
        value={users}
        onChange={setUsers}
        description={trans.__('Sign-in names, parted by commas')}
        autoFocus
      />
      <TextField
        label={trans.__('Groups')}
        value={groups}
        onChange={setGroups}
        description={trans.__('Names of groups, parted by commas')}
      />
    </ImageDialog>
  );
}

function sharedWith(image: Image, kind: 'user' | 'group'): string {
  return image.shares
    .filter((share) => share.kind === kind)
    .map(({ name }) => name)
    .join(', ');
}

/** Adds an own image to the library of all, after a word on what that means. */
export async function showPublish(host: Host, images: IImagesModel, image: Image): Promise<void> {
  const { trans } = host;
  await showModal(host, (close) => (
    <ImageDialog
      host={host}
      title={trans.__('Add %1 to the library of all?', imageTag(image))}
      submit={trans.__('Add to the library')}
      act={() => images.setPublic(image.id, true)}
      onClose={close}
    >
      <p>{trans.__('Everybody on this hub can start servers from it and read every file in it.')}</p>
    </ImageDialog>
  ));
}

/** Deletes an own image after a question. */
export async function showDelete(host: Host, images: IImagesModel, image: Image): Promise<void> {
  const { trans } = host;
  await showModal(host, (close) => (
    <ImageDialog
      host={host}
      title={trans.__('Delete %1?', imageTag(image))}
      submit={trans.__('Delete the image')}
      danger
      act={() => images.remove(image.id)}
      onClose={close}
    >
      <p>{trans.__('No new server can be started from it, and it cannot be brought back.')}</p>
    </ImageDialog>
  ));
}

interface ImageDialogProps {
  host: Host;
  title: string;
  submit: string;
  danger?: boolean;
  act: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

function ImageDialog({ host, act, onClose, danger, ...rest }: ImageDialogProps): ReactElement {
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<FormFailure>();
  const run = async (): Promise<void> => {
    setPending(true);
    try {
      await act();
      onClose();
    } catch (error) {
      setFailure(formFailure(error, host.trans));
      setPending(false);
    }
  };
  return (
    <FormDialog
      {...rest}
      size="small"
      danger={danger}
      alert={danger}
      pending={pending}
      error={failure?.error}
      fieldErrors={failure?.fieldErrors}
      onClose={onClose}
      onSubmit={() => void run()}
    />
  );
}

/** Names as people write lists: by commas, also the Chinese ones, or on lines of their own. */
function splitNames(text: string): string[] {
  return text
    .split(/[,，、\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
