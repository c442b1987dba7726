/** Whether a value of an address is the number of a page; the first is not written there. */
export function isPage(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1
}

export function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}

/** Those of an address that are text; what looks like a number is one in an address. */
export function texts<Name extends string>(
  search: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): { readonly [One in Name]?: string } {
  const found: { [One in Name]?: string } = {}
  for (const name of names) {
    const value = search[name]
    if (typeof value === 'number') found[name] = String(value)
    if (typeof value === 'string' && value !== '') found[name] = value
  }
  return found
}
