import {
  buildImage,
  deleteImage,
  getImage,
  listImages,
  prepareImage,
  setImageLaunch,
  shareImage,
  updateImage,
  uploadImage,
} from '@davit/contract';
import type { ApiRouter } from '../../platform/http.ts';
import type { DockerfileBuilds } from './jobs/dockerfileBuilds.ts';
import type { Uploads } from './jobs/uploads.ts';
import type { Library } from './library.ts';
import type { ImagesService } from './service.ts';

interface Bound {
  service: ImagesService;
  library: Library;
  uploads: Uploads;
  builds: DockerfileBuilds;
}

/** Binds the endpoints of images. */
export function imageRoutes(api: ApiRouter, { service, library, uploads, builds }: Bound): void {
  api
    .on(listImages, ({ query }, { actor }) => service.list(actor, query))
    .on(prepareImage, ({ params }, { actor }) => service.prepare(actor, params.id))
    .on(getImage, ({ params }, { actor }) => library.get(actor, params.id))
    .on(updateImage, ({ params, body }, { actor }) => library.update(actor, params.id, body))
    .on(shareImage, ({ params, body }, { actor }) => library.share(actor, params.id, body.shares))
    .on(setImageLaunch, ({ params, body }, { actor }) => library.setLaunch(actor, params.id, body))
    .on(deleteImage, ({ params }, { actor }) => library.delete(actor, params.id))
    .on(uploadImage, ({ query }, { actor, req }) => uploads.receive(actor, query, req))
    .on(buildImage, ({ body }, { actor }) => builds.start(actor, body));
}
