import { buildImage, listImages, type ImageJob } from '@davit/contract';
import { imageTag, jobTag, Select, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct, useRoute } from '../../../api/queries.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { ActDialog } from '../../../lib/ActDialog.tsx';
import { useNotify } from '../../../lib/notices.tsx';
import { EMPTY_DRAFT, ImageTagFields, useTagErrors } from './ImageTagFields.tsx';

/** What a Dockerfile begins as: the two mounts give the step this machine's package settings. */
const FIRST_DOCKERFILE = `FROM \${BASE}
RUN --mount=type=secret,id=pm --mount=type=tmpfs,target=/run/pm \\
    if [ -f /run/secrets/pm ]; then . /run/secrets/pm; fi; \\
    pip install numpy
`;

/** Builds an image from a Dockerfile on one of the hub's. */
export function BuildDialog(props: { onClose: () => void; onJob: (job: ImageJob) => void }): ReactElement {
  const { images: words, common } = useTexts();
  const notify = useNotify();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [dockerfile, setDockerfile] = useState(FIRST_DOCKERFILE);
  const [chosen, setChosen] = useState<string>();
  const images = useRoute('image', listImages, { query: { limit: 200 } }).data?.items ?? [];
  const base = images.find(({ id }) => id === chosen) ?? images.find(({ origin }) => origin === 'built-in');
  const wrong = useTagErrors(draft);
  const build = useAct(buildImage, 'image-job');
  const submit = (): void => {
    if (base === undefined) return;
    const { name, version, description, editors } = draft;
    const body = { name, version, description, baseId: base.id, dockerfile };
    build.mutate(
      { body: editors === undefined ? body : { ...body, editors: [...editors] } },
      {
        onSuccess: (job) => {
          notify('success', words.building(jobTag(job)));
          props.onJob(job);
        },
      },
    );
  };
  return (
    <ActDialog
      title={words.buildTitle}
      size="large"
      submit={words.buildSubmit}
      act={build}
      disabled={base === undefined || dockerfile.trim() === '' || Object.keys(wrong).length > 0}
      onClose={props.onClose}
      onSubmit={submit}
    >
      <ImageTagFields draft={draft} onChange={setDraft} />
      <Select
        label={words.base}
        value={base?.id ?? ''}
        options={images.map((image) => ({
          id: image.id,
          text: image.origin === 'built-in' ? common.hubText(image.title) : imageTag(image),
        }))}
        onChange={setChosen}
      />
      <div className="code-field">
        <TextField
          label={words.dockerfile}
          name="dockerfile"
          value={dockerfile}
          onChange={setDockerfile}
          description={words.dockerfileHint}
          rows={12}
          maxLength={100_000}
          required
        />
      </div>
    </ActDialog>
  );
}
