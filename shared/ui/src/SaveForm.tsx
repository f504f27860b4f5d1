import type { SaveImage, SavePreview } from '@davit/contract';
import { useState, type ReactElement, type ReactNode } from 'react';
import { Button } from './Button.tsx';
import { DialogBody, DialogFoot } from './Dialog.tsx';
import { Form } from './Form.tsx';
import { formatBytes } from './format.ts';
import { checkSave, scrubPaths, type SaveDraft } from './imageTag.ts';
import type { ImageTexts } from './imageTexts.ts';
import { Notice } from './Notice.tsx';
import { placeText } from './notSaved.ts';
import { TextField } from './TextField.tsx';
import { useUiTexts } from './texts.tsx';

export interface SaveFormProps {
  texts: ImageTexts['save'];
  /** Undefined while it is on its way. */
  preview: SavePreview | undefined;
  /** `name:version` of the person's own images. */
  taken: ReadonlySet<string>;
  pending?: boolean;
  /** Why the last try failed, in words. */
  error?: string;
  /** What the hub said about fields, by name. */
  fieldErrors?: Readonly<Record<string, string>>;
  /** Stands above the fields: what the host wants to say first, such as unsaved files. */
  children?: ReactNode;
  onCancel: () => void;
  onSubmit: (input: SaveImage) => void;
}

/** Name, version and description of a new image, and what will not be in it. Says what is wrong while one types. */
export function SaveForm(props: SaveFormProps): ReactElement {
  const { texts, preview } = props;
  const ui = useUiTexts();
  const [typed, setTyped] = useState<Partial<SaveDraft>>({});
  const draft: SaveDraft = { name: '', version: '', description: '', scrub: '', ...preview?.suggestion, ...typed };
  const wrong = checkSave(draft, props.taken, texts);
  // What is wrong will not be the name of anything.
  const named = (['name', 'version'] as const).every((field) => draft[field] !== '' && wrong[field] === undefined);
  const set = (field: keyof SaveDraft) => (value: string) => {
    setTyped((before) => ({ ...before, [field]: value }));
  };
  const submit = (): void => {
    if (props.pending === true || Object.keys(wrong).length > 0) return;
    const { name, version, description, scrub } = draft;
    props.onSubmit({ name, version, description, scrub: scrubPaths(scrub) });
  };

  return (
    <Form className="davit-dialog-form" fieldErrors={props.fieldErrors} onSubmit={submit}>
      <DialogBody>
        {props.children}
        <div className="davit-save-tag">
          <TextField label={texts.name} name="name" {...fieldOf('name', 58)} autoFocus required />
          <TextField label={texts.version} name="version" {...fieldOf('version', 58)} required />
        </div>
        <p className="davit-muted" aria-live="polite">
          {named && texts.becomes(`${draft.name}:${draft.version}`)}
          {texts.meanwhile}
        </p>
        <TextField label={texts.description} name="description" {...fieldOf('description', 2000)} rows={2} />
        {preview === undefined ? (
          props.error === undefined && <p className="davit-muted">{texts.loading}</p>
        ) : (
          <Preview texts={texts} preview={preview} />
        )}
        <TextField
          label={texts.more}
          name="scrub"
          {...fieldOf('scrub', 10_000)}
          description={texts.moreHelp}
          rows={2}
        />
        {props.error !== undefined && <Notice tone="danger">{props.error}</Notice>}
      </DialogBody>
      <DialogFoot>
        <Button onPress={props.onCancel}>{ui.cancel}</Button>
        <Button type="submit" variant="primary" pending={props.pending} disabled={Object.keys(wrong).length > 0}>
          {texts.submit}
        </Button>
      </DialogFoot>
    </Form>
  );

  function fieldOf(field: keyof SaveDraft, maxLength: number) {
    return { value: draft[field], onChange: set(field), error: wrong[field], maxLength };
  }
}

/** What stays outside of the image, and whether there is room. */
function Preview({ texts, preview }: { texts: ImageTexts['save']; preview: SavePreview }): ReactElement {
  const { changedBytes: changed, freeBytes: free } = preview;
  const room = changed === null || free === null ? undefined : ([formatBytes(changed), formatBytes(free)] as const);
  return (
    <>
      {room !== undefined &&
        (changed !== null && free !== null && changed > free ? (
          <Notice tone="warning">{texts.noRoom(...room)}</Notice>
        ) : (
          <p className="davit-muted">{texts.room(...room)}</p>
        ))}
      {preview.notSaved.length > 0 && (
        <section className="davit-save-part">
          <h4>{texts.notSaved}</h4>
          <p className="davit-muted">{texts.notSavedWhy}</p>
          <ul className="davit-save-list">
            {preview.notSaved.map((place) => (
              <li key={place.path}>
                <span className="davit-code">{place.path}</span>
                <span className="davit-muted">{placeText(place, texts)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <details className="davit-save-part">
        <summary>{texts.leftOut(preview.scrubbed.length)}</summary>
        <p className="davit-muted">{texts.leftOutWhy}</p>
        <ul className="davit-save-list">
          {preview.scrubbed.map((path) => (
            <li key={path}>
              <span className="davit-code">{path}</span>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
