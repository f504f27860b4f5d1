import { listImages, prepareImage } from '@davit/contract';
import type { ApiRouter } from '../../platform/http.ts';
import type { ImagesService } from './service.ts';

/** Binds the endpoints of images. */
export function imageRoutes(api: ApiRouter, service: ImagesService): void {
  api
    .on(listImages, ({ query }, { actor }) => service.list(actor, query))
    .on(prepareImage, ({ params }, { actor }) => service.prepare(actor, params.id));
}
