import { deleteImage, shareImage, updateImage, type Image, type ImageShare } from '@davit/contract';
import { tagOf } from '../rows/imageRows.ts';
import { chosen, imageFor, type Command, type CommandContext } from './context.ts';
import type { Choice } from './desk.ts';

const DESCRIPTION_MAX = 2000;
const NAME_MAX = 100;
/** Stands for a line break where the editor lets one line be written only. */
const NEW_LINE = '↵';

/** Changes the description of an own image. */
export const describeImage: Command = async (context, row) => {
  const { call, desk, language, model } = context;
  const image = await imageFor(context, row);
  const { images } = language.texts;
  const written = chosen(
    await desk.write(images.describePrompt(tagOf(image), NEW_LINE), toOneLine(image.description), (value) =>
      toLines(value).length > DESCRIPTION_MAX ? images.tooLong(DESCRIPTION_MAX) : undefined,
    ),
  );
  const description = toLines(written);
  await call(updateImage, { params: { id: image.id }, body: { description } });
  model.images.outdate();
};

/** Adds an own image to the library of all, after a word on what that means. */
export const publishImage: Command = async (context, row) => {
  const { call, desk, language, model } = context;
  const image = await imageFor(context, row);
  const { images } = language.texts;
  chosen(await desk.ask(images.publishTitle(tagOf(image)), images.publishLead, images.publishSubmit));
  await call(updateImage, { params: { id: image.id }, body: { visibility: 'public' } });
  model.images.outdate();
  await desk.inform(images.published(tagOf(image)));
};

/** Takes an own image out of the library of all. */
export const unpublishImage: Command = async (context, row) => {
  const { call, desk, language, model } = context;
  const image = await imageFor(context, row);
  await call(updateImage, { params: { id: image.id }, body: { visibility: 'private' } });
  model.images.outdate();
  await desk.inform(language.texts.images.unpublished(tagOf(image)));
};

/** Adds a person or group to those who may use an own image, or takes one away. */
export const shareOwnImage: Command = async (context, row) => {
  const { call, model } = context;
  const image = await imageFor(context, row);
  const shares = await changedShares(context, image);
  await call(shareImage, {
    params: { id: image.id },
    body: { shares: shares.map(({ kind, name }) => ({ kind, name })) },
  });
  model.images.outdate();
};

/** Deletes an own image; the hub refuses while servers use it and says which. */
export const deleteOwnImage: Command = async (context, row) => {
  const { call, desk, language, model } = context;
  const image = await imageFor(context, row);
  const { images } = language.texts;
  chosen(await desk.ask(images.deleteTitle(tagOf(image)), images.deleteLead, images.deleteSubmit));
  await call(deleteImage, { params: { id: image.id } });
  model.images.outdate();
  await desk.inform(images.deleted(tagOf(image)));
};

/** Copies the name by which others find the image. */
export const copyImageName: Command = async (context, row) => {
  const { desk, language } = context;
  const image = await imageFor(context, row);
  const name = image.ownerName === null ? tagOf(image) : `${image.ownerName}/${tagOf(image)}`;
  await desk.copy(name);
  await desk.inform(language.texts.images.copied(name));
};

function toOneLine(text: string): string {
  return text
    .split(/\r?\n/)
    .join(` ${NEW_LINE} `)
    .replaceAll(/ {2,}(?=↵)/g, ' ')
    .trim();
}

function toLines(text: string): string {
  return text.replaceAll(/ ?↵ ?/g, '\n');
}

type Change = { add: ImageShare['kind'] } | { remove: ImageShare };

async function changedShares({ desk, language }: CommandContext, image: Image) {
  const { images } = language.texts;
  const choices: Choice<Change>[] = [
    { label: `$(person-add) ${images.shareUser}`, value: { add: 'user' } },
    { label: `$(organization) ${images.shareGroup}`, value: { add: 'group' } },
    ...image.shares.map((share) => ({
      label: `$(close) ${share.name}`,
      description: `${images.kinds[share.kind]} · ${images.unshare}`,
      value: { remove: share },
    })),
  ];
  const change = chosen(await desk.choose(images.shareTitle(tagOf(image)), choices));
  if ('remove' in change) return image.shares.filter((share) => share !== change.remove);
  const title = change.add === 'user' ? images.userName : images.groupName;
  const name = chosen(
    await desk.write(title, '', (value) => (value.length > NAME_MAX ? images.tooLong(NAME_MAX) : undefined)),
  ).trim();
  return name === '' ? image.shares : [...image.shares, { kind: change.add, name }];
}
