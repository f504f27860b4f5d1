/**
 * The values of the Helm chart that name its images: `images.host`, and `<repository>:<tag>` of each part of Davit, by its
 * name in camel case. JSON, which is YAML too. `pushed` are references as pushImage() gives them, by names of images.
 */
export function chartValues(pushed: ReadonlyMap<string, string>): string {
  const images: Record<string, string> = {};
  for (const [name, ref] of pushed) {
    const [host = '', ...path] = ref.split('/');
    images['host'] = host;
    images[name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = path.join('/');
  }
  return `${JSON.stringify({ images }, undefined, 2)}\n`;
}
