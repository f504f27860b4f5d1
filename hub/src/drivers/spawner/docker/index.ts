export { connectEngine, type Engine } from './connect.ts';
export { createDockerSpawner, type DockerSpawner } from './dockerSpawner.ts';
export type { DockerSettings } from './settings.ts';
