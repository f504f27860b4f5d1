import { setImageLaunch, type Editor, type Image } from '@davit/contract';
import { Checkbox, imageTag, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../../api/queries.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { ActDialog } from '../../../lib/ActDialog.tsx';
import { commandOf, environmentOf, environmentText } from './launchText.ts';

/** How servers of an image are started: what an admin may set, and nothing else. */
export function LaunchDialog({ image, onClose }: { image: Image; onClose: () => void }): ReactElement {
  const { images: words, server } = useTexts();
  const [needsGpu, setNeedsGpu] = useState(image.launch.needsGpu);
  const [sudo, setSudo] = useState(image.launch.sudo);
  const [environment, setEnvironment] = useState(environmentText(image.launch.environment));
  const [command, setCommand] = useState((image.launch.command ?? []).join('\n'));
  const [editors, setEditors] = useState<readonly Editor[]>(image.launch.editors ?? image.editors);
  const set = useAct(setImageLaunch, 'image');
  const variables = environmentOf(environment);
  const submit = (): void => {
    if (!variables.ok) return;
    const chosen = image.editors.filter((editor) => editors.includes(editor));
    const launch = {
      needsGpu,
      sudo,
      environment: variables.value,
      command: commandOf(command),
      editors: chosen.length === image.editors.length ? null : chosen,
    };
    set.mutate({ params: { id: image.id }, body: launch }, { onSuccess: () => onClose() });
  };
  return (
    <ActDialog
      title={words.launchTitle(imageTag(image))}
      submit={words.keepLaunch}
      act={set}
      disabled={!variables.ok}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="davit-muted">{words.launchText}</p>
      <Checkbox selected={needsGpu} onChange={setNeedsGpu}>
        {words.needsGpu}
      </Checkbox>
      <div>
        <Checkbox selected={sudo} onChange={setSudo}>
          {words.sudo}
        </Checkbox>
        <p className="davit-description">{words.sudoHint}</p>
      </div>
      {image.editors.length > 1 && (
        <fieldset className="plain-fieldset">
          <legend className="davit-label">{words.offered}</legend>
          {image.editors.map((editor) => (
            <Checkbox
              key={editor}
              selected={editors.includes(editor)}
              onChange={(on) => setEditors(on ? [...editors, editor] : editors.filter((one) => one !== editor))}
            >
              {server.editors[editor]}
            </Checkbox>
          ))}
        </fieldset>
      )}
      <TextField
        label={words.environment}
        name="environment"
        value={environment}
        onChange={setEnvironment}
        description={words.environmentHint}
        error={variables.ok ? undefined : words.badLine(variables.line)}
        rows={3}
      />
      <TextField
        label={words.command}
        name="command"
        value={command}
        onChange={setCommand}
        description={words.commandHint}
        rows={3}
      />
    </ActDialog>
  );
}
