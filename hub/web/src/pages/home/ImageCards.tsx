import type { Image } from '@davit/contract';
import { Icon, imageTag, RadioCards, SearchField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { byOrigin, matchingImages } from './startChoice.ts';

/** From this many images on a search is quicker than looking. */
const SEARCH_FROM = 5;

/** The images as cards with the editors that they carry. */
export function ImageCards(props: {
  images: readonly Image[];
  value: string | undefined;
  onChange: (image: Image) => void;
}): ReactElement {
  const { start } = useTexts();
  const [search, setSearch] = useState('');
  const shown = byOrigin(matchingImages(props.images, search));
  const grouped = props.images.some(({ origin }) => origin !== 'built-in');
  return (
    <div className="image-cards">
      {props.images.length >= SEARCH_FROM && (
        <SearchField label={start.searchImages} value={search} onChange={setSearch} />
      )}
      <RadioCards
        label={start.image}
        value={props.value}
        options={shown.map((image) => ({
          id: image.id,
          label: titleOf(image),
          group: grouped ? start.groups[image.origin] : undefined,
          content: <ImageCard image={image} />,
        }))}
        onChange={(id) => {
          const image = props.images.find((one) => one.id === id);
          if (image !== undefined) props.onChange(image);
        }}
      />
      {shown.length === 0 && <p className="davit-muted">{start.noMatch}</p>}
    </div>
  );
}

function titleOf(image: Image): string {
  return image.origin === 'built-in' ? image.title : imageTag(image);
}

function ImageCard({ image }: { image: Image }): ReactElement {
  const { start, server } = useTexts();
  const editors = image.editors.map((editor) => server.editors[editor]).join(' · ');
  return (
    <>
      <span className="card-head">
        {image.editors.length === 0 && <Icon name="terminal" size={20} />}
        {image.editors.map((editor) => (
          <Icon key={editor} name={editor} size={20} />
        ))}
        <strong className="wrap-anywhere">{titleOf(image)}</strong>
      </span>
      {editors !== image.title && <span>{editors === '' ? start.command : editors}</span>}
      {image.description !== '' && <span className="davit-muted card-text">{image.description}</span>}
      {image.phase !== 'ready' && <span className="card-note">{start.imageStates[image.phase]}</span>}
    </>
  );
}
