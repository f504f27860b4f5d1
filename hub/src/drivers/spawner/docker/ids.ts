/** Ids become parts of paths on this machine; nothing else may. */
export function checkId(id: string): void {
  if (!/^[a-z0-9]{12}$/.test(id)) throw new Error(`"${id}" is not an id.`);
}
