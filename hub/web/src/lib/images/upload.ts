import { ApiError, problemSchema, uploadImage, urlOf, type ImageJob, type RouteCall } from '@davit/contract';

/** How far an upload is, in bytes. */
export interface Sent {
  done: number;
  total: number;
}

/**
 * Sends an archive as it is. By XMLHttpRequest, because fetch does not tell how much of a body has left. Rejects with
 * ApiError for what the hub refuses, with any other error when there was no answer or the signal stopped it.
 */
export function sendArchive(
  file: File,
  query: RouteCall<typeof uploadImage>['query'],
  { signal, onSent }: { signal: AbortSignal; onSent: (sent: Sent) => void },
): Promise<ImageJob> {
  const request = new XMLHttpRequest();
  const { promise, resolve, reject } = Promise.withResolvers<ImageJob>();
  request.open(uploadImage.method, urlOf(uploadImage, undefined, query));
  request.setRequestHeader('content-type', 'application/x-tar');
  request.upload.addEventListener('progress', ({ loaded, total }) => onSent({ done: loaded, total }));
  request.addEventListener('load', () => {
    if (request.status === uploadImage.status) resolve(uploadImage.response.parse(JSON.parse(request.responseText)));
    else reject(refusal(request.responseText));
  });
  for (const event of ['error', 'abort', 'timeout']) {
    request.addEventListener(event, () => reject(new Error('The upload was not answered.')));
  }
  signal.addEventListener('abort', () => request.abort());
  request.send(file);
  return promise;
}

function refusal(text: string): Error {
  try {
    return new ApiError(problemSchema.parse(JSON.parse(text)));
  } catch {
    return new Error('The answer is not one of the hub.');
  }
}
