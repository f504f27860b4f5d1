import { listImages, listServers, type Image, type ImageJob } from '@davit/contract';
import { Button, copyText, ImageLibrary, imageTag, type ImageFilter } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { usePages, useRoute } from '../../api/queries.ts';
import { useImageTexts, useLanguage, useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { ImageDialog, type ImageDeed } from '../../lib/images/dialogs.tsx';
import { JobLogDialog, useCancelJob, useJobs } from '../../lib/images/jobs.tsx';
import { useNotify } from '../../lib/notices.tsx';
import { useNow } from '../../lib/now.ts';
import { useTitle } from '../../lib/title.ts';
import { useFilter, useTypedFilter } from '../../lib/useFilter.ts';
import { StartDialog } from '../home/StartDialog.tsx';

/** What is open beside the list. */
type Open = { kind: ImageDeed | 'start'; image: Image } | { kind: 'log'; job: ImageJob };

const ORIGINS = ['own', 'shared', 'public', 'built-in'] as const;

/** The images that I may start servers from, and what is being made. */
export function LibraryPage(): ReactElement {
  const { images: words, common } = useTexts();
  const texts = useImageTexts();
  const { locale, language } = useLanguage();
  const navigate = useNavigate();
  const notify = useNotify();
  const now = useNow();
  const search = useTypedFilter('search');
  const [origin, setOrigin] = useFilter('origin');
  const [open, setOpen] = useState<Open>();
  const chosen = ORIGINS.find((one) => one === origin);
  const query = { search: search.filter === '' ? undefined : search.filter, origin: chosen, language };
  const images = usePages('image', ['library', query], (cursor, signal) =>
    api(listImages, { query: { ...query, cursor } }, { signal }),
  );
  const jobs = useJobs();
  const cancel = useCancelJob();
  useTitle(words.title);

  const filter: ImageFilter = {
    search: search.text,
    origin: chosen ?? 'all',
    onSearch: search.setText,
    onOrigin: (next) => setOrigin(next === 'all' ? '' : next),
  };
  const act = (kind: ImageDeed | 'start') => (image: Image) => setOpen({ kind, image });
  const copyName = (image: Image): void =>
    void copyText(imageTag(image)).then((done) => {
      if (done) notify('success', common.copied);
    });
  const filtered = query.search !== undefined || chosen !== undefined;
  const close = (): void => setOpen(undefined);

  return (
    <section className="panel" aria-labelledby="library-title">
      <header className="panel-head">
        <h1 id="library-title">{words.title}</h1>
        <p>{words.libraryLead}</p>
      </header>
      <div className="panel-body">
        {images.error !== null && (
          <Failure title={words.failed} error={images.error} onRetry={() => void images.refetch()} />
        )}
        {(images.error === null || images.items !== undefined) && (
          <ImageLibrary
            texts={{ ...texts, library: { ...texts.library, none: words.empties, noneText: words.emptiesText } }}
            locale={locale}
            now={now}
            images={images.items}
            jobs={jobs}
            filter={filter}
            filtered={filtered}
            actions={{
              start: act('start'),
              describe: act('describe'),
              publish: act('publish'),
              unpublish: act('unpublish'),
              share: act('share'),
              remove: act('remove'),
              copyName,
            }}
            onCancelJob={cancel}
            onShowLog={(job) => setOpen({ kind: 'log', job })}
            start={<Button onPress={() => void navigate('/')}>{words.toServers}</Button>}
          />
        )}
      </div>
      {images.hasNextPage && (
        <div className="panel-foot">
          <Button pending={images.isFetchingNextPage} onPress={() => void images.fetchNextPage()}>
            {common.loadMore}
          </Button>
        </div>
      )}
      {open?.kind === 'log' && <JobLogDialog job={open.job} onClose={close} />}
      {open?.kind === 'start' && <Start image={open.image} onClose={close} />}
      {open !== undefined && open.kind !== 'log' && open.kind !== 'start' && (
        <ImageDialog deed={open.kind} image={open.image} onClose={close} />
      )}
    </section>
  );
}

function Start({ image, onClose }: { image: Image; onClose: () => void }): ReactElement {
  const navigate = useNavigate();
  const servers = useRoute('server', listServers, { query: { limit: 200 } });
  const taken = (servers.data?.items ?? []).map(({ name }) => name);
  return <StartDialog taken={taken} imageId={image.id} onClose={onClose} onStarted={() => void navigate('/')} />;
}
