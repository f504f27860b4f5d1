import { Button, Checkbox, Dialog, DialogBody, DialogFoot, FormDialog, GoingOn } from '@davit/ui';
import type { Freed, ImageJob } from '@davit/contract';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useState, type ReactElement } from 'react';
import { CommandIDs } from '../../commandIds.ts';
import { failureText } from '../../plugins/failure.ts';
import type { Host } from '../../host.ts';
import type { OpenWork } from '../../openWork.ts';
import type { IServerModel } from '../../tokens.ts';
import { showModal } from '../modal.tsx';
import { sharedTexts } from '../frame.tsx';
import { OpenWorkList } from '../OpenWorkList.tsx';
import { freedText } from '../words.ts';

/** Asks, saves what the person wants saved, and releases. */
export async function showRelease(host: Host, server: IServerModel, findWork: () => Promise<OpenWork>): Promise<void> {
  const { trans } = host;
  const freed = await showModal<Freed>(host, (close) => (
    <EndDialog
      host={host}
      server={server}
      findWork={findWork}
      title={trans.__('Release %1?', server.server?.name ?? '')}
      submit={trans.__('Release now')}
      lost={trans.__('The server stops and its CPU, memory and GPU are free for others at once.')}
      act={() => server.release()}
      onClose={close}
    />
  ));
  if (freed !== undefined) await showModal(host, (close) => <Released host={host} freed={freed} onClose={close} />);
}

/** Asks, saves what the person wants saved, and resets. */
export async function showReset(host: Host, server: IServerModel, findWork: () => Promise<OpenWork>): Promise<void> {
  const { trans } = host;
  const done = await showModal<boolean>(host, (close) => (
    <EndDialog
      host={host}
      server={server}
      findWork={findWork}
      title={trans.__('Reset %1?', server.server?.name ?? '')}
      submit={trans.__('Reset now')}
      lost={trans.__('The container is replaced by a fresh one of the same image.')}
      act={async () => {
        await server.reset();
        return true;
      }}
      onClose={close}
    />
  ));
  if (done === true) await showModal(host, (close) => <Resetting trans={trans} onClose={close} />);
}

interface EndDialogProps<T> {
  host: Host;
  server: IServerModel;
  findWork: () => Promise<OpenWork>;
  title: string;
  submit: string;
  /** What happens, in one sentence. */
  lost: string;
  act: () => Promise<T>;
  onClose: (result?: T) => void;
}

function EndDialog<T>(props: EndDialogProps<T>): ReactElement {
  const { host, server, findWork, title, submit, lost, act, onClose } = props;
  const { trans, commands } = host;
  const [work, setWork] = useState<OpenWork>();
  const saves = useSaves(server);
  const [saveFirst, setSaveFirst] = useState(true);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();
  useEffect(() => void findWork().then(setWork), [findWork]);

  const unsaved = work?.unsaved ?? [];
  const run = async (): Promise<void> => {
    setPending(true);
    try {
      if (saveFirst) await Promise.all(unsaved.map(({ save }) => save()));
      onClose(await act());
    } catch (failure) {
      setError(failureText(failure, trans));
      setPending(false);
    }
  };
  const saveImage = (): void => {
    onClose();
    void commands.execute(CommandIDs.save);
  };

  return (
    <FormDialog
      title={title}
      size="small"
      alert
      danger
      submit={submit}
      pending={pending}
      disabled={work === undefined || saves === undefined}
      error={error}
      hint={
        commands.hasCommand(CommandIDs.save) && (
          <Button variant="quiet" onPress={saveImage}>
            {trans.__('Save as image first…')}
          </Button>
        )
      }
      onClose={() => onClose()}
      onSubmit={() => void run()}
    >
      <p>{lost}</p>
      <p>{trans.__('Lost: installed packages and all files outside of /data. Kept: everything under /data.')}</p>
      {saves !== undefined && (
        <GoingOn release={server.server?.release ?? null} saves={saves} texts={sharedTexts(host).release} />
      )}
      {work !== undefined && <OpenWorkList work={work} trans={trans} />}
      {unsaved.length > 0 && (
        <Checkbox selected={saveFirst} onChange={setSaveFirst}>
          {trans._n('Save the document first', 'Save the %1 documents first', unsaved.length)}
        </Checkbox>
      )}
    </FormDialog>
  );
}

/** Saves under way, asked for together with the server as it is now; a hub that cannot tell keeps nobody from going on. */
function useSaves(server: IServerModel): readonly ImageJob[] | undefined {
  const [saves, setSaves] = useState<readonly ImageJob[]>();
  useEffect(() => {
    const asked = Promise.all([server.saves().catch(() => []), server.refresh()]);
    void asked.then(([found]) => setSaves(found));
  }, [server]);
  return saves;
}

function Released({ host, freed, onClose }: { host: Host; freed: Freed; onClose: () => void }): ReactElement {
  const { trans, hub } = host;
  return (
    <Dialog title={trans.__('The server is released')} size="small" onClose={onClose}>
      <DialogBody>
        <p>{freedText(freed.resources, trans)}</p>
        <p>{trans.__('This page no longer works. Your files under /data are in every other server.')}</p>
      </DialogBody>
      <DialogFoot>
        <Button onPress={onClose}>{trans.__('Stay here')}</Button>
        <Button variant="primary" autoFocus onPress={() => window.location.assign(hub.info?.hubUrl ?? '/')}>
          {trans.__('Go to the hub')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function Resetting({ trans, onClose }: { trans: TranslationBundle; onClose: () => void }): ReactElement {
  return (
    <Dialog title={trans.__('The server is being reset')} size="small" onClose={onClose}>
      <DialogBody>
        <p>{trans.__('Reload this page in a moment: it shows how far the new container is and opens by itself.')}</p>
      </DialogBody>
      <DialogFoot>
        <Button variant="primary" autoFocus onPress={() => window.location.reload()}>
          {trans.__('Reload')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
