import { editorSchema, type Editor } from '@davit/contract';
import { checkSave, Checkbox, Select, TextField } from '@davit/ui';
import type { ReactElement } from 'react';
import { useImageTexts, useTexts } from '../../../i18n/language.tsx';

/** What a new image is called, and which editors it carries; undefined leaves that to the image. */
export interface TagDraft {
  name: string;
  version: string;
  description: string;
  editors: readonly Editor[] | undefined;
}

export const EMPTY_DRAFT: TagDraft = { name: '', version: '1', description: '', editors: undefined };

/** Whether the hub would take the name and version. */
export function useTagErrors({ name, version }: TagDraft): ReturnType<typeof checkSave> {
  return checkSave({ name, version, description: '', scrub: '' }, new Set(), useImageTexts().save);
}

/** Name, version, description and editors of an image that an admin makes. */
export function ImageTagFields(props: { draft: TagDraft; onChange: (draft: TagDraft) => void }): ReactElement {
  const { draft, onChange } = props;
  const { images: words, server } = useTexts();
  const wrong = useTagErrors(draft);
  const set = (field: 'name' | 'version' | 'description') => (value: string) => onChange({ ...draft, [field]: value });
  const { editors } = draft;
  return (
    <>
      <div className="two">
        <TextField
          label={words.name}
          name="name"
          value={draft.name}
          onChange={set('name')}
          error={wrong.name}
          maxLength={58}
          required
          autoFocus
        />
        <TextField
          label={words.version}
          name="version"
          value={draft.version}
          onChange={set('version')}
          error={wrong.version}
          maxLength={58}
          required
        />
      </div>
      <TextField
        label={words.description}
        name="description"
        value={draft.description}
        onChange={set('description')}
        rows={2}
        maxLength={2000}
      />
      <Select
        label={words.editorsKind}
        value={editors === undefined ? 'label' : 'chosen'}
        options={[
          { id: 'label', text: words.editorsOfLabel },
          { id: 'chosen', text: words.editorsChosen },
        ]}
        onChange={(kind) => onChange({ ...draft, editors: kind === 'label' ? undefined : [] })}
      />
      {editors !== undefined && (
        <fieldset className="plain-fieldset">
          <legend className="davit-label">{words.editors}</legend>
          {editorSchema.options.map((editor) => (
            <Checkbox
              key={editor}
              selected={editors.includes(editor)}
              onChange={(on) =>
                onChange({ ...draft, editors: on ? [...editors, editor] : editors.filter((one) => one !== editor) })
              }
            >
              {server.editors[editor]}
            </Checkbox>
          ))}
        </fieldset>
      )}
    </>
  );
}
