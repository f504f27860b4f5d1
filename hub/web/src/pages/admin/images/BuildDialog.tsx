import { buildImage, listImages, type Image, type ImageJob } from '@davit/contract';
import { imageTag, jobTag, SearchField, Select, TextField } from '@davit/ui';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { api } from '../../../api/client.ts';
import { useAct } from '../../../api/queries.ts';
import { useLanguage, useTexts } from '../../../i18n/language.tsx';
import { ActDialog } from '../../../lib/ActDialog.tsx';
import { useNotify } from '../../../lib/notices.tsx';
import { useSettled } from '../../../lib/settled.ts';
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
  const [chosen, setChosen] = useState<Image>();
  const { images, search, setSearch, isLong } = useBases();
  const base = chosen ?? images.find(({ origin }) => origin === 'built-in');
  // What was chosen stays in the list when a search leaves it out.
  const offered = base === undefined || images.some(({ id }) => id === base.id) ? images : [base, ...images];
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
      {isLong && <SearchField label={words.searchBase} value={search} onChange={setSearch} />}
      <Select
        label={words.base}
        value={base?.id ?? ''}
        options={offered.map((image) => ({
          id: image.id,
          text: image.origin === 'built-in' ? common.hubText(image.title) : imageTag(image),
        }))}
        onChange={(id) => setChosen(offered.find((image) => image.id === id))}
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

/** From this many images on a search is quicker than looking through a list. */
const SEARCH_FROM = 20;

/** The images that may be built on; the hub searches, so that none is out of reach. */
function useBases() {
  const { language } = useLanguage();
  const [search, setSearch] = useState('');
  const sought = useSettled(search).trim();
  const query = { limit: 50, language, search: sought === '' ? undefined : sought };
  const { data } = useQuery({
    queryKey: ['image', 'bases', query],
    queryFn: ({ signal }) => api(listImages, { query }, { signal }),
    placeholderData: keepPreviousData,
  });
  const images = data?.items ?? [];
  return { images, search, setSearch, isLong: search !== '' || images.length >= SEARCH_FROM };
}
