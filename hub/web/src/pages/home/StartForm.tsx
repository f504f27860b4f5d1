import { createServer, type Image, type ReleasePolicy, type Sizes } from '@davit/contract';
import { Notice, ReleasePolicyChoice, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useReleaseTexts, useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { fitOf, freeName } from '../../lib/fit.ts';
import { ImageCards } from './ImageCards.tsx';
import { SizeCards } from './SizeCards.tsx';
import { chosenImage, chosenSize, CUSTOM, keepChoice, lastChoice } from './startChoice.ts';
import type { StartDialogProps } from './StartDialog.tsx';

export interface StartFormProps extends StartDialogProps {
  images: readonly Image[];
  sizes: Sizes;
}

/** Image, size, name: all filled in, so that one press starts what was started last. */
export function StartForm({ images, sizes, taken, onClose }: StartFormProps): ReactElement {
  const { start } = useTexts();
  const [choice, setChoice] = useState(lastChoice);
  const [typed, setTyped] = useState<string>();
  const [policy, setPolicy] = useState<ReleasePolicy>();
  const release = useReleaseTexts();
  const create = useAct(createServer, 'server');

  const image = chosenImage(images, choice);
  const size = chosenSize(sizes, choice);
  const name = typed ?? freeName(image?.name ?? '', taken);
  const { limit, used } = sizes.quota;
  const { releasePolicies } = sizes;
  const full = used.servers >= limit.servers;
  const fit = size === CUSTOM ? fitOf(choice.own, sizes) : sizes.presets.find(({ id }) => id === size)?.fit;
  const hints = { waits: start.waitsHint, 'above-quota': start.aboveHint, never: start.neverHint, now: undefined };
  const possible = !full && image !== undefined && name.trim() !== '' && (fit === 'now' || fit === 'waits');

  const submit = (): void => {
    if (image === undefined) return;
    const amount = size === CUSTOM ? { resources: choice.own } : { preset: size };
    create.mutate(
      { body: { name, imageId: image.id, releasePolicy: policy, ...amount } },
      {
        onSuccess: () => {
          keepChoice({ ...choice, image: image.name, size });
          onClose();
        },
      },
    );
  };

  return (
    <ActDialog
      title={start.title}
      size="large"
      submit={start.submit}
      act={create}
      disabled={!possible}
      hint={fit !== undefined && hints[fit]}
      onClose={onClose}
      onSubmit={submit}
    >
      {full && <Notice tone="warning">{start.serversUsedUp(used.servers, limit.servers)}</Notice>}
      <ImageCards
        images={images}
        value={image?.id}
        onChange={({ name: next }) => setChoice({ ...choice, image: next })}
      />
      <SizeCards
        sizes={sizes}
        value={size}
        own={choice.own}
        onChange={(next) => setChoice({ ...choice, size: next })}
        onOwn={(own) => setChoice({ ...choice, own })}
      />
      <div className="start-name">
        <TextField label={start.name} name="name" value={name} onChange={setTyped} maxLength={60} required />
      </div>
      <details className="start-more">
        <summary>{start.more}</summary>
        <ReleasePolicyChoice
          value={policy ?? releasePolicies.default}
          allowed={releasePolicies.allowed}
          texts={release}
          onChange={setPolicy}
        />
      </details>
    </ActDialog>
  );
}
