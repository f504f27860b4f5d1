import { Dialog, SaveForm } from '@davit/ui';
import type { SaveImage, SavePreview } from '@davit/contract';
import { useEffect, useState, type ReactElement } from 'react';
import { failureText } from '../../plugins/failure.ts';
import type { Host } from '../../host.ts';
import type { OpenWork } from '../../openWork.ts';
import type { IImagesModel } from '../../tokens.ts';
import { sharedTexts } from '../frame.tsx';
import { showModal } from '../modal.tsx';
import { OpenWorkList } from '../OpenWorkList.tsx';
import { formFailure, type FormFailure } from './problem.ts';

/** Asks for name and version and starts the save; its progress is told by notifications and the panel. */
export async function showSave(host: Host, images: IImagesModel, findWork: () => Promise<OpenWork>): Promise<void> {
  await showModal(host, (close) => <SaveDialog host={host} images={images} findWork={findWork} onClose={close} />);
}

interface SaveDialogProps {
  host: Host;
  images: IImagesModel;
  findWork: () => Promise<OpenWork>;
  onClose: () => void;
}

function SaveDialog({ host, images, findWork, onClose }: SaveDialogProps): ReactElement {
  const { trans } = host;
  const [preview, setPreview] = useState<SavePreview>();
  const [work, setWork] = useState<OpenWork>();
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<FormFailure>();

  useEffect(() => {
    images.preview().then(setPreview, (error: unknown) => {
      setFailure({ error: failureText(error, trans), fieldErrors: {} });
    });
    void findWork().then(setWork);
  }, [images, findWork, trans]);

  const submit = async (input: SaveImage): Promise<void> => {
    setPending(true);
    try {
      await images.save(input);
      onClose();
    } catch (error) {
      setFailure(formFailure(error, trans));
    } finally {
      setPending(false);
    }
  };
  const own = images.images?.filter((image) => image.origin === 'own') ?? [];

  return (
    <Dialog title={trans.__('Save the server as image')} onClose={onClose}>
      <SaveForm
        texts={sharedTexts(host).images.save}
        preview={preview}
        taken={new Set(own.map(({ name, version }) => `${name}:${version}`))}
        pending={pending}
        error={failure?.error}
        fieldErrors={failure?.fieldErrors}
        onCancel={onClose}
        onSubmit={(input) => void submit(input)}
      >
        {work !== undefined && <OpenWorkList work={work} trans={trans} />}
      </SaveForm>
    </Dialog>
  );
}
