import { createServer, type Fit, type Image, type ReleasePolicy, type Sizes } from '@davit/contract';
import { Notice, ReleasePolicyChoice, TextField } from '@davit/ui';
import { useState, type ReactElement, type ReactNode } from 'react';
import { useAct } from '../../api/queries.ts';
import { useReleaseTexts, useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { fitOf, freeName } from '../../lib/fit.ts';
import { ImageCards } from './ImageCards.tsx';
import { SizeCards } from './SizeCards.tsx';
import { chosenSize, CUSTOM, firstImage, keepChoice, type StartChoice } from './startChoice.ts';
import type { StartDialogProps } from './StartDialog.tsx';
import type { StartImages } from './startImages.ts';

export interface StartFormProps extends StartDialogProps {
  images: StartImages;
  items: readonly Image[];
  sizes: Sizes;
  /** What was chosen last time. */
  last: StartChoice;
}

/** Image, size, name: all filled in, so that one press starts what was started last. */
export function StartForm(props: StartFormProps): ReactElement {
  const { images, items, sizes, last, taken, onStarted, onClose } = props;
  const { start } = useTexts();
  // The image itself, not its id: a search may take it out of the list.
  const [image, setImage] = useState(() => firstImage(items, images.first));
  const [choice, setChoice] = useState(last);
  const [typed, setTyped] = useState<string>();
  const [policy, setPolicy] = useState<ReleasePolicy>();
  const release = useReleaseTexts();
  const create = useAct(createServer, 'server');

  const size = chosenSize(sizes, choice);
  const name = typed ?? freeName(image?.name ?? '', taken);
  const { limit, used } = sizes.quota;
  const { releasePolicies } = sizes;
  const full = used.servers >= limit.servers;
  const { fit, hint } = useFit(sizes, choice, image);
  const possible = !full && image !== undefined && name.trim() !== '' && (fit === 'now' || fit === 'waits');

  const submit = (): void => {
    if (image === undefined) return;
    const amount = size === CUSTOM ? { resources: choice.own } : { preset: size };
    create.mutate(
      { body: { name, imageId: image.id, releasePolicy: policy, ...amount } },
      {
        onSuccess: () => {
          keepChoice({ ...choice, image: image.id, size });
          onStarted?.();
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
      hint={hint}
      onClose={onClose}
      onSubmit={submit}
    >
      {full && <Notice tone="warning">{start.serversUsedUp(used.servers, limit.servers)}</Notice>}
      <ImageCards images={images} items={items} value={image?.id} onChange={setImage} />
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

/** How the chosen size would fare with the image, and what to say about it. */
function useFit(
  sizes: Sizes,
  choice: StartChoice,
  image: Image | undefined,
): { fit: Fit | undefined; hint: ReactNode } {
  const { start } = useTexts();
  const size = chosenSize(sizes, choice);
  const preset = sizes.presets.find(({ id }) => id === size);
  const resources = size === CUSTOM ? choice.own : preset?.resources;
  if (image?.launch.needsGpu === true && resources?.gpu === 0) return { fit: undefined, hint: start.needsGpu };
  const fit = size === CUSTOM ? fitOf(choice.own, sizes) : preset?.fit;
  const hints = { waits: start.waitsHint, 'above-quota': start.aboveHint, never: start.neverHint, now: undefined };
  return { fit, hint: fit !== undefined && hints[fit] };
}
