import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '../../../scripts/setup/run.mjs';
import { REGISTRY } from './settings.mjs';

/** The image of which every pod's first process is started. */
export const PAUSE_IMAGE = `${REGISTRY}/davit-dev/pause:1`;

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/**
 * Pushes an image of one program to the cluster's registry; no container engine is needed for that.
 * @param {string} reference  `host:port/repository:tag`
 * @param {string} program  path of a static program; in the image it lies in the root, under `name`
 * @param {string} name
 */
export async function pushProgramImage(reference, program, name) {
  const { repository, tag } = parse(reference);
  const layer = layerOf(program, name);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: [`/${name}`] },
      rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, size: config.length, digest: digest(config) },
    layers: [{ mediaType: LAYER, size: layer.length, digest: digest(layer) }],
  };
  await pushBlob(repository, layer);
  await pushBlob(repository, config);
  const headers = { 'content-type': MANIFEST };
  await call(`/v2/${repository}/manifests/${tag}`, { method: 'PUT', headers, body: JSON.stringify(manifest) });
}

/** Whether the registry answers. */
export async function registryAnswers() {
  return (await fetch(`http://${REGISTRY}/v2/`)).ok;
}

/** Whether the registry has an image. @param {string} reference */
export async function hasImage(reference) {
  const { repository, tag } = parse(reference);
  const answer = await fetch(`http://${REGISTRY}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: MANIFEST },
  });
  return answer.ok;
}

/** @param {string} program @param {string} name */
function layerOf(program, name) {
  const directory = mkdtempSync(join(tmpdir(), 'davit-layer-'));
  try {
    copyFileSync(program, join(directory, name));
    const args = ['--create', '--numeric-owner', '--owner=0', '--group=0', '--mtime=@0', '-C', directory, name];
    return execFileSync('tar', args, { maxBuffer: 256 * 1024 * 1024 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {string} reference */
function parse(reference) {
  const [, repository = '', tag = ''] = /^[^/]+\/(.+):([^:]+)$/.exec(reference) ?? [];
  return { repository, tag };
}

/** @param {Buffer} content */
function digest(content) {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** @param {string} repository @param {Buffer} content */
async function pushBlob(repository, content) {
  const begun = await call(`/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location') ?? '', `http://${REGISTRY}`);
  place.searchParams.set('digest', digest(content));
  const headers = { 'content-type': 'application/octet-stream' };
  await call(place, { method: 'PUT', headers, body: new Uint8Array(content) });
}

/** @param {string | URL} path @param {RequestInit} options */
async function call(path, options) {
  const answer = await fetch(new URL(path, `http://${REGISTRY}`), options);
  if (!answer.ok) {
    throw new SetupError(`The registry refused ${options.method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return answer;
}
