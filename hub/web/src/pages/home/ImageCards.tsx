import type { Image } from '@davit/contract';
import { Button, Icon, imageTag, RadioCards, SearchField } from '@davit/ui';
import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import type { StartImages } from './startImages.ts';

/** From this many images on a search is quicker than looking. */
const SEARCH_FROM = 5;

/** The images as cards with the editors that they carry. */
export function ImageCards(props: {
  images: StartImages;
  items: readonly Image[];
  value: string | undefined;
  onChange: (image: Image) => void;
}): ReactElement {
  const { start, common } = useTexts();
  const { images, items } = props;
  const { search } = images;
  const grouped = items.some(({ origin }) => origin !== 'built-in');
  return (
    <div className="image-cards">
      {(items.length >= SEARCH_FROM || images.hasMore || search !== '') && (
        <SearchField label={start.searchImages} value={search} onChange={images.onSearch} />
      )}
      <RadioCards
        label={start.image}
        value={props.value}
        options={items.map((image) => ({
          id: image.id,
          label: titleOf(image, common.hubText),
          group: grouped ? start.groups[image.origin] : undefined,
          content: <ImageCard image={image} />,
        }))}
        onChange={(id) => {
          const image = items.find((one) => one.id === id);
          if (image !== undefined) props.onChange(image);
        }}
      />
      {items.length === 0 && (
        <p className="davit-muted" role="status">
          {start.noMatch}
        </p>
      )}
      {images.hasMore && (
        <Button pending={images.loadingMore} onPress={images.loadMore}>
          {common.loadMore}
        </Button>
      )}
    </div>
  );
}

function titleOf(image: Image, hubText: (text: string) => string): string {
  return image.origin === 'built-in' ? hubText(image.title) : imageTag(image);
}

function ImageCard({ image }: { image: Image }): ReactElement {
  const { start, server, common } = useTexts();
  const title = titleOf(image, common.hubText);
  const editors = image.editors.map((editor) => server.editors[editor]).join(' · ');
  return (
    <>
      <span className="card-head">
        {image.editors.length === 0 && <Icon name="terminal" size={20} />}
        {image.editors.map((editor) => (
          <Icon key={editor} name={editor} size={20} />
        ))}
        <strong className="wrap-anywhere">{title}</strong>
      </span>
      {editors !== title && <span>{editors === '' ? start.command : editors}</span>}
      {image.description !== '' && (
        <span className="davit-muted card-text">
          {image.origin === 'built-in' ? common.hubText(image.description) : image.description}
        </span>
      )}
      {image.phase !== 'ready' && <span className="card-note">{start.imageStates[image.phase]}</span>}
    </>
  );
}
